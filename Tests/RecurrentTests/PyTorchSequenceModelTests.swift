import Recurrent
import RecurrentCore
import RecurrentReference
import TestSupport
import Testing

@testable import RecurrentModel
@testable import RecurrentTasks

@Suite struct PyTorchSequenceModelTests {
  static let names =
    Pooling.allCases.map { "classifier_\($0)" }
    + ["classifier_characters", "classifier_window", "tagger", "tagger_crf", "tagger_window"]

  @Test(arguments: TestDevice.all) func aPassGivesPyTorchsNumbers(_ device: TestDevice) throws {
    try device.run { backend in
      for name in Self.names { try checkPass(name, on: backend) }
    }
  }

  @Test(arguments: names) func aPassOfTheOracleGivesPyTorchsNumbers(_ name: String) throws {
    try checkPass(name, on: ReferenceBackend())
  }

  private func checkPass(_ name: String, on backend: any Backend) throws {
    let fixture = try Fixture(named: name)
    let tape = Tape(Device(backend))
    let (model, run) = try network(name, fixture)
    try model.move(to: Device(backend))
    try model.load(fixture.dictionary("model."))
    let tokens = try tape.tokens(
      fixture["inputs"].integers, steps: fixture.steps, batchSize: fixture.batch, lengths: fixture.lengths)
    let logits = try run(tokens)
    let loss = try loss(logits, of: model, fixture)
    try loss.backward()
    expectClose(try logits.values(), try fixture["logits"].values, "\(name) logits")
    expectClose(try loss.values(), try fixture["loss"].values, "\(name) loss")
    // A layer's gradients together: the terms of a bias in front of a softmax all but cancel.
    let layers = Dictionary(grouping: model.namedParameters) { $0.name.prefix { $0 != "." } }
    for (layer, parameters) in layers {
      expectClose(
        try parameters.flatMap { try $0.parameter.gradient() ?? [] },
        try parameters.flatMap { try fixture["grad." + $0.name].values }, "\(name) grad.\(layer)")
    }
  }

  private func loss(_ logits: Tensor, of model: any Module, _ fixture: Fixture) throws -> Tensor {
    let (tape, targets) = (logits.tape, try fixture["targets"])
    if let crf = (model as? Tagger)?.crf {
      let tags = try tape.tokens(targets.integers, steps: fixture.steps, batchSize: fixture.batch)
      return try crf.negativeLogLikelihood(
        emissions: logits, tags: tags, lengths: fixture.lengths.map { try tape.lengths($0) })
    }
    return (model as? Classifier)?.isBinary == true
      ? try binaryCrossEntropyWithLogits(logits, tape.tensor(targets.floats, shape: [fixture.batch, 1]))
      : try crossEntropy(logits, tape.labels(targets.integers, shape: Array(logits.shape.dropLast())))
  }

  /// The model of a fixture, and what takes tokens to its logits.
  private func network(_ name: String, _ fixture: Fixture) throws -> (any Module, (Tokens) throws -> Tensor) {
    let (words, size, hidden) = (fixture.vocabulary ?? 0, fixture.embedding ?? 0, fixture.hidden)
    let encoding = InputEncoding.embedding(size)
    switch name {
    case "classifier_window":
      let model = try Classifier(
        vocabularySize: words, encoding: encoding, window: fixture.steps, hidden: hidden, classes: 2, isBinary: true)
      return (model, { try model($0) })
    case "classifier_characters":
      let model = try Classifier(
        vocabularySize: words, encoding: encoding, characters: letters(words),
        rnn: LSTM(input: size + 4, hidden: hidden, bidirectional: true), classes: 3)
      return (model, { try model($0, characters: characters($0.tape, fixture)) })
    case "tagger", "tagger_crf":
      let model = try Tagger(
        vocabularySize: words, encoding: encoding, characters: letters(words),
        rnn: LSTM(input: size + 4, hidden: hidden, bidirectional: true), tags: name == "tagger" ? 3 : 4,
        hasCRF: name == "tagger_crf")
      return (model, { try model($0, characters: characters($0.tape, fixture)) })
    case "tagger_window":
      let model = try Tagger(vocabularySize: words, encoding: encoding, window: 2, hidden: hidden, tags: 3)
      return (model, { try model($0) })
    default:
      let model = try Classifier(
        vocabularySize: words, encoding: encoding, rnn: LSTM(input: size, hidden: hidden, bidirectional: true),
        pooling: Pooling.allCases.first { name.hasSuffix($0.rawValue) } ?? .last, classes: 3)
      return (model, { try model($0) })
    }
  }

  private func letters(_ characters: Int) throws -> CharacterEncoder {
    try CharacterEncoder(characters: characters, embedding: 2, rnn: LSTM(input: 2, hidden: 2, bidirectional: true))
  }

  private func characters(_ tape: Tape, _ fixture: Fixture) throws -> WordCharacters {
    let padded = try fixture["spelling"]
    let (longest, values) = (padded.shape[1], padded.integers)
    let words = (0..<padded.shape[0]).map { word in
      values[word * longest..<(word + 1) * longest].filter { $0 >= 0 }
    }
    return try tape.characters(of: words, steps: fixture.steps, batchSize: fixture.batch)
  }
}
