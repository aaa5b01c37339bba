import Recurrent
import TestSupport
import Testing

@testable import recur

@Suite struct AddingProblemTests {
  @Test func twoStepsAreMarkedAndTheirNumbersSummed() throws {
    let (steps, rows) = (7, 40)
    let problem = try AddingProblem(steps: steps, batchSize: rows, seed: 3)
    let batch = problem.batch(5)
    #expect(batch == problem.batch(5) && batch != problem.batch(6))
    for row in 0..<rows {
      let marked = (0..<steps).filter { batch.inputs[2 * ($0 * rows + row) + 1] == 1 }
      #expect(marked.count == 2 && marked[0] < 3 && marked[1] >= 3)
      let sum = marked.reduce(Float(0)) { $0 + batch.inputs[2 * ($1 * rows + row)] }
      #expect(batch.sums[row] == sum)
    }
    let sums = (0..<50).flatMap { problem.batch($0).sums }
    let error = sums.reduce(Float(0)) { $0 + ($1 - 1) * ($1 - 1) } / Float(sums.count)
    #expect(error > 0.157 && error < 0.177)
    #expect(throws: RecurrentError.self) { try AddingProblem(steps: 1, batchSize: 1) }
    #expect(throws: RecurrentError.self) { try AddingProblem(steps: 2, batchSize: 0) }
  }

  @Test(arguments: TestDevice.all) func shortSequencesAreLearnt(_ device: TestDevice) throws {
    try device.run { backend in
      let problem = try AddingProblem(steps: 8, batchSize: 32, seed: 1)
      let trainer = try Trainer(
        SequenceRegressor(rnn: GRU(input: 2, hidden: 16)), optimizer: Adam(learningRate: 0.01), clipNorm: 1,
        device: Device(backend)
      ) { (model, batch: AddingProblem.Batch, _, tape) in try model.loss(of: batch, on: tape) }
      for number in 0..<400 { try trainer.train(on: problem.batch(number)) }
      #expect(try trainer.evaluate((0..<4).map { problem.batch(-1 - $0) }) < 0.03)
    }
  }
}
