import Recurrent
import RecurrentCore

/// The adding problem (Hochreiter and Schmidhuber 1997, in the form of Le et al. 2015): a test of long-term memory.
///
/// Each step has a number, uniform in `0 ..< 1`, and a mark, which is 1 at two steps, one in each half of the sequence,
/// and 0 otherwise. The target is the sum of the two marked numbers. Always predicting 1 gives a mean squared error of
/// 1/6, about 0.167, as does a layer that forgets the first number before the last step.
struct AddingProblem: Sendable {
  /// Sequences with their sums, on the host. T steps, batch size N.
  struct Batch: Hashable, Sendable {
    /// `[T, N, 2]`, time first: number and mark.
    let inputs: [Float]
    /// The targets, `[N]`.
    let sums: [Float]
  }

  /// The number of steps T.
  let steps: Int
  /// The batch size N.
  let batchSize: Int
  /// The random seed.
  let seed: UInt64

  /// A source of batches.
  /// - Throws: `RecurrentError.invalidArgument` for fewer than 2 steps or an empty batch.
  init(steps: Int, batchSize: Int, seed: UInt64 = 0) throws {
    try requireSizes([("steps - 1", steps - 1), ("batchSize", batchSize)], at: "AddingProblem")
    guard steps.saturatingTimes(batchSize) <= CellDescriptor.largestSize else {
      throw RecurrentError(
        .invalidArgument, "\(batchSize.grouped) sequences of \(steps.grouped) steps are too many", at: "AddingProblem",
        remedy: "use at most \(CellDescriptor.largestSize.grouped) steps in total")
    }
    (self.steps, self.batchSize, self.seed) = (steps, batchSize, seed)
  }

  /// The batch of an index: the same on every machine, different for each index.
  func batch(_ number: Int) -> Batch {
    var random = RandomSource(seed: seed, stream: RandomSource.batchStream(epoch: number))
    var inputs = [Float](repeating: 0, count: 2 * steps * batchSize)
    for place in 0..<steps * batchSize { inputs[2 * place] = Float(random.uniform()) }
    let sums = (0..<batchSize).map { row in
      let half = steps / 2
      let marks = [random.integer(below: half), half + random.integer(below: steps - half)]
      return marks.reduce(Float(0)) { sum, step in
        inputs[2 * (step * batchSize + row) + 1] = 1
        return sum + inputs[2 * (step * batchSize + row)]
      }
    }
    return Batch(inputs: inputs, sums: sums)
  }
}

extension SequenceRegressor {
  /// The mean squared error of a batch of the adding problem.
  /// - Throws: `RecurrentError.shapeMismatch` if the layers do not read 2 features or there is more than one output.
  func loss(of batch: AddingProblem.Batch, on tape: Tape) throws -> BatchLoss {
    let batchSize = batch.sums.count
    let x = try tape.tensor(batch.inputs, shape: [batch.inputs.count / max(batchSize, 1) / 2, batchSize, 2])
    let error = try meanSquaredError(self(x), tape.tensor(batch.sums, shape: [batchSize, 1]))
    return BatchLoss(error, weight: Double(batchSize), items: batchSize)
  }
}
