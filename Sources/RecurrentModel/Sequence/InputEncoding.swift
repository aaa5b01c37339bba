/// How tokens become the numbers that a network reads.
public enum InputEncoding: Hashable, Sendable {
  /// A learnt vector of this size for each token.
  case embedding(Int)
  /// A 1 at the token's place: as many features as there are tokens.
  case oneHot
  /// The token's number itself, one feature.
  case integer

  /// The features that the network gets.
  public func size(tokens: Int) -> Int {
    switch self {
    case .embedding(let size): size
    case .oneHot: tokens
    case .integer: 1
    }
  }

  /// The vectors to learn, where the encoding has them.
  package func table(tokens: Int) throws -> Embedding? {
    guard case .embedding(let size) = self else { return nil }
    return try Embedding(tokens: tokens, size: size)
  }

  /// The numbers for tokens of any shape: `tokens.shape + [size]`.
  /// - Throws: `RecurrentError.invalidData` if a token is not below `count`.
  package func numbers(for tokens: Tokens, of count: Int, _ embedding: Embedding?, at place: String) throws -> Tensor {
    switch self {
    case .oneHot: return try tokens.oneHot(count)
    case .integer:
      try tokens.check(
        below: count, on: tokens.tape, at: place, remedy: "use the vocabulary of the model")
      return try tokens.asNumbers()
    case .embedding:
      guard let embedding else { throw RecurrentError(.invalidModel, "the model has no embedding", at: place) }
      return try embedding(tokens)
    }
  }
}
