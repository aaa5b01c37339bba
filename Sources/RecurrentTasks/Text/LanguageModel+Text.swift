import RecurrentCore
import RecurrentData
import RecurrentModel

extension LanguageModel {
  /// A model for a vocabulary, with an embedding of this size.
  /// - Throws: `RecurrentError.invalidArgument`, as the other initializers.
  public convenience init(vocabulary: Vocabulary, embedding: Int, rnn: RecurrentStack) throws {
    try self.init(vocabulary: vocabulary, encoding: .embedding(embedding), rnn: rnn)
  }

  /// A model for a vocabulary.
  /// - Throws: `RecurrentError.invalidArgument`, as the other initializers.
  public convenience init(vocabulary: Vocabulary, encoding: InputEncoding, rnn: RecurrentStack) throws {
    try self.init(vocabularySize: vocabulary.count, encoding: encoding, rnn: rnn)
    self.vocabulary = vocabulary
  }

  /// The mean cross-entropy of a text in nats, with the state carried from batch to batch.
  /// - Throws: `RecurrentError` if the model is not on a device, or a token is not in its vocabulary; `.diverged` if
  ///   the mean is not finite.
  public func meanLoss(over streams: Streams) throws -> Double {
    let tape = try Tape(device(), mode: .evaluation)
    let meter = try LossMeter(tape.backend)
    try meter.measure(streams, on: tape) { try loss(of: $0, carrying: $1.first, on: tape) }
    return try meter.mean()
  }

  /// Generates text that continues a prompt; the prompt is not included.
  /// - Parameters:
  ///   - prompt: The start of the text.
  ///   - length: How many tokens are generated.
  ///   - temperature: The temperature, which divides the logits; 0 selects the most likely token.
  ///   - topK: Only the K likeliest tokens are drawn; nil for all.
  ///   - topP: Only the likeliest tokens that together have this share, in `0 ... 1`, are drawn; nil for all.
  ///   - seed: The random seed.
  ///   - drawsUnknown: Whether `<unk>` is drawn like any token, where the vocabulary has it, or never.
  /// - Throws: `RecurrentError` if the prompt has a token that is not in the vocabulary, or the model has none or is not on
  ///   a device.
  public func generate(
    prompt: String = "", length: Int, temperature: Float = 1, topK: Int? = nil, topP: Float? = nil, seed: UInt64 = 0,
    drawsUnknown: Bool = true
  ) throws -> String {
    let sampler = try Sampler(temperature: temperature, topK: topK, topP: topP, seed: seed)
    let generator = try TextGenerator(self, prompt: prompt, sampler: sampler, drawsUnknown: drawsUnknown)
    var text = ""
    for _ in 0..<length { text += try generator.next() }
    return text
  }
}

extension TokenStream {
  /// A stream of a language model, starting from a zero state.
  /// - Parameters:
  ///   - model: A model on a device.
  ///   - batchSize: The number of parallel sequences.
  /// - Throws: `RecurrentError.device` if the model is not on a device as a whole, `.invalidArgument` if its layers
  ///   are bidirectional or `batchSize` is not positive.
  public convenience init(_ model: LanguageModel, batchSize: Int = 1) throws {
    _ = try model.device()
    try self.init(
      encoding: model.encoding, embedding: model.embedding, rnn: model.rnn, head: model.head, batchSize: batchSize)
  }
}
