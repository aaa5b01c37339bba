import RecurrentCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A change of the level of a series by a factor of 100 or more that lasts to its end: of grams and kilograms, for
/// example.
struct UnitChange: Hashable {
  /// The first step of the new level.
  let step: Int
  /// The median magnitude after the change, divided by that before.
  let factor: Double

  /// The least factor.
  private static let least = 100.0
  /// The least number of values on either side.
  private static let side = 8

  /// The change in some values; nil if there is none. Missing values and zeros have no level.
  init?(of values: [Float]) {
    let steps = values.indices.filter { !values[$0].isNaN && values[$0] != 0 }
    guard steps.count >= 2 * Self.side else { return nil }
    let levels = steps.map { log(Double(values[$0].magnitude)) }
    guard let split = Self.split(of: levels) else { return nil }
    // At once, not by growth: the neighbours differ as much as the sides.
    let (before, after) = (levels[..<split], levels[split...])
    let change = Self.median(after) - Self.median(before)
    let jump = Self.median(after.prefix(Self.side)) - Self.median(before.suffix(Self.side))
    guard min(change.magnitude, jump.magnitude) > log(Self.least), change.sign == jump.sign else { return nil }
    // Apart, not a mixture: few values are on the wrong side of the middle.
    let middle = (Self.median(before) + Self.median(after)) / 2
    let wrong = before.count { ($0 > middle) == (change > 0) } + after.count { ($0 < middle) == (change > 0) }
    guard wrong * 20 <= levels.count else { return nil }
    (step, factor) = (steps[split], exp(change))
  }

  /// The split into two parts with the least squared deviations from their means.
  private static func split(of levels: [Double]) -> Int? {
    let total = levels.reduce(0, +)
    var (sum, best, split) = (0.0, -1.0, Int?.none)
    for (place, level) in levels.enumerated().dropLast(side) {
      sum += level
      let count = Double(place + 1)
      guard place + 1 >= side else { continue }
      let difference = sum / count - (total - sum) / (Double(levels.count) - count)
      let gain = difference * difference * count * (Double(levels.count) - count)
      if gain > best { (best, split) = (gain, place + 1) }
    }
    return split
  }

  private static func median(_ values: ArraySlice<Double>) -> Double {
    let sorted = values.sorted()
    return sorted[sorted.count / 2]
  }
}
