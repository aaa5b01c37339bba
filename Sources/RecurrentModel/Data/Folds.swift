import RecurrentCore

/// Examples in K parts for cross-validation, each with as many of every class as the others, as far as that goes (stratified,
/// as scikit-learn's `StratifiedKFold`). The same seed gives the same parts on every machine.
public struct Folds: Sendable {
  /// The parts: places of examples, each of them once, in order.
  public let parts: [[Int]]

  /// Cuts examples into parts, by chance.
  /// - Parameters:
  ///   - classes: The class of each example.
  ///   - count: K, the number of parts.
  ///   - seed: What chance follows from.
  /// - Throws: `RecurrentError.invalidArgument` if there are fewer than 2 parts, or more than examples.
  public init(classes: [some Comparable], count: Int, seed: UInt64 = 0) throws {
    guard (2...max(2, classes.count)).contains(count), classes.count >= 2 else {
      throw RecurrentError(
        .invalidArgument, "the number of folds is \(count), that of examples \(classes.count)", at: "folds",
        remedy: "take 2 to as many as there are examples")
    }
    var random = RandomSource(seed: seed, stream: RandomSource.splitStream)
    let order = random.permutation(classes.count)
    var parts = [[Int]](repeating: [], count: count)
    // Dealt like cards, one class after another.
    let dealt = order.enumerated().sorted { (classes[$0.element], $0.offset) < (classes[$1.element], $1.offset) }
    for (card, example) in dealt.enumerated() { parts[card % count].append(example.element) }
    self.parts = parts.map { $0.sorted() }
  }

  /// The examples that are not in a part, to train on.
  public func training(without part: Int) -> [Int] {
    parts.indices.filter { $0 != part }.flatMap { parts[$0] }.sorted()
  }
}
