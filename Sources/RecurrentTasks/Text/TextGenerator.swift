import RecurrentCore
import RecurrentData
import RecurrentModel

/// Generates text token by token. The state is carried, so each token costs one step. The model must not change while
/// the generator is in use.
public final class TextGenerator {
  private let stream: TokenStream
  /// The token that is never sampled.
  private let excluded: Int?
  private var sampler: Sampler
  private var decoder: TextDecoder
  private var logits: [Float]
  private var pending: Int32?

  /// Reads a prompt; an empty one stands for a line break, or for the first symbol if the vocabulary has none.
  /// - Parameters:
  ///   - model: A model on a device, with its vocabulary.
  ///   - prompt: The start of the text.
  ///   - sampler: The sampler of tokens.
  ///   - drawsUnknown: Whether `<unk>` is drawn like any token, where the vocabulary has it, or never.
  /// - Throws: `RecurrentError` if the prompt has a token that is not in the vocabulary, whether that has an unknown symbol or
  ///   not, or the model has no vocabulary or is not on a device.
  public init(
    _ model: LanguageModel, prompt: String = "", sampler: Sampler, drawsUnknown: Bool = true
  ) throws {
    let vocabulary = try model.vocabulary.required(at: "LanguageModel")
    self.sampler = sampler
    excluded = drawsUnknown ? nil : vocabulary.unknown
    let read = try vocabulary.encode(prompt, from: "prompt", allowsUnknown: false)
    let start = vocabulary.lineEnd ?? 0
    decoder = TextDecoder(vocabulary)
    for token in read { _ = decoder.text(of: token) }
    let tape = try Tape(model.device(), mode: .evaluation)
    let state: RecurrentState
    (logits, state) = try model.logits(for: read.isEmpty ? [start] : read, on: tape)
    stream = try TokenStream(model)
    try stream.resume(from: state)
  }

  /// Samples the next token and returns its text.
  /// - Throws: `RecurrentError.diverged` if the logits are not finite.
  public func next() throws -> String {
    if let pending { try stream([pending], logits: &logits) }
    let token = try sampler(logits, excluding: excluded)
    pending = token
    return decoder.text(of: token)
  }
}
