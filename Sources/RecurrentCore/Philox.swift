/// Philox 4×32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): a random number is a pure
/// function of a key and a counter, so every device draws the same ones in any order.
package struct Philox: Sendable {
  /// The seed.
  package let key: UInt64

  /// The generator of a seed.
  package init(key: UInt64) {
    self.key = key
  }

  /// Four random words for a counter.
  package func callAsFunction(_ counter: SIMD4<UInt32>) -> SIMD4<UInt32> {
    var counter = counter
    var low = UInt32(truncatingIfNeeded: key)
    var high = UInt32(truncatingIfNeeded: key >> 32)
    for _ in 0..<10 {
      let a = counter.x.multipliedFullWidth(by: 0xD251_1F53)
      let b = counter.z.multipliedFullWidth(by: 0xCD9E_8D57)
      counter = SIMD4(b.high ^ counter.y ^ low, b.low, a.high ^ counter.w ^ high, a.low)
      low &+= 0x9E37_79B9
      high &+= 0xBB67_AE85
    }
    return counter
  }
}

/// Identifies one random mask, which is the same on every backend for the same values.
///
/// Element `i` (row-major over rows × columns) takes word `i % 4` of
/// `Philox(key: seed)(SIMD4(i / 4, layer, step mod 2³², step / 2³²))`.
public struct RandomKey: Hashable, Sendable {
  /// The run's seed.
  package var seed: UInt64
  /// The training step.
  package var step: UInt64
  /// The index of the random operation within the model.
  package var layer: UInt32

  /// The key of one mask.
  public init(seed: UInt64, step: UInt64, layer: UInt32) {
    self.seed = seed
    self.step = step
    self.layer = layer
  }
}
