import RecurrentCore

/// How tokens enter a model, and the recurrent layers that read them: the part of `config.json` that models of all tasks have.
public struct NetworkConfiguration: Codable, Hashable, Sendable {
  /// How tokens become numbers.
  public enum Input: String, Codable, Sendable, CaseIterable {
    /// A learnt vector for each token.
    case embedding
    /// A 1 at the token's place.
    case oneHot = "one-hot"
    /// The token's number itself.
    case integer
  }

  /// A family of cells.
  public enum Cell: String, Codable, Sendable, CaseIterable {
    /// The simple one.
    case elman
    /// Long short-term memory.
    case lstm
    /// The gated recurrent unit.
    case gru
    /// None: a layer over a window of tokens, without memory.
    case feedForward = "feed-forward"
  }

  /// How tokens become numbers.
  public var input: Input
  /// The size of a token's vector, where tokens have one.
  public var embedding: Int?
  /// The family of cells.
  public var cell: Cell
  /// Where a GRU applies its reset gate.
  public var gruConvention: GRUConvention?
  /// An Elman cell's function: `tanh` or `relu`.
  public var activation: Activation?
  /// Which biases the cells have.
  public var bias: CellBias
  /// The units of each layer and direction.
  public var hidden: Int
  /// The layers.
  public var layers: Int
  /// The share that dropout drops between layers.
  public var dropout: Float
  /// Whether each layer also runs from the last step to the first.
  public var isBidirectional: Bool

  private enum CodingKeys: String, CodingKey {
    case input, embedding, cell, activation, bias, hidden, layers, dropout, bidirectional
    case gruConvention = "gru_convention"
  }

  /// Describes a network. What another input or cell has is left out.
  public init(
    input: Input = .embedding, embedding: Int? = nil, cell: Cell = .lstm, gruConvention: GRUConvention = .resetAfter,
    activation: Activation = .tanh, bias: CellBias = .both, hidden: Int, layers: Int = 1, dropout: Float = 0,
    bidirectional: Bool = false
  ) {
    self.input = input
    self.embedding = input == .embedding ? embedding : nil
    self.cell = cell
    self.gruConvention = cell == .gru ? gruConvention : nil
    self.activation = cell == .elman ? activation : nil
    self.bias = bias
    self.hidden = hidden
    self.layers = layers
    self.dropout = dropout
    isBidirectional = bidirectional
  }

  /// The description of recurrent layers that are there.
  public init(of rnn: RecurrentStack, encoding: InputEncoding) {
    self.init(encoding, hidden: rnn.hiddenSize)
    (layers, dropout, isBidirectional, bias) = (rnn.layerCount, rnn.dropout, rnn.isBidirectional, rnn.bias)
    switch rnn.kind {
    case .elman(let activation): (cell, self.activation) = (.elman, activation)
    case .lstm: cell = .lstm
    case .gru(let convention): (cell, gruConvention) = (.gru, convention)
    }
  }

  /// The description of recurrent layers, or of the layer over a window that a model without them has.
  /// - Parameter dropout: What the model drops everywhere.
  package init(of rnn: RecurrentStack?, orOverWindow layer: Dense?, encoding: InputEncoding, dropout: Float) {
    if let rnn {
      self.init(of: rnn, encoding: encoding)
    } else {
      self.init(encoding, hidden: layer?.weight.shape[0] ?? 0)
      cell = .feedForward
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

  /// Reads the keys of `config.json`; those of other parts are left to them.
  /// - Throws: `DecodingError` or `RecurrentError.invalidModel` if a key is missing or has no such value.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    input = try values.decode(Input.self, forKey: .input)
    embedding = try values.decodeIfPresent(Int.self, forKey: .embedding)
    cell = try values.decode(Cell.self, forKey: .cell)
    gruConvention = try values.decodeIfPresent(GRUConvention.self, forKey: .gruConvention)
    activation = try values.decodeIfPresent(Activation.self, forKey: .activation)
    bias = try values.decode(CellBias.self, forKey: .bias)
    hidden = try values.decode(Int.self, forKey: .hidden)
    layers = try values.decode(Int.self, forKey: .layers)
    dropout = try values.decode(Float.self, forKey: .dropout)
    isBidirectional = try values.decodeIfPresent(Bool.self, forKey: .bidirectional) ?? false
  }

  /// Writes the keys of `config.json`.
  /// - Throws: What the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(input, forKey: .input)
    try values.encodeIfPresent(embedding, forKey: .embedding)
    try values.encode(cell, forKey: .cell)
    try values.encodeIfPresent(gruConvention, forKey: .gruConvention)
    try values.encodeIfPresent(activation, forKey: .activation)
    try values.encode(bias, forKey: .bias)
    try values.encode(hidden, forKey: .hidden)
    try values.encode(layers, forKey: .layers)
    try values.encode(dropout, forKey: .dropout)
    if isBidirectional { try values.encode(true, forKey: .bidirectional) }
  }

  /// The cell, with what its family leaves open; nil if there is none.
  public var kind: CellKind? {
    switch cell {
    case .elman: .elman(activation ?? .tanh)
    case .lstm: .lstm
    case .gru: .gru(gruConvention ?? .resetAfter)
    case .feedForward: nil
    }
  }

  /// How tokens become numbers, with the size of their vectors.
  public var encoding: InputEncoding {
    switch input {
    case .embedding: .embedding(embedding ?? 0)
    case .oneHot: .oneHot
    case .integer: .integer
    }
  }

  /// The largest sizes of a model. They keep products of sizes far from overflow; memory sets the real limit, and is
  /// checked when the model is placed on a device.
  public enum Limit {
    /// The units of a layer.
    public static let hidden = 65_536
    /// The layers.
    public static let layers = 256
    /// The size of a token's vector.
    public static let embedding = 65_536
    /// The number of tokens.
    public static let vocabulary = 16_777_216
    /// The number of classes or tags.
    public static let labels = 65_536
    /// The tokens that a model reads at most, where it limits them.
    public static let length = 1_000_000
    /// The words on either side that a layer over a window reads.
    public static let window = 1000
  }

  /// The sizes, by their keys, with their largest values.
  package var sizes: [(key: String, size: Int, limit: Int)] {
    [("hidden", hidden, Limit.hidden), ("layers", layers, Limit.layers)]
      + (input == .embedding ? [("embedding", embedding ?? 0, Limit.embedding)] : [])
  }

  /// The recurrent layers, their weights not yet drawn; nil if there are none.
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
  /// - Throws: What the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    try value.encode("\(self)")
  }
}

extension GRUConvention: Codable {}
extension CellBias: Codable {}
