import RecurrentCore

/// Examples in K folds for cross-validation, stratified by class as in scikit-learn's `StratifiedKFold`. The same seed
/// gives the same folds on every machine.
public struct Folds: Sendable {
  /// The folds: indices of examples, in ascending order; each example is in one fold.
  public let parts: [[Int]]

  /// Assigns examples to folds at random.
  /// - Parameters:
  ///   - classes: The class of each example.
  ///   - count: K, the number of folds.
  ///   - seed: The random seed.
  /// - Throws: `RecurrentError.invalidArgument` for fewer than 2 folds, or more folds than examples.
  public init(classes: [some Comparable], count: Int, seed: UInt64 = 0) throws {
    guard (2...max(2, classes.count)).contains(count), classes.count >= 2 else {
      throw RecurrentError(
        .invalidArgument, "\(count.counted("fold")) for \(classes.count.counted("example"))", at: "folds",
        remedy: "use at least 2 folds, and at most one per example")
    }
    var random = RandomSource(seed: seed, stream: RandomSource.splitStream)
    let order = random.permutation(classes.count)
    var parts = [[Int]](repeating: [], count: count)
    // Dealt round-robin, one class after another.
    let dealt = order.enumerated().sorted { (classes[$0.element], $0.offset) < (classes[$1.element], $1.offset) }
    for (card, example) in dealt.enumerated() { parts[card % count].append(example.element) }
    self.parts = parts.map { $0.sorted() }
  }

  /// The examples outside a fold, to train on.
  public func training(without part: Int) -> [Int] {
    parts.indices.filter { $0 != part }.flatMap { parts[$0] }.sorted()
  }
}
