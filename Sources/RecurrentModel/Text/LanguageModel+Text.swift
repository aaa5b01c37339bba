import RecurrentCore

extension LanguageModel {
  /// A model of the tokens of a vocabulary, with an embedding of this size.
  /// - Throws: `RecurrentError.invalidArgument`, as the other initializers.
  public convenience init(vocabulary: Vocabulary, embedding: Int, rnn: RecurrentStack) throws {
    try self.init(vocabulary: vocabulary, encoding: .embedding(embedding), rnn: rnn)
  }

  /// A model of the tokens of a vocabulary.
  /// - Throws: `RecurrentError.invalidArgument`, as the other initializers.
  public convenience init(vocabulary: Vocabulary, encoding: InputEncoding, rnn: RecurrentStack) throws {
    try self.init(vocabularySize: vocabulary.count, encoding: encoding, rnn: rnn)
    self.vocabulary = vocabulary
  }

  /// Reads a model folder and places the model on a device.
  /// - Throws: `RecurrentError.invalidModel` if a part is missing or damaged.
  public static func load(from folder: String, device: Device) throws -> LanguageModel {
    let model = try ModelFolder(folder).load()
    try model.move(to: device)
    return model
  }

  /// Writes a model folder: configuration, vocabulary, and weights with PyTorch's names.
  /// - Throws: `RecurrentError` if the system refuses, or the model has no vocabulary.
  public func save(to folder: String) throws { try ModelFolder(folder).save(self) }

  /// The mean cross-entropy over a text in nats, the state carried from batch to batch.
  /// - Throws: `RecurrentError` if the model does not lie on a device, or a token is not in its vocabulary.
  public func meanLoss(over streams: Streams) throws -> Double {
    let tape = try Tape(Device(placement().backend), mode: .evaluation)
    var (sum, weight) = (0.0, 0.0)
    var state: RecurrentState?
    for batch in streams {
      tape.reset()
      let result = try loss(of: batch, carrying: state, on: tape)
      sum += try Double(result.loss.values()[0]) * result.weight
      weight += result.weight
      state = try result.carried.first?.detached()
    }
    return sum / weight
  }

  /// Text that goes on from a prompt.
  /// - Parameters:
  ///   - prompt: What the text starts with; it is not part of the result.
  ///   - length: How many tokens are generated.
  ///   - temperature: What the scores are divided by; 0 always takes the likeliest token.
  /// - Throws: `RecurrentError` if the prompt has a token that is not in the vocabulary.
  public func generate(
    prompt: String = "", length: Int, temperature: Float = 1, topK: Int? = nil, topP: Float? = nil, seed: UInt64 = 0
  ) throws -> String {
    let sampler = try Sampler(temperature: temperature, topK: topK, topP: topP, seed: seed)
    var generator = try TextGenerator(self, prompt: prompt, sampler: sampler)
    var text = ""
    for _ in 0..<length { text += try generator.next() }
    return text
  }
}

/// Generates text token by token. The state is carried: each token costs one step, whatever came before it.
public struct TextGenerator {
  private let model: LanguageModel
  private let tape: Tape
  private var sampler: Sampler
  private var decoder: TextDecoder
  private var state: RecurrentState
  private var logits: [Float]
  private var pending: Int32?

  /// Reads a prompt; an empty one stands for a line break, or the first symbol where there is none.
  /// - Throws: `RecurrentError` if the prompt has a token that is not in the vocabulary, or the model has no vocabulary or
  ///   does not lie on a device.
  public init(_ model: LanguageModel, prompt: String = "", sampler: Sampler) throws {
    guard let vocabulary = model.vocabulary else {
      throw RecurrentError(.invalidModel, "the model has no vocabulary", remedy: "set the model's vocabulary first")
    }
    self.model = model
    self.sampler = sampler
    tape = try Tape(Device(model.placement().backend), mode: .evaluation)
    let read = try vocabulary.encode(prompt, from: "prompt")
    let start = vocabulary.symbols.firstIndex(of: "\n") ?? 0
    decoder = TextDecoder(vocabulary)
    for token in read { _ = decoder.text(of: token) }
    (logits, state) = try model.logits(for: read.isEmpty ? [Int32(start)] : read, on: tape)
  }

  /// What the next token adds to the text.
  /// - Throws: `RecurrentError.diverged` if the model's scores are not finite.
  public mutating func next() throws -> String {
    if let pending { (logits, state) = try model.logits(for: [pending], state: state, on: tape) }
    let token = try sampler(logits)
    pending = token
    return decoder.text(of: token)
  }
}
