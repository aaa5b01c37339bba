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
    let tape = try Tape(model.device(), mode: .evaluation)
    let read = try model.read(prompt, on: tape)
    (logits, decoder) = (read.logits, read.decoder)
    stream = try TokenStream(model)
    try stream.resume(from: read.state)
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

/// A language model after a prompt.
struct ReadPrompt {
  /// The logits of the next token.
  let logits: [Float]
  /// The state after the prompt, which outlives the pass.
  let state: RecurrentState
  /// Converts what follows the prompt to text.
  let decoder: TextDecoder
}

extension LanguageModel {
  /// Reads a prompt; an empty one stands for a line break, or for the first symbol if the vocabulary has none.
  /// - Throws: `RecurrentError` if the prompt has a token that is not in the vocabulary, whether that has an unknown symbol or
  ///   not, or the model has no vocabulary.
  func read(_ prompt: String, on tape: Tape) throws -> ReadPrompt {
    let vocabulary = try vocabulary.required(at: "LanguageModel")
    let tokens = try vocabulary.encode(prompt, from: "prompt", allowsUnknown: false)
    var decoder = TextDecoder(vocabulary)
    for token in tokens { _ = decoder.text(of: token) }
    let (logits, state) = try logits(for: tokens.isEmpty ? [vocabulary.lineEnd ?? 0] : tokens, on: tape)
    return ReadPrompt(logits: logits, state: state, decoder: decoder)
  }
}
