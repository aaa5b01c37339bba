/// Reads decimal numbers from bytes.
enum NumberScanner {
  /// The content of a field.
  enum Content<Value> {
    case value(Value)
    /// Nothing, or a sign of a missing value.
    case missing
    /// `inf`, or a number beyond the range.
    case infinite
    case text
  }

  /// Signs of missing values, in lower case.
  private static let missing: Set<[UInt8]> = Set(
    ["na", "n/a", "#n/a", "nan", "-nan", "null", "nil", "none", "-", "--", "?", "."].map { Array($0.utf8) })
  private static let infinite: Set<[UInt8]> = Set(
    ["inf", "infinity", "+inf", "-inf", "-infinity", "+infinity"].map { Array($0.utf8) })

  /// The powers of ten that are exact.
  private static let powers: [Double] = (0...22).map { (0..<$0).reduce(1.0) { power, _ in power * 10 } }

  /// Whether a text is a number with a decimal comma or thousands separators: `3,14`, `1,234.5`, `1 234`.
  static func hasSeparators(_ bytes: ArraySlice<UInt8>) -> Bool {
    let text = String(decoding: bytes, as: UTF8.self)
    let number = /\s*[-+]?(?:\d+,\d+|\d{1,3}(?:[,.'’\s]\d{3})+(?:[.,]\d+)?)\s*/
    return text.wholeMatch(of: number) != nil
  }

  /// The number as a `Float`.
  static func float(in bytes: [UInt8], _ range: Range<Int>) -> Content<Float> {
    switch double(in: bytes, range) {
    case .value(let number): Float(number).isFinite ? .value(Float(number)) : .infinite
    case .missing: .missing
    case .infinite: .infinite
    case .text: .text
    }
  }

  /// The number, within a rounding error of the nearest `Double`; blanks around it are skipped.
  static func double(in bytes: [UInt8], _ range: Range<Int>) -> Content<Double> {
    var (place, end) = (range.lowerBound, range.upperBound)
    while place < end, bytes[place].isBlankOrTab { place += 1 }
    while place < end, bytes[end - 1].isBlankOrTab { end -= 1 }
    guard place < end else { return .missing }
    let start = place
    let isNegative = bytes[place] == UInt8(ascii: "-")
    if isNegative || bytes[place] == UInt8(ascii: "+") { place += 1 }
    var mantissa: UInt64 = 0
    var (digits, exponent) = (0, 0)
    var hasPoint = false
    scan: while place < end {
      let byte = bytes[place]
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        // Nineteen digits fit into 64 bits; more do not change a `Double`.
        if mantissa < 1_000_000_000_000_000_000 {
          mantissa = mantissa * 10 + UInt64(byte - UInt8(ascii: "0"))
          if hasPoint { exponent -= 1 }
        } else if !hasPoint {
          exponent += 1
        }
        digits += 1
      case UInt8(ascii: ".") where !hasPoint: hasPoint = true
      default: break scan
      }
      place += 1
    }
    guard digits > 0 else { return word(bytes[start..<end]) }
    if place < end {
      guard bytes[place] | 0x20 == UInt8(ascii: "e"), let power = power(bytes[(place + 1)..<end]) else { return .text }
      exponent += power
    }
    guard mantissa > 0 else { return .value(isNegative ? -0.0 : 0) }
    var number = Double(mantissa)
    if exponent.magnitude <= 22 {
      number = exponent < 0 ? number / powers[-exponent] : number * powers[exponent]
    } else {
      number = Double(String(decoding: bytes[start..<end], as: UTF8.self))?.magnitude ?? .infinity
    }
    return number.isFinite ? .value(isNegative ? -number : number) : .infinite
  }

  /// An exponent; nil for other text.
  private static func power(_ bytes: ArraySlice<UInt8>) -> Int? {
    let digits = bytes.first == UInt8(ascii: "-") || bytes.first == UInt8(ascii: "+") ? bytes.dropFirst() : bytes
    guard (1...6).contains(digits.count), digits.allSatisfy(\.isDigit) else { return nil }
    let value = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    return bytes.first == UInt8(ascii: "-") ? -value : value
  }

  private static func word<Value>(_ bytes: ArraySlice<UInt8>) -> Content<Value> {
    guard bytes.count <= 9 else { return .text }
    let word = bytes.map { $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") ? $0 | 0x20 : $0 }
    return missing.contains(word) ? .missing : infinite.contains(word) ? .infinite : .text
  }
}
