import RecurrentCore

/// The input encoding of tokens.
public enum InputEncoding: Hashable, Sendable {
  /// A learned vector of this size per token.
  case embedding(Int)
  /// A one-hot vector, with one feature per token of the vocabulary.
  case oneHot
  /// The index of the token, as one feature.
  case integer

  /// The number of input features of the network.
  public func size(tokens: Int) -> Int {
    switch self {
    case .embedding(let size): size
    case .oneHot: tokens
    case .integer: 1
    }
  }

  /// The embedding; nil for other encodings.
  package func table(tokens: Int) throws -> Embedding? {
    guard case .embedding(let size) = self else { return nil }
    return try Embedding(tokens: tokens, size: size)
  }

  /// Encodes tokens of any shape: `tokens.shape + [size]`.
  /// - Throws: `RecurrentError.invalidData` if a token is not below `count`.
  package func numbers(for tokens: Tokens, of count: Int, _ embedding: Embedding?, at location: String) throws -> Tensor
  {
    switch self {
    case .oneHot: return try tokens.oneHot(count)
    case .integer:
      try tokens.check(
        below: count, on: tokens.tape, at: location, remedy: "use the vocabulary of the model")
      return try tokens.asNumbers()
    case .embedding:
      guard let embedding else { throw RecurrentError(.invalidModel, "the model has no embedding", at: location) }
      return try embedding(tokens)
    }
  }
}
