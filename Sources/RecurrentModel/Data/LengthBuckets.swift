import RecurrentCore

/// Batches of examples of similar length, so that little of a batch is padding; nobody has to sort anything.
///
/// Each epoch shuffles all examples, sorts them by length within pools only, of 100 batches or a quarter of all, and shuffles
/// the batches: chance still decides who meets whom. The same seed and epoch give the same batches on every machine.
///
/// Examples that are far longer than most meet each other only, few in a batch or none.
public struct LengthBuckets: Sendable {
  /// The most batches whose examples are sorted together. Of reviews (IMDb, batches of 32) 69 % would be padding without, and
  /// 10 % is with 32; with 100 it is 4 %.
  private static let largestPool = 100

  /// The most steps of a batch's rows together where batches are by length: 131,072.
  private static let mostSteps = 1 << 17

  /// How many times as long as the median example one is that does not meet those of usual length, if a batch of such
  /// examples would have more than `mostSteps`.
  private static let farLonger = 8

  private let lengths: [Int]
  private let batch: Int
  private let seed: UInt64
  /// The examples of usual length, in their order.
  private let usual: [Int]
  /// The batches of the others, in every epoch the same.
  private let long: [[Int]]

  /// Batches of examples.
  /// - Parameters:
  ///   - lengths: The steps of each example.
  ///   - batch: How many examples a batch has; the smallest has what is left over.
  ///   - seed: What the order of examples and batches follows from.
  /// - Throws: `RecurrentError.invalidArgument` if `batch` is not positive.
  public init(lengths: [Int], batch: Int, seed: UInt64 = 0) throws {
    try requirePositive([("batch", batch)], at: "LengthBuckets")
    // No batch is larger than all examples together, whatever is asked for.
    (self.lengths, self.batch, self.seed) = (lengths, min(batch, max(1, lengths.count)), seed)
    let median = lengths.sorted().dropFirst((lengths.count - 1) / 2).first ?? 0
    let longest = max(Self.mostSteps / self.batch, Self.farLonger * median)
    usual = lengths.indices.filter { lengths[$0] <= longest }
    long = Self.small(
      Self.byLength(lengths.indices.filter { lengths[$0] > longest }, lengths), lengths, batch: self.batch)
  }

  /// The number of batches of an epoch.
  public var count: Int { usualCount + long.count }

  private var usualCount: Int { (usual.count + batch - 1) / batch }

  /// The batches of an epoch, to train on: places of examples, each of them once.
  public func batches(epoch: Int) -> [[Int]] {
    var random = RandomSource(seed: seed, stream: RandomSource.batchStream(epoch: epoch))
    let order = random.permutation(usual.count).map { usual[$0] }
    let pool = min(Self.largestPool, max(1, usualCount / 4))
    let batches = pieces(of: order, pool * batch).flatMap { pieces(of: Self.byLength($0, lengths), batch) } + long
    return random.permutation(batches.count).map { batches[$0] }
  }

  /// The batches of all examples by length, to measure with: the least padding, and no chance. Very long examples meet fewer
  /// others, or none: a text of 100,000 tokens must not make 49 short ones as long.
  public var sorted: [[Int]] {
    Self.small(Self.byLength(Array(lengths.indices), lengths), lengths, batch: batch)
  }

  /// Batches of examples that are by length, of at most `mostSteps` if they are of more than one.
  private static func small(_ examples: [Int], _ lengths: [Int], batch: Int) -> [[Int]] {
    examples.reduce(into: []) { batches, example in
      let rows = (batches.last?.count ?? batch) + 1
      if rows > batch || rows * lengths[example] > mostSteps {
        batches.append([example])
      } else {
        batches[batches.count - 1].append(example)
      }
    }
  }

  /// The share of a batch's steps that is padding, of all steps of the batches together: 0 where there are none.
  public func padding(of batches: [[Int]]) -> Double {
    var (real, all) = (0, 0)
    for batch in batches {
      real += batch.reduce(0) { $0 + lengths[$1] }
      all += batch.count * (batch.map { lengths[$0] }.max() ?? 0)
    }
    return all == 0 ? 0 : 1 - Double(real) / Double(all)
  }

  /// The share of padding in the first epoch; others differ little.
  public var padding: Double { padding(of: batches(epoch: 0)) }

  /// The examples by length, those of one length in the order that they had.
  private static func byLength(_ examples: [Int], _ lengths: [Int]) -> [Int] {
    examples.enumerated().sorted { (lengths[$0.element], $0.offset) < (lengths[$1.element], $1.offset) }.map(\.element)
  }

  private func pieces(of examples: [Int], _ size: Int) -> [[Int]] {
    stride(from: 0, to: examples.count, by: size).map { Array(examples[$0..<min($0 + size, examples.count)]) }
  }
}
