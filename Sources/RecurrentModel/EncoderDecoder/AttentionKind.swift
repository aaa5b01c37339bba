import RecurrentCore

/// How a decoder scores the states of the encoder.
public enum AttentionKind: String, Sendable, Hashable, Codable, CaseIterable {
  /// `v · tanh(W q + U s + b)` (Bahdanau et al. 2015).
  case additive
  /// `q · s`, for a query and states with the same number of features (Luong et al. 2015).
  case dot
  /// `q · W s` (Luong et al. 2015).
  case general
  /// No attention: the decoder knows only the final state of the encoder (Sutskever et al. 2014).
  case none

  /// The attention; nil for none.
  /// - Parameters:
  ///   - query: The number of features of a query.
  ///   - memory: The number of features of a state.
  ///   - units: The number of hidden units of additive scores.
  /// - Throws: `RecurrentError.invalidArgument` if the sizes do not fit.
  func makeAttention(query: Int, memory: Int, units: Int) throws -> (any Attention)? {
    switch self {
    case .additive: return try AdditiveAttention(query: query, memory: memory, units: units)
    case .general: return try GeneralAttention(query: query, memory: memory)
    case .none: return nil
    case .dot:
      guard query == memory else {
        throw RecurrentError(
          .invalidArgument, "dot products of queries of \(query) features with states of \(memory)", at: "attention",
          remedy: "use general or additive attention, or the same number of features")
      }
      return DotAttention()
    }
  }
}
