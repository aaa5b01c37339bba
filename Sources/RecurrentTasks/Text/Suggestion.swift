import RecurrentCore
import RecurrentData
import RecurrentModel

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A likely continuation of a text.
public struct Suggestion: Sendable, Hashable {
  /// The suggestion as it is shown: a word, with the beginning that the prompt has of it; or the text of a number of tokens.
  public let text: String
  /// What follows the prompt: the prompt and this are a text. Empty if the last word of the prompt is complete.
  public let continuation: String
  /// The probability of the continuation, in `0 ... 1`.
  public let probability: Double
}

extension LanguageModel {
  /// The most suggestions.
  package static let mostSuggestions = BeamSearch.largestBeam
  /// The longest word.
  private static let longestWord = 100

  /// The likeliest next words of a prompt, or its likeliest continuations of a given length: the likeliest first, and the same
  /// each time.
  ///
  /// If tokens are words, a next word is a token: a word, a punctuation mark or a line break. If they are characters, it is what
  /// follows up to the end of the word; a prompt that ends within a word, `I want to or`, gets suggestions that complete it,
  /// and after a blank, or another character that is no part of a word, there are those of the next word, of which the
  /// characters before it are a part (8 at most). The probability of a word is that of its characters, and of any character that
  /// ends it. Words of more than 100 characters are cut off.
  ///
  /// Continuations are found by beam search, with four hypotheses per suggestion, and at least 64.
  /// - Parameters:
  ///   - prompt: The start of the text; an empty one stands for a line break, or for the first symbol if the vocabulary has none.
  ///   - count: How many suggestions are wanted, in `1 ... 1000`. There are fewer if the vocabulary has fewer.
  ///   - length: The number of tokens of each suggestion; nil for a word.
  ///   - allowsUnknown: Whether `<unk>` can be part of a suggestion, where the vocabulary has it.
  /// - Throws: `RecurrentError.invalidArgument` if the count or the length is out of range, or there are no letters for words;
  ///   `.invalidData` if the prompt has a token that is not in the vocabulary; `.diverged` if the logits are not finite;
  ///   `.invalidModel` if the model has no vocabulary, `.device` if it is not on a device.
  public func suggestions(
    after prompt: String = "", count: Int = 5, length: Int? = nil, allowsUnknown: Bool = true
  ) throws -> [Suggestion] {
    guard (1...Self.mostSuggestions).contains(count) else {
      throw RecurrentError(
        .invalidArgument, "the number of suggestions is \(count)", at: "suggestions",
        remedy: "use a value from 1 to \(Self.mostSuggestions.grouped)")
    }
    let vocabulary = try vocabulary.required(at: "LanguageModel")
    let tape = try Tape(device(), mode: .evaluation)
    let (end, beginning) = try end(after: prompt, length: length, vocabulary)
    let read = try read(prompt, on: tape)
    let lengths =
      switch end {
      case .tokens(let length): length...length
      case .word: 0...Self.longestWord
      }
    let unknown = allowsUnknown ? nil : vocabulary.unknown.map(Int32.init)
    let search = try BeamSearch(
      beam: min(max(4 * count, 64), BeamSearch.largestBeam), nBest: count, normalization: .none,
      constraints: DecodingConstraints(
        minimumLength: lengths.lowerBound, maximumLength: lengths.upperBound,
        forbiddenTokens: unknown.map { [$0] } ?? []))
    var decoded = DecodedLanguageModel(self, after: read, of: vocabulary, end: end, on: tape)
    return try search.decode(&decoded).joined().map { hypothesis in
      var decoder = read.decoder
      return Suggestion(
        text: beginning + vocabulary.decode(hypothesis.tokens),
        continuation: hypothesis.tokens.reduce(into: "") { $0 += decoder.text(of: $1) },
        probability: exp(hypothesis.logProbability))
    }
  }

  /// Where suggestions end, and the beginning of their word in the prompt.
  private func end(
    after prompt: String, length: Int?, _ vocabulary: Vocabulary
  ) throws -> (DecodedLanguageModel.End, beginning: String) {
    if let length {
      guard (1...DecodingConstraints.largestLength).contains(length) else {
        throw RecurrentError(
          .invalidArgument, "the length is \(length)", at: "suggestions",
          remedy: "use a value from 1 to \(DecodingConstraints.largestLength.grouped)")
      }
      return (.tokens(length), "")
    }
    guard vocabulary.kind == .characters else { return (.tokens(1), "") }
    let isLetter = { (symbol: String) in WordPosition.end(of: symbol).position == .inside }
    guard vocabulary.symbols.indices.contains(where: { $0 != vocabulary.unknown && isLetter(vocabulary.symbols[$0]) })
    else {
      throw RecurrentError(
        .invalidArgument, "the vocabulary has no letters, so there are no words", at: "suggestions",
        remedy: "give a length")
    }
    let (position, beginning) = WordPosition.end(of: prompt)
    return (.word(position), beginning)
  }
}
