import RecurrentCore

/// A stream of random numbers that depends only on its name.
struct Draws {
  private let philox: Philox
  private var drawn: UInt32 = 0

  init(_ name: String) {
    philox = Philox(key: fnv1a(name.utf8))
  }

  mutating func word() -> UInt32 {
    defer { drawn += 1 }
    return philox(SIMD4(drawn / 4, 0, 0, 0))[Int(drawn % 4)]
  }

  /// Uniform in the range.
  mutating func uniform(_ range: ClosedRange<Float>) -> Float {
    let unit = Float(word() >> 8) / 16_777_216
    return range.lowerBound + unit * (range.upperBound - range.lowerBound)
  }

  /// Uniform in `0 ..< bound`.
  mutating func index(_ bound: Int) -> Int { Int((UInt64(word()) * UInt64(bound)) >> 32) }
}
