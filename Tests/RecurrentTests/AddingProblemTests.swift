import Recurrent
import TestSupport
import Testing

@testable import RecurrentModel

@Suite struct AddingProblemTests {
  @Test func twoStepsAreMarkedAndTheirNumbersSummed() throws {
    let (steps, rows) = (7, 40)
    let problem = try AddingProblem(steps: steps, rows: rows, seed: 3)
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
    #expect(throws: RecurrentError.self) { try AddingProblem(steps: 1, rows: 1) }
    #expect(throws: RecurrentError.self) { try AddingProblem(steps: 2, rows: 0) }
  }

  @Test func gradientsAreExact() throws {
    let model = try SequenceRegressor(rnn: GRU(input: 2, hidden: 3))
    let problem = try AddingProblem(steps: 4, rows: 2)
    try checkGradients(of: [model]) { tape, _ in [try model.loss(of: problem.batch(0), on: tape).loss] }
  }

  @Test(arguments: TestDevice.all) func shortSequencesAreLearnt(_ device: TestDevice) throws {
    try device.run { backend in
      let problem = try AddingProblem(steps: 8, rows: 32, seed: 1)
      let trainer = try Trainer(
        SequenceRegressor(rnn: GRU(input: 2, hidden: 16)), optimizer: Adam(learningRate: 0.01), clipNorm: 1,
        device: Device(backend)
      ) { (model, batch: AddingProblem.Batch, _, tape) in try model.loss(of: batch, on: tape) }
      for number in 0..<400 { try trainer.train(on: problem.batch(number)) }
      #expect(try trainer.evaluate((0..<4).map { problem.batch(-1 - $0) }) < 0.03)
    }
  }

  @Test func aGradientFlowIsShownAsNumbersBarsAndADrawing() throws {
    let flow = GradientFlow(layers: [
      .init(name: "rnn.l0", norms: [1, 0.1, 0.01, 0]), .init(name: "rnn.l0_reverse", norms: [0.5, 0.25]),
    ])
    #expect(flow.bars() == "rnn.l0         │·▆▇█│\nrnn.l0_reverse │██│")
    #expect(
      flow.table() == """
                                    rnn.l0  rnn.l0_reverse
        0 steps before            1.00e+00        5.00e-01
        1 steps before            1.00e-01        2.50e-01
        2 steps before            1.00e-02
        3 steps before                   0
        factor per step             0.1000          0.5000
        """)
    #expect(flow.table(lines: 2).contains("3 steps before") && !flow.table(lines: 2).contains("2 steps before"))
    let svg = flow.svg()
    #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n") && svg.contains(">rnn.l0_reverse</text>"))
    let nothing = GradientFlow(layers: [.init(name: "l0", norms: [0])])
    #expect(nothing.bars() == "l0 │·│" && !nothing.svg().contains(",nan"))
  }
}
