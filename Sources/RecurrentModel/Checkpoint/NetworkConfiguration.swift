import RecurrentCore
import RecurrentData

/// The input encoding and the recurrent layers: the part of `config.json` that all tasks share.
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

  /// A type of cell.
  package enum Cell: String, Codable, Sendable, CaseIterable {
    /// The Elman cell.
    case elman
    /// The LSTM cell.
    case lstm
    /// The GRU cell.
    case gru
    /// No recurrent cell: a feed-forward layer over a window of tokens.
    case feedForward = "feed-forward"
  }

  /// The input encoding of tokens.
  package var input: Input
  /// The embedding size; nil without an embedding.
  package var embedding: Int?
  /// The type of cell.
  package var cell: Cell
  /// The position of a GRU's reset gate; nil for other cells.
  package var gruConvention: GRUConvention?
  /// The activation of an Elman cell, `tanh` or `relu`; nil for other cells.
  package var activation: Activation?
  /// The bias vectors of the cells.
  package var bias: CellBias
  /// The hidden size: units of each layer and direction.
  package var hidden: Int
  /// The number of layers.
  package var layers: Int
  /// The dropout probability between layers.
  package var dropout: Float
  /// Whether each layer also runs in reverse.
  package var isBidirectional: Bool {
    get { bidirectional ?? false }
    set { bidirectional = newValue ? true : nil }
  }

  /// The key in `config.json`, which is omitted unless it is true.
  private var bidirectional: Bool?

  private enum CodingKeys: String, CodingKey {
    case input, embedding, cell, activation, bias, hidden, layers, dropout, bidirectional
    case gruConvention = "gru_convention"
  }

  /// A network; values that do not apply to the input or the cell are dropped.
  package init(
    input: Input = .embedding, embedding: Int? = nil, cell: Cell = .lstm, gruConvention: GRUConvention? = nil,
    activation: Activation? = nil, bias: CellBias = .both, hidden: Int, layers: Int = 1, dropout: Float = 0,
    bidirectional: Bool = false
  ) {
    (self.input, self.embedding) = (input, input == .embedding ? embedding : nil)
    (self.cell, self.gruConvention, self.activation, self.bias) = (cell, gruConvention, activation, bias)
    (self.hidden, self.layers, self.dropout) = (hidden, layers, dropout)
    isBidirectional = bidirectional
    setKind(kind)
  }

  /// The configuration of recurrent layers.
  package init(of rnn: RecurrentStack, encoding: InputEncoding) {
    self.init(encoding, hidden: rnn.hiddenSize)
    (layers, dropout, isBidirectional, bias) = (rnn.layerCount, rnn.dropout, rnn.isBidirectional, rnn.bias)
    setKind(rnn.kind)
  }

  /// The configuration of recurrent layers, or of a feed-forward layer over a window.
  /// - Parameter dropout: The dropout probability of the whole model.
  package init(of rnn: RecurrentStack?, orOverWindow layer: Dense?, encoding: InputEncoding, dropout: Float) {
    if let rnn {
      self.init(of: rnn, encoding: encoding)
    } else {
      self.init(encoding, hidden: layer?.weight.shape[0] ?? 0)
      setKind(nil)
    }
    self.dropout = dropout
  }

  private init(_ encoding: InputEncoding, hidden: Int) {
    self.init(hidden: hidden)
    switch encoding {
    case .embedding(let size): (input, embedding) = (.embedding, size)
    case .oneHot: input = .oneHot
    case .integer: input = .integer
    }
  }

  /// The kind of cell, with its convention or activation; nil for feed-forward.
  package var kind: CellKind? {
    switch cell {
    case .elman: .elman(activation ?? Self.defaultActivation)
    case .lstm: .lstm
    case .gru: .gru(gruConvention ?? Self.defaultConvention)
    case .feedForward: nil
    }
  }

  /// The convention of a GRU without one, as in PyTorch.
  package static let defaultConvention = GRUConvention.resetAfter
  /// The activation of an Elman cell without one, as in PyTorch.
  package static let defaultActivation = Activation.tanh

  /// Sets the cell, with its convention or activation, and drops those of other cells.
  private mutating func setKind(_ kind: CellKind?) {
    (gruConvention, activation) = (nil, nil)
    switch kind {
    case .elman(let function): (cell, activation) = (.elman, function)
    case .lstm: cell = .lstm
    case .gru(let convention): (cell, gruConvention) = (.gru, convention)
    case nil: cell = .feedForward
    }
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
    [("hidden", hidden, Limit.hidden), ("layers", layers, Limit.layers)]
      + (input == .embedding ? [("embedding", embedding ?? 0, Limit.embedding)] : [])
  }

  /// The recurrent layers, with uninitialized weights; nil for feed-forward.
  /// - Parameters:
  ///   - inputSize: The features that they read.
  ///   - initialization: How their parameters start; nil for PyTorch's default.
  /// - Throws: `RecurrentError` if a size or an option is not usable.
  package func makeLayers(inputSize: Int, initialization: RecurrentInitialization?) throws -> RecurrentStack? {
    switch kind {
    case nil: nil
    case .elman(let activation):
      try Elman(
        input: inputSize, hidden: hidden, layers: layers, activation: activation, dropout: dropout,
        bidirectional: isBidirectional, bias: bias, initialization: initialization)
    case .lstm:
      try LSTM(
        input: inputSize, hidden: hidden, layers: layers, dropout: dropout, bidirectional: isBidirectional, bias: bias,
        initialization: initialization)
    case .gru(let convention):
      try GRU(
        input: inputSize, hidden: hidden, layers: layers, convention: convention, dropout: dropout,
        bidirectional: isBidirectional, bias: bias, initialization: initialization)
    }
  }
}

extension Activation: Codable {
  /// Reads a name: `tanh`.
  /// - Throws: `DecodingError` or `RecurrentError.invalidModel` if a key is missing or has no such value.
  public init(from decoder: any Decoder) throws {
    let name = try decoder.singleValueContainer().decode(String.self)
    guard let activation = Self.allCases.first(where: { "\($0)" == name }) else {
      throw RecurrentError(
        .invalidModel, "unknown activation \(name)",
        remedy: "use one of " + Self.allCases.map { "\($0)" }.joined(separator: ", "))
    }
    self = activation
  }

  /// Writes the name.
  /// - Throws: Errors of the encoder.
  public func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    try value.encode("\(self)")
  }
}

extension GRUConvention: Codable {}
extension CellBias: Codable {}
