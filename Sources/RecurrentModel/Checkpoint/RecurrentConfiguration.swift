import RecurrentCore

/// Recurrent layers in `config.json`: the part that all models share.
package struct RecurrentConfiguration: Codable, Hashable, Sendable {
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
    case cell, activation, bias, hidden, layers, dropout, bidirectional
    case gruConvention = "gru_convention"
  }

  /// Layers; values that do not apply to the cell are dropped.
  package init(
    cell: Cell = .lstm, gruConvention: GRUConvention? = nil, activation: Activation? = nil, bias: CellBias = .both,
    hidden: Int, layers: Int = 1, dropout: Float = 0, bidirectional: Bool = false
  ) {
    (self.cell, self.gruConvention, self.activation, self.bias) = (cell, gruConvention, activation, bias)
    (self.hidden, self.layers, self.dropout) = (hidden, layers, dropout)
    isBidirectional = bidirectional
    setKind(kind)
  }

  /// The configuration of layers.
  package init(of rnn: RecurrentStack) {
    self.init(hidden: rnn.hiddenSize)
    (layers, dropout, isBidirectional, bias) = (rnn.layerCount, rnn.dropout, rnn.isBidirectional, rnn.bias)
    setKind(rnn.kind)
  }

  /// The configuration of a feed-forward layer.
  package init(feedForward hidden: Int) { self.init(cell: .feedForward, hidden: hidden) }

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

  /// The sizes by their keys, with their limits.
  package var sizes: [(key: String, size: Int, limit: Int)] {
    [("hidden", hidden, NetworkConfiguration.Limit.hidden), ("layers", layers, NetworkConfiguration.Limit.layers)]
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
