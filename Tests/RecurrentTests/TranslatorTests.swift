import Recurrent
import RecurrentCore
import RecurrentReference
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@testable import RecurrentModel
@testable import RecurrentTasks

@Suite struct TranslatorTests {
  static let names = ["additive", "general", "dot", "none", "transformer"]

  @Test(arguments: TestDevice.all) func aPassGivesPyTorchsNumbers(_ device: TestDevice) throws {
    try device.run { backend in
      for name in Self.names { try checkPass(name, on: backend) }
    }
  }

  @Test(arguments: names) func aPassOfTheOracleGivesPyTorchsNumbers(_ name: String) throws {
    try checkPass(name, on: ReferenceBackend())
  }

  private func model(_ name: String, hidden: Int = 6) throws -> Translator {
    guard name != "transformer" else {
      return try TranslatorConfiguration(
        sourceTokens: 7, targetTokens: 6, embedding: 4,
        network: .transformer(TransformerConfiguration(heads: 2, hidden: hidden, layers: 2))
      ).makeModel()
    }
    var layers = RecurrentConfiguration(
      cell: name == "general" ? .lstm : .gru, hidden: hidden, layers: name == "general" ? 2 : 1)
    layers.isBidirectional = name != "none"
    return try TranslatorConfiguration(
      sourceTokens: 7, targetTokens: 6, embedding: 4,
      network: .recurrent(
        RecurrentTranslatorConfiguration(
          layers: layers, attention: AttentionKind(rawValue: name) ?? .none, feedsInput: name == "dot")),
      isTied: name != "general"
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
          try model.decoded(
            Array(sources[places]), .given(Array(targets[places]), search), batch: places.count, on: tape
          ).map { $0[0] }
        }
        let found = { (batch: Int) in try model.decoded(sources, .best(search), batch: batch, on: tape) }
        #expect(try found(1) == found(9), "\(name)")
        #expect(try found(4) == found(9), "\(name)")
        let sampler = try SequenceSampler(
          count: 6, seed: 2, constraints: DecodingConstraints(maximumLength: 3, maximumPerSourceStep: 1))
        let sampled = { (batch: Int) in
          try model.decoded(sources, .sampled(sampler, from: 0), batch: batch, on: tape)
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
    for name in ["additive", "dot", "general", "transformer"] {
      let model = try model(name, hidden: 4)
      try checkGradients(of: [model]) { tape, _ in
        let sources = try tape.tokens([1, 2, 3, 4, 0, 6], steps: 3, batchSize: 2, lengths: [3, 2])
        return [try model(sources, inputs: tape.tokens([5, 5, 1, 2], steps: 2, batchSize: 2))]
      }
    }
  }

  /// An ensemble of a model with itself has its scores; of two, the means of their probabilities.
  @Test func anEnsembleAveragesProbabilities() throws {
    let device = try Device.named("cpu")
    let models = try (0..<2).map { seed in
      let model = try model("additive", hidden: 8)
      try model.move(to: device, seed: UInt64(seed))
      return model
    }
    let tape = Tape(device, mode: .evaluation)
    let (sources, targets): ([[Int32]], [[Int32]]) = ([[1, 2, 6], [3, 4, 5, 2, 6]], [[0, 1, 2], [4]])
    let search = try BeamSearch(beam: 3, constraints: DecodingConstraints(maximumLength: 5))
    let scored = { (first: Translator, others: [Translator]) in
      try first.decoded(sources, .given(targets, search), with: others, batch: 2, on: tape).map { $0[0] }
    }
    let (one, two) = (try scored(models[0], []), try scored(models[1], []))
    let (same, both) = (try scored(models[0], [models[0]]), try scored(models[0], [models[1]]))
    for row in targets.indices {
      expectClose(same[row].tokenLogProbabilities, one[row].tokenLogProbabilities.map(Double.init), "itself")
      // The first token: later ones follow the same ones.
      let means = zip(one[row].tokenLogProbabilities, two[row].tokenLogProbabilities).map {
        log((exp(Double($0)) + exp(Double($1))) / 2)
      }
      expectClose(both[row].tokenLogProbabilities, means, "both")
      expectClose(
        both[row].attention.flatMap(\.self),
        zip(one[row].attention.joined(), two[row].attention.joined()).map { (Double($0) + Double($1)) / 2 }, "attention"
      )
    }
    #expect(
      try models[0].decoded(sources, .best(search), with: [models[1]], batch: 1, on: tape)
        == models[0].decoded(sources, .best(search), with: [models[1]], batch: 2, on: tape))
  }

  /// With a probability of 1 the loss is that of the target's tokens; with 0 every input is the token that the network predicts.
  @Test(arguments: TestDevice.all) func teacherForcing(_ device: TestDevice) throws {
    try device.run { backend in
      for name in ["additive", "dot", "transformer"] {
        let model = try model(name, hidden: 8)
        try model.move(to: Device(backend), seed: 5)
        let tape = Tape(Device(backend))
        let batch = PairBatch([[1, 2, 6], [3, 6]], [[0, 1, 2], [4]], boundary: 5)
        func loss(_ batch: PairBatch, _ probability: Float) throws -> Float {
          tape.reset()
          return try model.loss(of: batch, teacherForcing: probability, on: tape).loss.item()
        }
        #expect(try loss(batch, 1) == model.loss(of: batch, on: tape).loss.item())
        // The inputs of the second pass are what the first one predicts after the target's tokens.
        tape.reset()
        let logits = try model(
          batch.sources.tokens(on: tape), inputs: tape.tokens(batch.inputs, steps: batch.steps, batchSize: 2))
        let predicted = try logits.argmax()
        var inputs = batch.inputs
        for place in 2..<inputs.count { inputs[place] = predicted[place - 2] }
        tape.reset()
        let fed = try model(
          batch.sources.tokens(on: tape), inputs: tape.tokens(inputs, steps: batch.steps, batchSize: 2))
        let counted = try fed.reshaped([inputs.count, 6]).rows(at: tape.labels(batch.countedSteps))
        let expected = try crossEntropy(counted, tape.labels(batch.targets)).item()
        expectClose([try loss(batch, 0)], [Double(expected)], "\(name) predicted")
        #expect(try loss(batch, 0.5).isFinite)
      }
    }
    #expect(TeacherForcing.linear(0.5).probability(atStep: 5, of: 11) == 0.75)
    #expect(TeacherForcing(argument: "linear:0.25") == .linear(0.25))
    #expect(TeacherForcing(argument: "1.5") == nil)
  }
}
