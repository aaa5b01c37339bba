#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Random numbers on the host, drawn one after another from Philox: the same on every machine for one seed and stream.
///
/// Number i of a stream is word `i % 4` of `Philox(key: seed)(SIMD4(i / 4 mod 2³², i / 2³⁴, stream, 2³² − 1))`. The last word
/// sets them apart from random masks (`RandomKey`), which would have it only after 2⁶⁴ − 2³² steps.
public struct RandomSource: Sendable {
  /// The stream that a `Sampler` draws from. A model's parameters draw from 0, 1, 2 and so on.
  package static let samplingStream: UInt32 = .max
  /// The stream that decides which examples are set apart.
  package static let splitStream: UInt32 = .max - 1
  /// The stream that the batches of an epoch are drawn from. No model has as many parameters as there are streams before it.
  package static func batchStream(epoch: Int) -> UInt32 { 1 << 31 | UInt32(truncatingIfNeeded: epoch) }
  /// The stream that the subwords of an epoch are drawn from. No run has as many epochs as there are streams before it.
  package static func subwordStream(epoch: Int) -> UInt32 { 3 << 30 | UInt32(truncatingIfNeeded: epoch) }

  private let philox: Philox
  private let stream: UInt32
  private var drawn: UInt64 = 0
  private var words: SIMD4<UInt32> = .zero

  /// The start of a stream. Streams of one seed are independent.
  public init(seed: UInt64, stream: UInt32 = 0) {
    philox = Philox(key: seed)
    self.stream = stream
  }

  /// The next 32 random bits.
  public mutating func next() -> UInt32 {
    let place = Int(drawn % 4)
    if place == 0 {
      let counter = drawn / 4
      words = philox(
        SIMD4(
          UInt32(truncatingIfNeeded: counter), UInt32(truncatingIfNeeded: counter >> 32), stream, .max))
    }
    drawn += 1
    return words[place]
  }

  /// The next number in `0 ..< 1`.
  public mutating func uniform() -> Double { Double(next()) * 0x1p-32 }

  /// The next number of the standard normal distribution (Box and Muller 1958).
  public mutating func normal() -> Double {
    let radius = sqrt(-2 * log(1 - uniform()))
    return radius * cos(2 * .pi * uniform())
  }

  /// The next integer in `0 ..< bound`.
  public mutating func integer(below bound: Int) -> Int { Int(uniform() * Double(bound)) }

  /// The numbers `0 ..< count` in random order.
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) { order.swapAt(last, integer(below: last + 1)) }
    return order
  }
}
