#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// An axis of values, whose ticks are multiples of 1, 2 or 5 times a power of ten.
///
/// Its rows are lines of text, or pixels. Each stands for the same number of values, and each tick is the middle of a row.
struct ValueAxis {
  /// A tick.
  struct Tick: Equatable {
    /// The row, from 0 at the bottom.
    var row: Int
    var label: String
  }

  /// The ticks, from the bottom.
  let ticks: [Tick]
  /// The number of rows.
  let rows: Int
  /// The middle of the lowest row.
  private let low: Double
  /// The values from row to row.
  private let unit: Double

  /// The axis that uses most of the rows, with few ticks.
  /// - Parameters:
  ///   - values: The smallest and the largest value; nil for none.
  ///   - rows: The number of rows, at least 3.
  ///   - spacing: The least number of rows from tick to tick.
  ///   - isLogarithmic: Whether the values are decimal logarithms of those that the ticks show.
  init(_ values: ClosedRange<Double>?, rows: Int, spacing: Int, isLogarithmic: Bool = false) {
    let values = isLogarithmic ? Self.decades(values ?? 0...1) : Self.widened(values ?? 0...1)
    let extent = values.upperBound - values.lowerBound
    let exponent = Int(log10(extent).rounded(.down))
    var best: (score: Double, tick: Decimal, spacing: Int) = (
      -1, Decimal(significand: 1, exponent: exponent + 1), spacing
    )
    let least = isLogarithmic ? 0 : Int.min
    for exponent in max(exponent - 2, least)...max(exponent, least) {
      for factor in [1, 2, 5] {
        let tick = Decimal(significand: factor, exponent: exponent)
        let ticks = tick.multiples(in: values).count
        for distance in spacing...max(spacing, rows - 1) {
          let used = Self.rows(values, unit: tick.value / Double(distance)).count
          guard used <= rows else { break }
          let score =
            Double(used) / Double(rows) - (ticks < 2 ? 0.6 : ticks < 3 ? 0.15 : 0) - 0.02 * Double(abs(ticks - 5))
          if score > best.score { best = (score, tick, distance) }
        }
      }
    }
    unit = best.tick.value / Double(best.spacing)
    let range = Self.rows(values, unit: unit)
    let bottom = range.lowerBound
    low = Double(bottom) * unit
    self.rows = range.count
    let multiples = range.filter { $0 % best.spacing == 0 }
    let numbers = multiples.map {
      Decimal(significand: $0 / best.spacing * best.tick.significand, exponent: best.tick.exponent)
    }
    let labels = isLogarithmic ? numbers.map { "1e" + $0.value.text(0) } : Self.labels(numbers)
    ticks = zip(multiples, labels).map { Tick(row: $0 - bottom, label: $1) }
  }

  /// The axis of a panel whose values are positions on it.
  init(of panel: TimeChart.Panel, rows: Int, spacing: Int) {
    self.init(ChartScale.values(of: panel), rows: rows, spacing: spacing, isLogarithmic: panel.isLogarithmic)
  }

  /// The row of a value, with a fraction: 0 in the middle of the lowest.
  func row(_ value: Double) -> Double { (value - low) / unit }

  /// The rows of values, counted from 0.
  private static func rows(_ values: ClosedRange<Double>, unit: Double) -> ClosedRange<Int> {
    Int((values.lowerBound / unit).rounded())...Int((values.upperBound / unit).rounded())
  }

  /// Values that are all equal are in the middle of an axis, a tenth of them to either side.
  private static func widened(_ values: ClosedRange<Double>) -> ClosedRange<Double> {
    let size = max(abs(values.lowerBound), abs(values.upperBound))
    guard values.upperBound - values.lowerBound <= size * 1e-9 else { return values }
    let margin = size == 0 ? 1 : size / 10
    return values.lowerBound - margin...values.upperBound + margin
  }

  /// Whole powers of ten around logarithms.
  private static func decades(_ values: ClosedRange<Double>) -> ClosedRange<Double> {
    let high = values.upperBound.rounded(.up)
    return min(values.lowerBound.rounded(.down), high - 1)...high
  }

  /// The numbers with the same digits after the point; with an exponent if that is shorter and the numbers are long.
  private static func labels(_ ticks: [Decimal]) -> [String] {
    let digits = max(0, -(ticks.first?.exponent ?? 0))
    let plain = ticks.map { digits == 0 ? $0.value.whole : $0.value.text(digits) }
    guard let length = plain.map(\.count).max(), length > 9 else { return plain }
    let largest = ticks.map { abs($0.value) }.max() ?? 0
    let exponent = Int(log10(largest).rounded(.down))
    let short = ticks.map { tick -> String in
      let mantissa = Decimal(significand: tick.significand, exponent: tick.exponent - exponent)
      return tick.significand == 0 ? "0" : mantissa.value.text(max(0, exponent - tick.exponent)) + "e\(exponent)"
    }
    return short.map(\.count).max() ?? 0 < length ? short : plain
  }
}

/// A number `significand · 10^exponent`.
private struct Decimal {
  let significand: Int
  let exponent: Int

  /// Which multiples of the number are in a range.
  func multiples(in range: ClosedRange<Double>) -> Range<Int> {
    let first = Int((range.lowerBound / value).rounded(.up))
    return first..<max(first, Int((range.upperBound / value).rounded(.down)) + 1)
  }

  var value: Double {
    exponent < 0 ? Double(significand) / pow(10, Double(-exponent)) : Double(significand) * pow(10, Double(exponent))
  }
}

extension Double {
  /// A whole number with thousands separators, from five digits.
  fileprivate var whole: String {
    guard magnitude < 1e15 else { return text(0) }
    return magnitude < 10_000 ? text(0) : Int(self).grouped
  }
}
