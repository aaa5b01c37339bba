import RecurrentCore
import RecurrentData

/// The input encoding of tokens and the recurrent layers: the part of `config.json` that models of tokens share.
@dynamicMemberLookup
package struct NetworkConfiguration: Codable, Hashable, Sendable {
  /// The input encoding of tokens.
  package enum Input: String, Codable, Sendable, CaseIterable {
    /// A learned vector per token.
    case embedding
    /// A one-hot vector.
    case oneHot = "one-hot"
    /// The index of the token, as one feature.
    case integer
  }

  package typealias Cell = RecurrentConfiguration.Cell

  /// The input encoding of tokens.
  package var input: Input
  /// The embedding size; nil without an embedding.
  package var embedding: Int?
  /// The recurrent layers, whose keys are beside those of the encoding.
  package var recurrent: RecurrentConfiguration

  private enum CodingKeys: String, CodingKey { case input, embedding }

  /// A network; an embedding size that does not apply to the input is dropped.
  package init(input: Input = .embedding, embedding: Int? = nil, recurrent: RecurrentConfiguration) {
    (self.input, self.embedding) = (input, input == .embedding ? embedding : nil)
    self.recurrent = recurrent
  }

  /// A network; values that do not apply to the input or the cell are dropped.
  package init(
    input: Input = .embedding, embedding: Int? = nil, cell: Cell = .lstm, gruConvention: GRUConvention? = nil,
    activation: Activation? = nil, bias: CellBias = .both, hidden: Int, layers: Int = 1, dropout: Float = 0,
    bidirectional: Bool = false
  ) {
    self.init(
      input: input, embedding: embedding,
      recurrent: RecurrentConfiguration(
        cell: cell, gruConvention: gruConvention, activation: activation, bias: bias, hidden: hidden, layers: layers,
        dropout: dropout, bidirectional: bidirectional))
  }

  /// The configuration of recurrent layers.
  package init(of rnn: RecurrentStack, encoding: InputEncoding) {
    self.init(encoding, RecurrentConfiguration(of: rnn))
  }

  /// The configuration of recurrent layers, or of a feed-forward layer over a window.
  /// - Parameter dropout: The dropout probability of the whole model.
  package init(of rnn: RecurrentStack?, orOverWindow layer: Dense?, encoding: InputEncoding, dropout: Float) {
    self.init(
      encoding,
      rnn.map(RecurrentConfiguration.init(of:)) ?? RecurrentConfiguration(feedForward: layer?.weight.shape[0] ?? 0))
    self.dropout = dropout
  }

  private init(_ encoding: InputEncoding, _ recurrent: RecurrentConfiguration) {
    switch encoding {
    case .embedding(let size): self.init(input: .embedding, embedding: size, recurrent: recurrent)
    case .oneHot: self.init(input: .oneHot, recurrent: recurrent)
    case .integer: self.init(input: .integer, recurrent: recurrent)
    }
  }

  /// Reads its keys of `config.json`, and ignores others.
  /// - Throws: `DecodingError` or `RecurrentError.invalidModel` if a key is missing or has no such value.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    input = try values.decode(Input.self, forKey: .input)
    embedding = try values.decodeIfPresent(Int.self, forKey: .embedding)
    recurrent = try RecurrentConfiguration(from: decoder)
  }

  /// Writes the keys of `config.json`.
  /// - Throws: Errors of the encoder.
  package func encode(to encoder: any Encoder) throws {
    try recurrent.encode(to: encoder)
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(input, forKey: .input)
    try values.encodeIfPresent(embedding, forKey: .embedding)
  }

  /// A value of the recurrent layers.
  package subscript<Value>(dynamicMember path: WritableKeyPath<RecurrentConfiguration, Value>) -> Value {
    get { recurrent[keyPath: path] }
    set { recurrent[keyPath: path] = newValue }
  }

  /// The input encoding, with the embedding size.
  package var encoding: InputEncoding {
    switch input {
    case .embedding: .embedding(embedding ?? 0)
    case .oneHot: .oneHot
    case .integer: .integer
    }
  }

  /// The limits of sizes. They prevent overflow of products of sizes; the effective limit is the memory, checked when
  /// the model is placed on a device.
  package enum Limit {
    /// The hidden size.
    package static let hidden = 65_536
    /// The number of layers.
    package static let layers = 256
    /// The embedding size.
    package static let embedding = WordVectors.largestSize
    /// The vocabulary size.
    package static let vocabulary = 16_777_216
    /// The number of classes or tags.
    package static let labels = 65_536
    /// The maximum length of a text.
    package static let length = 1_000_000
    /// The number of words on either side of a feed-forward layer's window.
    package static let window = 1000
  }

  /// The sizes by their keys, with their limits.
  package var sizes: [(key: String, size: Int, limit: Int)] {
    recurrent.sizes + (input == .embedding ? [("embedding", embedding ?? 0, Limit.embedding)] : [])
  }
}
