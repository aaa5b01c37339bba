import RecurrentCore

/// A stream of random numbers that depends only on its name.
struct Draws {
  private let philox: Philox
  private var drawn: UInt32 = 0
  /// Four words at a time.
  private var block = SIMD4<UInt32>()

  init(_ name: String) {
    philox = Philox(key: fnv1a(name.utf8))
  }

  mutating func word() -> UInt32 {
    let place = drawn % 4
    if place == 0 { block = philox(SIMD4(drawn / 4, 0, 0, 0)) }
    drawn += 1
    return block[Int(place)]
  }

  /// Uniform in the range.
  mutating func uniform(_ range: ClosedRange<Float>) -> Float {
    let unit = Float(word() >> 8) / 16_777_216
    return range.lowerBound + unit * (range.upperBound - range.lowerBound)
  }

  /// Uniform in `0 ..< bound`.
  mutating func index(_ bound: Int) -> Int { Int((UInt64(word()) * UInt64(bound)) >> 32) }
}
