import RecurrentCore

/// A decoder as a search sees it: it advances hypotheses by one token.
///
/// Hypotheses are rows: row `index · sources + source` is one of the hypotheses of a source. Every source has the same number of
/// rows, which is 1 at the first step and changes from step to step. A source with fewer hypotheses has rows whose results are
/// not read.
package protocol DecodedModel {
  /// The number of tokens. The last one, `tokenCount - 1`, is the boundary, which begins and ends a sequence.
  var tokenCount: Int { get }
  /// The valid steps of each source, before the first step.
  var sourceLengths: [Int] { get }

  /// Advances every hypothesis by one token.
  ///
  /// The search holds no reference to a result when it calls the next step, so that a model can use one array again.
  /// - Parameters:
  ///   - tokens: The last token of each row: the boundary at the first step.
  ///   - parents: The row of the step before whose state each row continues; at the first step, the source.
  ///   - kept: The indices, in ascending order and in the numbering of the step before, of the sources that have rows from
  ///     this step on; nil for all. `parents` has rows of the step before, `tokens` and `parents` have the new rows.
  mutating func step(tokens: [Int32], parents: [Int32], kept: [Int32]?) throws -> DecoderStep
}

/// What a decoder computes at a step.
package struct DecoderStep {
  /// The log probabilities of the next token `[rows, tokenCount]`, at most 0; −∞ for a token that is never selected.
  package var logProbabilities: [Float]
  /// The weights of attention `[rows, source steps]`, with at least the steps of the longest source; nil without attention.
  package var attention: [Float]?

  /// The results of a step.
  package init(logProbabilities: [Float], attention: [Float]? = nil) {
    self.logProbabilities = logProbabilities
    self.attention = attention
  }
}
