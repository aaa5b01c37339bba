/// The adding problem (Hochreiter and Schmidhuber 1997, as Le et al. 2015 put it): what a recurrent layer remembers.
///
/// A step is a number uniform in `0 ..< 1` and a mark, which is 1 at two steps, one in each half of the sequence, and 0 at
/// all others. The target is the sum of the two marked numbers. Who answers 1 whatever comes has a mean squared error of
/// 1/6, about 0.167; so has a layer that forgets the first number before the last step.
public struct AddingProblem: Sendable {
  /// Sequences with their sums, on the host. T steps, N rows.
  public struct Batch: Hashable, Sendable {
    /// `[T, N, 2]`, time first: a number and a mark.
    public let inputs: [Float]
    /// `[N]`.
    public let sums: [Float]
  }

  /// T.
  public let steps: Int
  /// N.
  public let rows: Int
  /// What the numbers are drawn from.
  public let seed: UInt64

  /// A source of batches.
  /// - Throws: `RecurrentError.invalidArgument` if there are fewer than 2 steps or no rows.
  public init(steps: Int, rows: Int, seed: UInt64 = 0) throws {
    try requireSizes([("steps less one", steps - 1), ("rows", rows)], at: "AddingProblem")
    guard steps.saturatingTimes(rows) <= CellDescriptor.largestSize else {
      throw RecurrentError(
        .invalidArgument, "\(rows.grouped) sequences of \(steps.grouped) steps", at: "AddingProblem",
        remedy: "take at most \(CellDescriptor.largestSize.grouped) steps together")
    }
    (self.steps, self.rows, self.seed) = (steps, rows, seed)
  }

  /// A batch by its number: the same on every machine, another one for each number.
  public func batch(_ number: Int) -> Batch {
    var random = RandomSource(seed: seed, stream: RandomSource.batchStream(epoch: number))
    var inputs = [Float](repeating: 0, count: 2 * steps * rows)
    for place in 0..<steps * rows { inputs[2 * place] = Float(random.uniform()) }
    let sums = (0..<rows).map { row in
      let half = steps / 2
      let marks = [random.integer(below: half), half + random.integer(below: steps - half)]
      return marks.reduce(Float(0)) { sum, step in
        inputs[2 * (step * rows + row) + 1] = 1
        return sum + inputs[2 * (step * rows + row)]
      }
    }
    return Batch(inputs: inputs, sums: sums)
  }
}
