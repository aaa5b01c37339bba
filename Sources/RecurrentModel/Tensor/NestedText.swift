/// Elements with a shape, printed like NumPy and PyTorch: brackets for axes, columns of equal width; of more than 1,000
/// elements only the first and last three along each axis.
struct NestedText {
  private let shape: [Int]
  private let texts: [Int: String]
  private let width: Int
  private let isElided: Bool

  private static let mostElements = 1000
  private static let edge = 3
  private static let lineWidth = 80

  /// Floats: with four decimals, in scientific notation, or as integers if all are whole.
  static func of(_ values: [Float], shape: [Int]) -> String {
    let places = Self.places(shape, isElided: shape.elementCount > mostElements)
    let format = NumberFormat(of: places.lazy.map { values[$0] })
    return NestedText(shape, places) { format.text(values[$0]) }.description
  }

  /// Integers.
  static func of(_ values: [Int32], shape: [Int]) -> String {
    NestedText(shape, Self.places(shape, isElided: shape.elementCount > mostElements)) { "\(values[$0])" }.description
  }

  private init(_ shape: [Int], _ places: [Int], text: (Int) -> String) {
    self.shape = shape
    isElided = shape.elementCount > Self.mostElements
    let texts = Dictionary(uniqueKeysWithValues: places.map { ($0, text($0)) })
    self.texts = texts
    width = texts.values.map(\.count).max() ?? 0
  }

  /// The text with its brackets.
  private var description: String { text(axis: 0, start: 0) }

  private func text(axis: Int, start: Int) -> String {
    guard axis < shape.count else { return texts[start] ?? "" }
    let stride = shape[(axis + 1)...].elementCount
    let parts = Self.shown(shape[axis], isElided: isElided).map { index in
      index.map { text(axis: axis + 1, start: start + $0 * stride) } ?? "..."
    }
    let indentation = String(repeating: " ", count: axis + 1)
    guard axis == shape.count - 1 else {
      let gap = String(repeating: "\n", count: shape.count - 1 - axis)
      return "[" + parts.joined(separator: "," + gap + indentation) + "]"
    }
    let perLine = max(1, (Self.lineWidth - axis - 1) / (width + 2))
    let lines = Swift.stride(from: 0, to: parts.count, by: perLine).map { first in
      parts[first..<min(first + perLine, parts.count)].map { $0 == "..." ? $0 : $0.leading(to: width) }
        .joined(separator: ", ")
    }
    return "[" + lines.joined(separator: ",\n" + indentation) + "]"
  }

  /// The indices along an axis that are printed; nil for the ellipsis.
  private static func shown(_ length: Int, isElided: Bool) -> [Int?] {
    guard isElided, length > 2 * edge else { return Array(0..<length) }
    return Array(0..<edge) + [nil] + Array(length - edge..<length)
  }

  /// The positions of the printed elements.
  private static func places(_ shape: [Int], isElided: Bool) -> [Int] {
    shape.reduce([0]) { places, length in
      places.flatMap { place in shown(length, isElided: isElided).compactMap { $0.map { place * length + $0 } } }
    }
  }
}

/// The format of a column of numbers.
private enum NumberFormat {
  case whole, fixed, scientific

  init(of values: some Sequence<Float>) {
    let sizes = values.filter { $0.isFinite && $0 != 0 }.map { Double($0.magnitude) }
    let (least, most) = (sizes.min() ?? 1, sizes.max() ?? 1)
    if most > 1e8 {
      self = .scientific
    } else if sizes.allSatisfy({ $0 == $0.rounded() }) {
      self = .whole
    } else {
      self = most > 1000 * least || least < 1e-4 ? .scientific : .fixed
    }
  }

  func text(_ value: Float) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    switch self {
    case .whole: return Double(value).text(0) + "."
    case .fixed: return Double(value).text(4)
    case .scientific: return Self.scientific(Double(value))
    }
  }

  /// `1.2346e+05`.
  private static func scientific(_ value: Double) -> String {
    var (mantissa, exponent) = (value.magnitude, 0)
    while mantissa >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    while mantissa > 0, mantissa < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
    if (mantissa * 1e4).rounded() >= 1e5 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    let digits = "\(exponent.magnitude)"
    return (value < 0 ? "-" : "") + mantissa.text(4) + (exponent < 0 ? "e-" : "e+")
      + (digits.count < 2 ? "0" : "") + digits
  }
}
