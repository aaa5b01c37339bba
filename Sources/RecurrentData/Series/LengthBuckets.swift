import RecurrentCore

/// Batches of examples of similar length, to reduce padding; examples need not be sorted.
///
/// Each epoch shuffles all examples, sorts them by length only within pools of 100 batches or a quarter of the data,
/// and shuffles the batches, so that batches stay random. The same seed and epoch give the same batches on every
/// machine.
///
/// Examples far longer than most share batches only with each other, in smaller batches, or are batches of one.
public struct LengthBuckets: Sendable {
  /// The largest number of batches whose examples are sorted together. For IMDb reviews in batches of 32, padding is 69
  /// % without sorting, 10 % with 32 batches per pool and 4 % with 100.
  private static let largestPool = 100

  /// The largest number of steps (rows × length) in a batch sorted by length: 131,072.
  private static let mostSteps = 1 << 17

  /// Examples more than this many times as long as the median share no batch with others, if a batch of them would
  /// exceed `mostSteps`.
  private static let farLonger = 8

  private let lengths: [Int]
  /// The order of examples of the same length; empty for none.
  private let others: [Int]
  private let batch: Int
  private let seed: UInt64
  /// The examples of usual length, in their original order.
  private let usual: [Int]
  /// The batches of the long examples, the same in every epoch.
  private let long: [[Int]]

  /// Batches of examples by length.
  /// - Parameters:
  ///   - lengths: The steps of each example.
  ///   - others: A second length, by which examples of the same length are sorted: that of the target. Empty for none.
  ///   - batch: The batch size; the last batch may be smaller.
  ///   - seed: The random seed of the order of examples and batches.
  /// - Throws: `RecurrentError.invalidArgument` if `batch` is not positive.
  public init(lengths: [Int], others: [Int] = [], batch: Int, seed: UInt64 = 0) throws {
    try requirePositive([("batch", batch)], at: "LengthBuckets")
    // No batch is larger than the data set.
    (self.lengths, self.batch, self.seed) = (lengths, min(batch, max(1, lengths.count)), seed)
    self.others = others.isEmpty ? [Int](repeating: 0, count: lengths.count) : others
    let median = lengths.sorted().dropFirst((lengths.count - 1) / 2).first ?? 0
    let longest = max(Self.mostSteps / self.batch, Self.farLonger * median)
    usual = lengths.indices.filter { lengths[$0] <= longest }
    long = Self.small(
      Self.byLength(lengths.indices.filter { lengths[$0] > longest }, lengths, self.others), lengths, batch: self.batch)
  }

  /// The number of batches per epoch.
  public var count: Int { usualCount + long.count }

  private var usualCount: Int { (usual.count + batch - 1) / batch }

  /// The training batches of an epoch: indices of examples, each once.
  public func batches(epoch: Int) -> [[Int]] { batches(epoch: epoch, lengths: lengths, others: others) }

  /// The training batches of an epoch in which the examples have other lengths, such as those of subwords that are drawn at random;
  /// as many batches as of the examples' own lengths.
  package func batches(epoch: Int, lengths: [Int], others: [Int]) -> [[Int]] {
    let others = others.isEmpty ? self.others : others
    var random = RandomSource(seed: seed, stream: RandomSource.batchStream(epoch: epoch))
    let order = random.permutation(usual.count).map { usual[$0] }
    let pool = min(Self.largestPool, max(1, usualCount / 4))
    let batches =
      pieces(of: order, pool * batch).flatMap { pieces(of: Self.byLength($0, lengths, others), batch) } + long
    return random.permutation(batches.count).map { batches[$0] }
  }

  /// All examples in batches by length, for evaluation: the least padding, and not random. Very long examples are in
  /// smaller batches: a text of 100,000 tokens must not pad 49 short ones.
  public var sorted: [[Int]] {
    Self.small(Self.byLength(Array(lengths.indices), lengths, others), lengths, batch: batch)
  }

  /// Batches of examples sorted by length, of at most `mostSteps` unless a batch is a single example.
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

  /// The fraction of padding in the steps of these batches; 0 without batches.
  public func padding(of batches: [[Int]]) -> Double {
    var (real, all) = (0, 0)
    for batch in batches {
      real += batch.reduce(0) { $0 + lengths[$1] }
      all += batch.count * (batch.map { lengths[$0] }.max() ?? 0)
    }
    return all == 0 ? 0 : 1 - Double(real) / Double(all)
  }

  /// The fraction of padding in the first epoch; other epochs differ little.
  public var padding: Double { padding(of: batches(epoch: 0)) }

  /// The examples by length; a stable sort.
  private static func byLength(_ examples: [Int], _ lengths: [Int], _ others: [Int]) -> [Int] {
    let key = { (place: Int, example: Int) in (lengths[example], others[example], place) }
    return examples.enumerated().sorted { key($0.offset, $0.element) < key($1.offset, $1.element) }.map(\.element)
  }

  private func pieces(of examples: [Int], _ size: Int) -> [[Int]] {
    stride(from: 0, to: examples.count, by: size).map { Array(examples[$0..<min($0 + size, examples.count)]) }
  }
}
