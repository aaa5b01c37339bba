import ArgumentParser
import RecurrentCore
import RecurrentData
import RecurrentModel

/// The sampled softmax of training, for models that predict tokens.
package struct SamplingOptions: ParsableArguments {
  @Option(
    """
    Sampled softmax, for large vocabularies: training steps compute the target tokens and N others, drawn at random, in place of \
    all tokens. The training loss is then too low; validation has all tokens. (default: all tokens)
    """, .range(1...NetworkConfiguration.Limit.vocabulary))
  package var sampledSoftmax: Int?

  package init() {}

  /// The sampled softmax over a vocabulary, nil for all tokens: words are sorted by frequency, with `<unk>` at the end; characters are
  /// not.
  /// - Parameter boundaries: The number of tokens behind the vocabulary, which are frequent.
  func sampling(of vocabulary: Vocabulary, boundaries: Int = 0) throws -> SampledSoftmax? {
    guard let count = sampledSoftmax else { return nil }
    try requireUse(
      count < vocabulary.count, "--sampled-softmax", "the vocabulary has \(vocabulary.count.grouped) tokens",
      remedy: "use a lower number, or leave it out")
    return try SampledSoftmax(
      count: count,
      proposal: vocabulary.kind == .characters
        ? .uniform : .logUniform(frequentLast: boundaries + (vocabulary.unknown == nil ? 0 : 1)))
  }
}
