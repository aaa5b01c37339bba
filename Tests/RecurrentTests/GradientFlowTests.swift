import Recurrent
import RecurrentReference
import TestSupport
import Testing

@testable import RecurrentModel

@Suite struct GradientFlowTests {
  @Test(arguments: TestDevice.all) func normsArePyTorchs(_ device: TestDevice) throws {
    try device.run { backend in
      for cell in ["lstm", "gru", "elman_tanh", "elman_relu"] { try check(cell, on: backend) }
    }
  }

  private func check(_ cell: String, on backend: any Backend) throws {
    let fixture = try Fixture(named: "gradient_flow_" + cell)
    let (steps, rows, hidden) = (fixture.steps, fixture.batch, fixture.hidden)
    let lengths = try #require(fixture.lengths).map { Int($0) }
    let model = Sequential(try fixture.stack(input: fixture.inputs ?? 0))
    let rnn = try #require(model.layers[0] as? RecurrentStack)
    try model.move(to: Device(backend))
    try rnn.load(fixture.dictionary("rnn."))
    let tape = Tape(Device(backend))
    var x: Tensor?
    let flow = try GradientFlow.measure(model, over: [fixture], on: tape) { fixture in
      let leaf = try tape.tensor(fixture["x"].floats, shape: fixture["x"].shape, needsGradient: true)
      x = leaf
      let result = try rnn(leaf, lengths: tape.lengths(lengths.map { Int32($0) }))
      expectClose(try result.outputs.values(), try fixture["y"].values, "\(cell) y")
      expectClose(try result.state.h.values(), try fixture["hn"].values, "\(cell) hn")
      let terms = try [("dy", result.outputs), ("dhn", result.state.h)].map { key, tensor in
        try (tensor * tape.tensor(fixture[key].floats, shape: tensor.shape)).sum()
      }
      return try terms[0] + terms[1]
    }
    expectClose(try x?.gradient() ?? [], try fixture["grad.x"].values, "\(cell) grad.x")
    #expect(rnn.recorder == nil)
    #expect(flow.layers.map(\.name) == ["0.l0", "0.l0_reverse", "0.l1", "0.l1_reverse"])
    let gradients = try fixture["dh"].values
    for (run, layer) in flow.layers.enumerated() {
      let norms = (0..<steps).map { distance in
        let ends = (0..<rows).filter { lengths[$0] > distance }
        let sum = ends.reduce(0.0) { sum, row in
          let step = run % 2 == 1 ? distance : lengths[row] - 1 - distance
          let start = ((run * steps + step) * rows + row) * hidden
          return sum + gradients[start..<start + hidden].reduce(0) { $0 + $1 * $1 }.squareRoot()
        }
        return sum / Double(ends.count)
      }
      expectClose(layer.norms.map { Float($0) }, norms, "\(cell) \(layer.name)")
    }
  }

  @Test func gradientsVanishWhereTheWeightIsSmall() throws {
    let rnn = try Elman(
      input: 1, hidden: 3, activation: .relu,
      initialization: RecurrentInitialization(weightIH: .constant(1), weightHH: .identity(scale: 0.5)))
    let model = try Classifier(vocabularySize: 4, encoding: .integer, rnn: rnn, classes: 2)
    let tape = referenceTape()
    try model.move(to: Device(tape.backend))
    let flow = try GradientFlow.measure(model, over: [5, 4], on: tape) { steps in
      let tokens = try tape.tokens(Array(repeating: 3, count: steps), steps: steps, rows: 1)
      return try crossEntropy(model(tokens), tape.labels([1]))
    }
    #expect(flow.layers.map(\.name) == ["rnn.l0"] && flow.layers[0].norms.count == 5)
    let one = try GradientFlow.measure(model, over: [9], on: tape) { steps in
      try crossEntropy(model(tape.tokens(Array(repeating: 3, count: steps), steps: steps, rows: 1)), tape.labels([1]))
    }
    #expect(abs((one.layers[0].factorPerStep ?? 0) - 0.5) < 1e-9)
    #expect(try model.head.weight.gradient()?.allSatisfy { $0 == 0 } == true)
    #expect(
      message {
        _ = try GradientFlow.measure(try Dense(input: 1, output: 1), over: [0], on: tape) { _ in try tape.full([], 0) }
      }?.contains("without recurrent layers") == true)
    #expect(
      message { _ = try GradientFlow.measure(model, over: [Int](), on: tape) { _ in try tape.full([], 0) } } != nil)
  }

  /// Where gradients explode, some are too large for a number.
  @Test func aGradientThatIsNoNumberIsShown() {
    let flow = GradientFlow(layers: [
      .init(name: "rnn.l0", norms: [1, 10, 100, .infinity, .nan, -.nan]), .init(name: "rnn.l1", norms: [.nan, .nan]),
    ])
    #expect(flow.bars().split(separator: "\n").map(String.init) == ["rnn.l0 │∞∞∞█▇▆│", "rnn.l1 │∞∞│"])
    #expect(flow.table().contains("5 steps before") && !flow.table().contains("-nan"))
    #expect(abs((flow.layers[0].factorPerStep ?? 0) - 10) < 1e-9 && flow.layers[1].factorPerStep == nil)
    #expect(flow.svg().contains("<polyline"))
  }
}
