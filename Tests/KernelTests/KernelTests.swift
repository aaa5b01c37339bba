import RecurrentCore

/// Numbers that are the same in every run.
struct Seeded {
  private let philox: Philox
  private var counter: UInt32 = 0

  init(seed: UInt64) { philox = Philox(key: seed) }

  /// Uniform in −scale ..< scale.
  mutating func values(_ count: Int, scale: Float = 1) -> [Float] {
    (0..<count).map { _ in
      counter += 1
      return (Float(philox(SIMD4(counter, 0, 0, 0)).x >> 8) / 8_388_608 - 1) * scale
    }
  }
}

/// Σ (found − expected)² / Σ expected²; infinite where the counts differ or a number is not finite.
func squaredError(_ found: [Float], _ expected: [Float]) -> Double {
  guard found.count == expected.count, found.allSatisfy(\.isFinite) else { return .infinity }
  let difference = zip(found, expected).reduce(0.0) {
    $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1))
  }
  let size = expected.reduce(0.0) { $0 + Double($1) * Double($1) }
  return difference / max(size, .leastNormalMagnitude)
}
