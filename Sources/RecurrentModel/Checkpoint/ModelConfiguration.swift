import RecurrentCore

/// What a language model is, without its weights: the contents of `config.json`.
public struct ModelConfiguration: Codable, Hashable, Sendable {
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
  }

  /// The version of this file's format.
  public private(set) var format = 1
  /// What the model does; only `language-model` is known to this version.
  public private(set) var task = "language-model"
  /// The number of tokens.
  public var vocabularySize: Int
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
  /// The units of each layer.
  public var hidden: Int
  /// The layers.
  public var layers: Int
  /// The share that dropout drops between layers.
  public var dropout: Float

  private enum CodingKeys: String, CodingKey {
    case format, task, input, embedding, cell, activation, bias, hidden, layers, dropout
    case vocabularySize = "vocabulary_size"
    case gruConvention = "gru_convention"
  }

  /// Describes a model.
  public init(
    vocabularySize: Int, input: Input = .embedding, embedding: Int? = nil, cell: Cell = .lstm,
    gruConvention: GRUConvention = .resetAfter, activation: Activation = .tanh, bias: CellBias = .both, hidden: Int,
    layers: Int = 1, dropout: Float = 0
  ) {
    self.vocabularySize = vocabularySize
    self.input = input
    self.embedding = input == .embedding ? embedding : nil
    self.cell = cell
    self.gruConvention = cell == .gru ? gruConvention : nil
    self.activation = cell == .elman ? activation : nil
    self.bias = bias
    self.hidden = hidden
    self.layers = layers
    self.dropout = dropout
  }

  /// Reads `config.json`.
  /// - Throws: `RecurrentError` that names the key that is missing, unknown, of another type, there twice, or out of range;
  ///   of another version only the version, whatever else it has.
  package init(json bytes: [UInt8]) throws {
    struct Heading: Decodable { let format: Int, task: String }
    let heading = try JSON.decode(Heading.self, from: bytes)
    try Self.check(format: heading.format, task: heading.task)
    self = try JSON.decode(from: bytes)
    try checkSizes()
  }

  /// The description of a model that is there.
  public init(of model: LanguageModel) {
    let rnn = model.rnn
    self.init(
      vocabularySize: model.vocabularySize, cell: .lstm, bias: rnn.bias, hidden: rnn.hiddenSize,
      layers: rnn.layerCount, dropout: rnn.dropout)
    switch model.encoding {
    case .embedding(let size): (input, embedding) = (.embedding, size)
    case .oneHot: input = .oneHot
    case .integer: input = .integer
    }
    switch rnn.kind {
    case .elman(let activation): (cell, self.activation) = (.elman, activation)
    case .lstm: cell = .lstm
    case .gru(let convention): (cell, gruConvention) = (.gru, convention)
    }
  }

  /// The cell, with what its family leaves open.
  public var kind: CellKind {
    switch cell {
    case .elman: .elman(activation ?? .tanh)
    case .lstm: .lstm
    case .gru: .gru(gruConvention ?? .resetAfter)
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
  }

  /// - Throws: `RecurrentError.invalidModel` that names the first size out of range.
  private func checkSizes() throws {
    var sizes = [
      ("vocabulary_size", vocabularySize, Limit.vocabulary), ("hidden", hidden, Limit.hidden),
      ("layers", layers, Limit.layers),
    ]
    if input == .embedding { sizes.append(("embedding", embedding ?? 0, Limit.embedding)) }
    for (name, size, limit) in sizes where !(1...limit).contains(size) {
      throw RecurrentError(.invalidModel, "\(name) is \(size)", remedy: "take 1 to \(limit.grouped)")
    }
  }

  private static func check(format: Int, task: String) throws {
    guard format == 1, task == "language-model" else {
      throw RecurrentError(
        .invalidModel, "is of format \(format) and task \(task.shown)", remedy: "use the version of recur that wrote it"
      )
    }
  }

  /// A model of this description, its weights not yet drawn.
  /// - Parameter initialization: How the recurrent parameters start; nil for PyTorch's default.
  /// - Throws: `RecurrentError` if a size or an option is not usable.
  public func makeModel(initialization: RecurrentInitialization? = nil) throws -> LanguageModel {
    try Self.check(format: format, task: task)
    try checkSizes()
    let encoding: InputEncoding =
      switch input {
      case .embedding: .embedding(embedding ?? 0)
      case .oneHot: .oneHot
      case .integer: .integer
      }
    let size = encoding.size(tokens: vocabularySize)
    let rnn: RecurrentStack =
      switch kind {
      case .elman(let activation):
        try Elman(
          input: size, hidden: hidden, layers: layers, activation: activation,
          dropout: dropout, bias: bias, initialization: initialization)
      case .lstm:
        try LSTM(
          input: size, hidden: hidden, layers: layers, dropout: dropout, bias: bias, initialization: initialization)
      case .gru(let convention):
        try GRU(
          input: size, hidden: hidden, layers: layers, convention: convention, dropout: dropout,
          bias: bias, initialization: initialization)
      }
    return try LanguageModel(vocabularySize: vocabularySize, encoding: encoding, rnn: rnn)
  }
}

extension Activation: Codable {
  /// Reads a name: `tanh`.
  public init(from decoder: any Decoder) throws {
    let name = try decoder.singleValueContainer().decode(String.self)
    guard let activation = Self.allCases.first(where: { "\($0)" == name }) else {
      throw RecurrentError(
        .invalidModel, "the activation \(name) is not known",
        remedy: "take one of " + Self.allCases.map { "\($0)" }.joined(separator: ", "))
    }
    self = activation
  }

  /// Writes the name.
  public func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    try value.encode("\(self)")
  }
}

extension GRUConvention: Codable {}
extension CellBias: Codable {}
