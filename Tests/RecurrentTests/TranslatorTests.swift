import Recurrent
import RecurrentCore
import RecurrentReference
import TestSupport
import Testing

@testable import RecurrentModel
@testable import RecurrentTasks

@Suite struct TranslatorTests {
  static let names = ["additive", "general", "dot", "none"]

  @Test(arguments: TestDevice.all) func aPassGivesPyTorchsNumbers(_ device: TestDevice) throws {
    try device.run { backend in
      for name in Self.names { try checkPass(name, on: backend) }
    }
  }

  @Test(arguments: names) func aPassOfTheOracleGivesPyTorchsNumbers(_ name: String) throws {
    try checkPass(name, on: ReferenceBackend())
  }

  private func model(_ name: String, hidden: Int = 6) throws -> Translator {
    var layers = RecurrentConfiguration(
      cell: name == "general" ? .lstm : .gru, hidden: hidden, layers: name == "general" ? 2 : 1)
    layers.isBidirectional = name != "none"
    return try TranslatorConfiguration(
      sourceTokens: 7, targetTokens: 6, embedding: 4, recurrent: layers,
      attention: AttentionKind(rawValue: name) ?? .none, feedsInput: name == "dot", isTied: name != "general"
    ).makeModel()
  }

  private func checkPass(_ name: String, on backend: any Backend) throws {
    let fixture = try Fixture(named: "translator_" + name)
    let tape = Tape(Device(backend))
    let model = try model(name)
    try model.move(to: Device(backend))
    try model.load(fixture.dictionary("model."))
    let sources = try tape.tokens(
      fixture["sources"].integers, steps: fixture["sources"].shape[0], batchSize: fixture.batch,
      lengths: fixture.lengths)
    let inputs = try tape.tokens(fixture["inputs"].integers, steps: fixture.steps, batchSize: fixture.batch)
    let logits = try model(sources, inputs: inputs)
    let targets = try tape.labels(fixture["targets"].integers, shape: [fixture.steps, fixture.batch])
    let loss = try crossEntropy(logits, targets, smoothing: 0.1)
    try loss.backward()
    expectClose(try logits.values(), try fixture["logits"].values, "\(name) logits")
    expectClose(try loss.values(), try fixture["loss"].values, "\(name) loss")
    // A part's gradients together: the terms of a bias in front of a softmax all but cancel.
    for (part, parameters) in Dictionary(grouping: model.namedParameters, by: { $0.name.prefix { $0 != "." } }) {
      expectClose(
        try parameters.flatMap { try $0.parameter.gradient() ?? [] },
        try parameters.flatMap { try fixture["grad." + $0.name].values }, "\(name) grad.\(part)")
    }
  }

  /// The loss over the steps that count is that over all logits.
  @Test(arguments: names) func theLossReadsTheStepsThatCount(_ name: String) throws {
    let fixture = try Fixture(named: "translator_" + name)
    let model = try model(name)
    try model.move(to: Device.named("cpu"))
    let tape = Tape(try model.device())
    try model.load(fixture.dictionary("model."))
    let (tokens, outputs, lengths) = (
      try fixture["sources"].integers, try fixture["targets"].integers, fixture.lengths ?? []
    )
    let sources = lengths.indices.map { row in (0..<Int(lengths[row])).map { tokens[$0 * 3 + row] } }
    let targets = lengths.indices.map { row -> [Int32] in
      (0..<fixture.steps).map { outputs[$0 * 3 + row] }.filter { (0..<5).contains($0) }
    }
    let loss = try model.loss(of: PairBatch(sources, targets, boundary: 5), smoothing: 0.1, on: tape)
    expectClose(try loss.loss.values(), try fixture["loss"].values, name)
    #expect(loss.weight == 9)
  }

  /// A search that feeds the reference gives the log probabilities of a whole pass, whatever the batch.
  @Test(arguments: TestDevice.all) func aSourceHasTheSameResultsInAnyBatch(_ device: TestDevice) throws {
    try device.run { backend in
      for name in Self.names {
        let model = try model(name, hidden: 32)
        try model.move(to: Device(backend), seed: 3)
        var random = RandomSource(seed: 4)
        func sequence(_ count: Int, below limit: Double) -> [Int32] {
          (0..<count).map { _ in Int32(random.uniform() * limit) }
        }
        let sources = (0..<9).map { sequence($0 + 1, below: 7) }
        let targets = (0..<9).map { sequence(9 - $0, below: 5) }
        let search = try BeamSearch(
          beam: 5, nBest: 2, constraints: DecodingConstraints(maximumLength: 3, maximumPerSourceStep: 1))
        let tape = Tape(Device(backend), mode: .evaluation)
        let scored = { (places: Range<Int>) in
          var decoded = try DecodedTranslator(model, Array(sources[places]), on: tape)
          return try search.score(Array(targets[places]), by: &decoded)
        }
        let found = { (batch: Int) in
          try model.decoded(sources, batch: batch, on: tape) { model, _ in try search.decode(&model) }
        }
        #expect(try found(1) == found(9), "\(name)")
        #expect(try found(4) == found(9), "\(name)")
        let sampler = try SequenceSampler(
          count: 6, seed: 2, constraints: DecodingConstraints(maximumLength: 3, maximumPerSourceStep: 1))
        let sampled = { (batch: Int) in
          try model.decoded(sources, batch: batch, on: tape) { model, indices in
            try sampler.decode(&model, numbers: indices)
          }
        }
        #expect(try sampled(1) == sampled(9), "\(name)")
        let (all, alone) = (try scored(0..<9), try (0..<9).flatMap { try scored($0..<$0 + 1) })
        #expect(all == alone, "\(name)")
        tape.reset()
        let batch = PairBatch(sources, targets, boundary: 5)
        let logits = try model(
          batch.sources.tokens(on: tape), inputs: tape.tokens(batch.inputs, steps: batch.steps, batchSize: 9))
        let whole = try logits.logSoftmax().values()
        let expected = zip(batch.countedSteps, batch.targets).map { Double(whole[Int($0) * 6 + Int($1)]) }
        expectClose(all.flatMap(\.tokenLogProbabilities), expected, "\(name) steps")
      }
    }
  }

  @Test func theGradientsAreRight() throws {
    for name in ["additive", "dot", "general"] {
      let model = try model(name, hidden: 4)
      try checkGradients(of: [model]) { tape, _ in
        let sources = try tape.tokens([1, 2, 3, 4, 0, 6], steps: 3, batchSize: 2, lengths: [3, 2])
        return [try model(sources, inputs: tape.tokens([5, 5, 1, 2], steps: 2, batchSize: 2))]
      }
    }
  }
}
