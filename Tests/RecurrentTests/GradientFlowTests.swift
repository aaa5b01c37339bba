import Recurrent
import RecurrentCore
import RecurrentReference
import TestSupport
import Testing

@testable import RecurrentData
@testable import RecurrentModel
@testable import RecurrentTasks

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
      let tokens = try tape.tokens(Array(repeating: 3, count: steps), steps: steps, batchSize: 1)
      return try crossEntropy(model(tokens), tape.labels([1]))
    }
    #expect(flow.layers.map(\.name) == ["rnn.l0"] && flow.layers[0].norms.count == 5)
    let one = try GradientFlow.measure(model, over: [9], on: tape) { steps in
      try crossEntropy(
        model(tape.tokens(Array(repeating: 3, count: steps), steps: steps, batchSize: 1)), tape.labels([1]))
    }
    #expect(abs((one.layers[0].factorPerStep ?? 0) - 0.5) < 1e-9)
    #expect(try model.head.weight.gradient()?.allSatisfy { $0 == 0 } == true)
    #expect(
      message {
        _ = try GradientFlow.measure(try Dense(input: 1, output: 1), over: [0], on: tape) { _ in try tape.full([], 0) }
      }?.contains("has no recurrent layers") == true)
    #expect(
      message { _ = try GradientFlow.measure(model, over: [Int](), on: tape) { _ in try tape.full([], 0) } } != nil)
  }

  @Test(arguments: TestDevice.all) func theLastStepsLossOfALanguageModelIsPyTorchs(_ device: TestDevice) throws {
    try device.run { backend in
      let fixture = try Fixture(named: "gradient_flow_language_model")
      let (steps, rows, hidden) = (fixture.steps, fixture.batch, fixture.hidden)
      let lengths = try #require(fixture.lengths)
      let words = try #require(fixture.vocabulary)
      let model = try LanguageModel(
        vocabularySize: words, embedding: fixture.inputs ?? 0, rnn: fixture.stack(input: fixture.inputs ?? 0))
      try model.move(to: Device(backend))
      try model.load(fixture.dictionary("").filter { !["tokens", "targets", "dh"].contains($0.key) })
      let batch = try SequenceBatch(
        inputs: fixture["tokens"].integers, targets: fixture["targets"].integers, steps: steps, batchSize: rows,
        lengths: lengths)
      let flow = try GradientFlow.measure(model, over: [batch], on: Tape(Device(backend)))
      let gradients = try fixture["dh"].values
      let norms = (0..<steps).map { distance in
        let ends = (0..<rows).filter { Int(lengths[$0]) > distance }
        let sum = ends.reduce(0.0) { sum, row in
          let start = ((Int(lengths[row]) - 1 - distance) * rows + row) * hidden
          return sum + gradients[start..<start + hidden].reduce(0) { $0 + $1 * $1 }.squareRoot()
        }
        return sum / Double(ends.count)
      }
      #expect(flow.layers.map(\.name) == ["rnn.l0"])
      expectClose(flow.layers[0].norms.map { Float($0) }, norms, "rnn.l0")
    }
  }

  /// Where states are small, tanh is linear, and the Jacobian of a step is U: 0.8 times a rotation takes 0.8 of each norm.
  @Test func theFlowOfALanguageModelHasTheDecayOfItsJacobian() throws {
    let (rnn, tape) = (try Elman(input: 2, hidden: 2), referenceTape())
    let model = try LanguageModel(vocabularySize: 4, embedding: 2, rnn: rnn)
    try model.move(to: Device(tape.backend))
    let (cosine, sine): (Float, Float) = (0.8 * 0.6, 0.8 * 0.8)
    try model.load([
      "embedding.weight": HostTensor(shape: [4, 2], values: [1e-4, 2e-4, -1e-4, 1e-4, 3e-4, -2e-4, -2e-4, -1e-4]),
      "rnn.weight_ih_l0": HostTensor(shape: [2, 2], values: [1, 0, 0, 1]),
      "rnn.weight_hh_l0": HostTensor(shape: [2, 2], values: [cosine, -sine, sine, cosine]),
      "rnn.bias_ih_l0": HostTensor(shape: [2], values: [0, 0]),
      "rnn.bias_hh_l0": HostTensor(shape: [2], values: [0, 0]),
      "head.weight": HostTensor(shape: [4, 2], values: [1, 0, 0, 1, -1, 1, 0.5, -1]),
      "head.bias": HostTensor(shape: [4], values: [0, 0, 0, 0]),
    ])
    let batch = TrainerTests.batches(1, batchSize: 3, steps: 20)[0]
    let inputs = batch.inputs.map { $0 % 4 }
    let small = SequenceBatch(inputs: inputs, targets: batch.targets.map { $0 % 4 }, steps: 20, batchSize: 3)
    let last = try GradientFlow.measure(model, over: [small], on: tape).layers[0]
    #expect(last.norms.count == 20)
    for (near, far) in zip(last.norms, last.norms.dropFirst()) { #expect(abs(far / near - 0.8) < 1e-5) }
    #expect(abs((last.factorPerStep ?? 0) - 0.8) < 1e-5)
    // The sum of all steps' losses says nothing of it.
    let all = try GradientFlow.measure(model, over: [small], of: .all, on: tape).layers[0]
    #expect(all.factorPerStep ?? 0 > 0.95, "\(all.norms)")
  }

  /// A reversed layer ends at the first word; a layer that reads characters at each word.
  @Test(arguments: [false, true]) func eachLayerOfATaggerHasTheLossOfItsLastStep(hasCRF: Bool) throws {
    let small = RecurrentInitialization(weightIH: .constant(1e-3), weightHH: .identity(scale: 0.5))
    let encoder = try CharacterEncoder(
      characters: 3, embedding: 2, rnn: Elman(input: 2, hidden: 3, initialization: small))
    let model = try Tagger(
      vocabularySize: 4, encoding: .integer, characters: encoder,
      rnn: Elman(input: 4, hidden: 3, bidirectional: true, initialization: small), tags: 2, hasCRF: hasCRF)
    let tape = referenceTape()
    try model.move(to: Device(tape.backend))
    let words = SequencePadding.Batch(
      tokens: [1, 2, 3, 1, 2, 3, 1, -1, 2, -1], steps: 5, batchSize: 2, lengths: [5, 3])
    let characters: [[Int32]] = [[1, 2], [0], [1, 1, 2], [2], [0, 1], [1], [2, 2, 1], [], [1], []]
    let batch = TaggedBatch(words: words, characters: characters, tags: [0, 1, 1, 0, 0, 1, 0, -1, 1, -1])
    let flow = try GradientFlow.measure(model, over: [batch], on: tape)
    let factors = Dictionary(uniqueKeysWithValues: flow.layers.map { ($0.name, $0.factorPerStep ?? 0) })
    #expect(factors.keys.sorted() == ["characters.rnn.l0", "rnn.l0", "rnn.l0_reverse"])
    // (A mean over rows of other lengths at each distance.)
    for name in ["rnn.l0", "rnn.l0_reverse"] { #expect(abs((factors[name] ?? 0) - 0.5) < 0.06, "\(name): \(factors)") }
    #expect(flow.layers.allSatisfy { $0.norms.allSatisfy { $0 > 0 } }, "\(flow.layers)")
    let all = try GradientFlow.measure(model, over: [batch], of: .all, on: tape)
    #expect(all.layers.map(\.name) == flow.layers.map(\.name))
    #expect(all.layers.last { $0.name == "rnn.l0" }?.factorPerStep ?? 0 > 0.7)
    // A tag that the model does not have counts nothing.
    for loss in GradientFlow.Loss.allCases {
      let flows = try [Int32(-1), 2].map { tag in
        var unseen = batch
        (unseen.tags[5], unseen.tags[8]) = (tag, tag)
        return try GradientFlow.measure(model, over: [unseen], of: loss, on: tape).layers.map(\.norms)
      }
      #expect(flows[0] == flows[1])
    }
  }

  /// Where gradients explode, some are too large for a number.
  @Test func aGradientThatIsNoNumberIsShown() {
    let flow = GradientFlow(layers: [
      .init(name: "rnn.l0", norms: [1, 10, 100, .infinity, .nan, -.nan]), .init(name: "rnn.l1", norms: [.nan, .nan]),
    ])
    #expect(flow.bars().split(separator: "\n").map(String.init) == ["rnn.l0 │∞∞∞█▇▆│", "rnn.l1 │∞∞│"])
    #expect(flow.table().contains("5 steps before") && !flow.table().contains("-nan"))
    #expect(abs((flow.layers[0].factorPerStep ?? 0) - 10) < 1e-9 && flow.layers[1].factorPerStep == nil)
    #expect(flow.svg().contains("class=\"series0\""))
  }
}
