import RecurrentCore
import RecurrentData
import RecurrentModel

/// A translation of a text.
public struct Translation: Sendable, Hashable {
  /// The text.
  public let text: String
  /// The tokens, their probabilities, and what each attended to.
  public let hypothesis: Hypothesis
  /// The attention of each target token and of the boundary, `</s>`, to the source tokens and their boundary; nil without attention.
  public let attention: AttentionChart?

  /// The alignment: for each target token the source token with the largest weight, as `source-target` from 0 (the format of
  /// Pharaoh and GIZA++), boundaries left out; nil without attention.
  public var alignment: String? {
    guard attention != nil else { return nil }
    return hypothesis.attention.dropLast().enumerated().map { target, weights in
      "\(Array(weights.dropLast()).indexOfLargest)-\(target)"
    }.joined(separator: " ")
  }
}

extension Translator {
  /// Searches target sequences of source sequences.
  /// - Parameters:
  ///   - sources: The tokens of each, with the boundary at the end.
  ///   - search: How they are found.
  ///   - numbers: The indices of the sources for the search; nil for those in `sources`.
  ///   - others: Further translators of the same tokens, on the same device, whose probabilities are averaged with this one's.
  ///   - batch: The number of sources that are searched at once; it does not affect the results.
  ///   - tape: Is in evaluation mode meanwhile.
  /// - Returns: The hypotheses of each source, best first.
  func decoded(
    _ sources: [[Int32]], _ search: SequenceSearch, numbers: [Int]? = nil, with others: [Translator] = [], batch: Int,
    on tape: Tape
  ) throws -> [[Hypothesis]] {
    var results = [[Hypothesis]](repeating: [], count: sources.count)
    let held = try ([self] + others).map { try $0.holdParameters() }
    defer { withExtendedLifetime(held) {} }
    for indices in try LengthBuckets(lengths: sources.map(\.count), batch: batch).sorted {
      var model = try Ensemble(
        ([self] + others).map {
          try DecodedSources($0.network, indices.map { sources[$0] }, width: search.width, on: tape)
        })
      let found = try search.decode(&model, indices: numbers.map { numbers in indices.map { numbers[$0] } } ?? indices)
      for (index, hypotheses) in zip(indices, found) { results[index] = hypotheses }
    }
    return results
  }

  /// Translates texts.
  /// - Parameters:
  ///   - texts: The texts; an empty one has an empty translation.
  ///   - search: How target sequences are searched.
  ///   - others: Further translators of the same tokens, whose probabilities are averaged with this one's: an ensemble. Those that
  ///     are on no device are moved to this one's.
  ///   - batch: The number of texts that are translated at once; it does not affect the results.
  /// - Returns: The best translations of each text, best first.
  /// - Throws: `RecurrentError` if the model has no vocabularies or is not on a device, or others have other tokens.
  public func translate(
    _ texts: [String], search: BeamSearch, with others: [Translator] = [], batch: Int = 50
  ) throws -> [[Translation]] {
    try translations(
      of: texts.map { TextExample(text: $0, location: "text") }, .best(search), with: others, batch: batch,
      replacesUnknown: false, on: Tape(device(), mode: .evaluation))
  }

  /// Translates texts; see `translate(_:search:with:batch:)`.
  /// - Parameter replacesUnknown: Whether an unknown word of a translation is replaced by the source word that it attended to most.
  func translations(
    of examples: [TextExample], _ search: SequenceSearch, with others: [Translator] = [], batch: Int,
    replacesUnknown: Bool, on tape: Tape
  ) throws -> [[Translation]] {
    let (source, target) = try codecs()
    for other in others
    where other.source != source || other.target != target || other.context != context
      || other.network.hasAttention != network.hasAttention
    {
      throw RecurrentError(
        .invalidModel, "the translators of an ensemble differ in their tokens, their context or in having an attention",
        at: "Translator", remedy: "train them on the same data with the same options of tokens, and other seeds")
    }
    for other in others where (try? other.device()) == nil { try other.move(to: device()) }
    let texts = examples.map { String(example: $0.text) }
    let tokens = try source.encode(zip(texts, examples).map { ($0, $1.location) })
    let filled = tokens.indices.filter { !tokens[$0].isEmpty }
    let found = try decoded(
      filled.map { tokens[$0] + [source.boundary] }, search, numbers: filled, with: others, batch: batch, on: tape)
    var results = examples.map { _ in [Translation]() }
    for (index, hypotheses) in zip(filled, found) {
      let words = source.symbols(of: tokens[index])
      let copied = replacesUnknown ? try source.words(of: texts[index]) : []
      results[index] = try hypotheses.map { hypothesis in
        let symbols = replacesUnknown ? hypothesis.symbols(target, replacingUnknownBy: copied) : nil
        let attention =
          try hypothesis.attention.isEmpty
          ? nil
          : AttentionChart(
            source: words + [TextCodec.boundarySymbol],
            target: target.symbols(of: hypothesis.tokens) + [TextCodec.boundarySymbol], weights: hypothesis.attention)
        return Translation(
          text: target.decode(hypothesis.tokens, symbols: symbols), hypothesis: hypothesis, attention: attention)
      }
    }
    return results
  }
}

extension Hypothesis {
  /// The symbols of the tokens; in place of unknown ones, the source word with the largest attention weight.
  /// - Parameter words: The word of each source token.
  fileprivate func symbols(_ target: TextCodec, replacingUnknownBy words: [String]) -> [String] {
    zip(tokens, target.symbols(of: tokens)).enumerated().map { index, pair in
      guard Int(pair.0) == target.vocabulary.unknown, attention.indices.contains(index) else { return pair.1 }
      // Not the boundary.
      let place = Array(attention[index].dropLast()).indexOfLargest
      return words.indices.contains(place) ? words[place] : pair.1
    }
  }
}
