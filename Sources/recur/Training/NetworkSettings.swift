import Recurrent

/// What a run's model is made of, as options say it and checkpoints carry it.
struct NetworkSettings: Codable {
  var cell: NetworkConfiguration.Cell
  var gruConvention: GRUConvention
  var activation: ElmanActivation
  var bias: CellBias
  var input: NetworkConfiguration.Input
  var embedding: Int
  // Checkpoints of earlier versions have neither.
  var sparseEmbedding: Bool?
  var bidirectional: Bool?
  var hidden: Int
  var layers: Int
  var dropout: Float
  var initialization: Initialization

  /// What was given, and the defaults.
  /// - Parameter bidirectional: Nil where there is no such option.
  init(_ options: NetworkOptions, bidirectional: Bool? = nil) {
    self.bidirectional = bidirectional
    cell = options.cell ?? .lstm
    gruConvention = options.gruConvention?.convention ?? .resetAfter
    activation = options.activation ?? .tanh
    bias = options.bias ?? .both
    input = options.input ?? .embedding
    embedding = options.embedding ?? 128
    sparseEmbedding = options.sparseEmbedding
    hidden = options.hidden ?? 128
    layers = options.layers ?? 2
    dropout = options.dropout ?? 0
    initialization = options.initialization ?? .standard
  }

  /// - Throws: `RecurrentError.invalidArgument` that names the first number that is out of range.
  func check() throws {
    for (option, value, limit) in [
      ("--hidden", hidden, NetworkConfiguration.Limit.hidden), ("--layers", layers, NetworkConfiguration.Limit.layers),
      ("--embedding", embedding, NetworkConfiguration.Limit.embedding),
    ] {
      try require((1...limit).contains(value), option, value, "take 1 to \(limit.grouped)")
    }
    try require(dropout >= 0 && dropout < 1, "--dropout", dropout, "take 0 or more, and less than 1")
  }

  /// As `config.json` says it.
  var configuration: NetworkConfiguration {
    NetworkConfiguration(
      input: input, embedding: embedding, cell: cell, gruConvention: gruConvention, activation: activation.activation,
      bias: bias, hidden: hidden, layers: layers, dropout: dropout, bidirectional: bidirectional ?? false)
  }
}
