import RecurrentData
import ArgumentParser
import RecurrentCore
import RecurrentModel

/// The network of a model.
package struct NetworkOptions: ParsableArguments {
  @Option(
    help: "Recurrent cell; feed-forward, a baseline without memory, is for classifiers and taggers only.")
  package var cell = NetworkConfiguration.Cell.lstm

  @Option(
    help:
      "GRU: apply the reset gate after the recurrent product, as in PyTorch, or before it, as in the paper. (default: after)"
  )
  package var gruConvention: GRUConvention?

  @Option(
    help: "Activation of an Elman cell. (values: tanh, relu; default: tanh)", transform: Activation.init(ofElman:))
  package var activation: Activation?

  @Option(help: "Bias vectors of a cell: two as in PyTorch, one as in Keras, or none.")
  package var bias = CellBias.both

  @Option(help: "Input encoding of a token: an embedding, one-hot, or its index as one value.")
  package var input = NetworkConfiguration.Input.embedding

  @Option("Hidden size: units of each layer and direction.", .range(1...NetworkConfiguration.Limit.hidden))
  package var hidden = 128

  @Option("Number of recurrent layers.", .range(1...NetworkConfiguration.Limit.layers))
  package var layers = 2

  @Option(
    "Embedding size of a token, with --input embedding. (default: 128)",
    .range(1...NetworkConfiguration.Limit.embedding))
  package var embedding: Int?

  @Flag(
    help: """
      Sparse embedding gradients: a step updates only the vectors of tokens that occur in it, like PyTorch's SparseAdam; with \
      adam, adagrad or sgd.
      """)
  package var sparseEmbedding = false

  @Option(
    "Dropout probability between recurrent layers; for classifiers and taggers also before the first and after the last.",
    .range(0..<1))
  package var dropout: Float = 0

  @Option(
    help: """
      Weight initialization: as in PyTorch (standard) or Keras; with orthogonal or identity recurrent weights (identity: IRNN, \
      an Elman cell with relu); or all parameters uniform in -RANGE to RANGE.
      """)
  package var initialization = Initialization.standard

  package init() {}

  /// The embedding size, for inputs that have one.
  var embeddingSize: Int { embedding ?? 128 }

  /// The network in `config.json`.
  package func configuration(bidirectional: Bool = false) -> NetworkConfiguration {
    NetworkConfiguration(
      input: input, embedding: embeddingSize, cell: cell, gruConvention: gruConvention ?? .resetAfter,
      activation: activation ?? .tanh, bias: bias, hidden: hidden, layers: layers, dropout: dropout,
      bidirectional: bidirectional)
  }

  /// Sets the defaults of options that only some models have.
  mutating func resolveDefaults() {
    if cell == .gru { gruConvention = gruConvention ?? .resetAfter }
    if cell == .elman { activation = activation ?? .tanh }
    if input == .embedding { embedding = embeddingSize }
  }

  /// - Throws: `RecurrentError.invalidArgument` if an option was given that does nothing in such a model.
  func check(with training: TrainingOptions) throws {
    let optimizer = training.optimizer
    try requireUse(
      training.momentum == 0 || optimizer == .sgd || optimizer == .rmsprop, "--momentum",
      "\(optimizer.rawValue) has none", remedy: "use --optimizer sgd or rmsprop, or leave it out")
    for (option, value) in [("--momentum", Double(training.momentum)), ("--weight-decay", training.weightDecay ?? 0)] {
      try requireUse(
        !sparseEmbedding || value == 0, option, "it would change every vector of a sparse embedding",
        remedy: "leave it out, or leave out --sparse-embedding")
    }
    try requireUse(
      activation == nil || cell == .elman, "--activation", "only an Elman cell has one",
      remedy: "add --cell elman, or leave it out")
    try requireUse(
      initialization != .identity || cell == .elman, "--initialization", "only an Elman cell supports it",
      remedy: "add --cell elman")
    try requireUse(
      gruConvention == nil || cell == .gru, "--gru-convention", "only a GRU has one",
      remedy: "add --cell gru, or leave it out")
    for (option, isGiven) in [("--embedding", embedding != nil), ("--sparse-embedding", sparseEmbedding)] {
      try requireUse(
        !isGiven || input == .embedding, option, "--input \(input.rawValue) has no embedding",
        remedy: "use --input embedding, or leave it out")
    }
    try requireUse(
      !sparseEmbedding || optimizer.takesSparse, "--sparse-embedding", "\(optimizer.rawValue) changes every vector",
      remedy: "use --optimizer adam, adagrad or sgd, or leave it out")
  }
}

extension GRUConvention: ExpressibleByArgument {
  /// The values on the command line.
  public static var allValueStrings: [String] { ["after", "before"] }
  /// Empty: the help of the option describes the values.
  public static var allValueDescriptions: [String: String] { [:] }

  /// The value of an argument.
  public init?(argument: String) {
    switch argument {
    case "after": self = .resetAfter
    case "before": self = .resetBefore
    default: return nil
    }
  }

  /// The value on the command line.
  public var defaultValueDescription: String { self == .resetAfter ? "after" : "before" }
}

extension Activation: ExpressibleByArgument {
  /// The value on the command line.
  public var defaultValueDescription: String { "\(self)" }

  /// - Throws: `RecurrentError.invalidArgument` if an Elman cell has no such activation.
  fileprivate init(ofElman name: String) throws {
    switch name {
    case "tanh": self = .tanh
    case "relu": self = .relu
    default:
      throw RecurrentError(.invalidArgument, "\(name.shown) is not a supported activation", remedy: "use tanh or relu")
    }
  }
}

extension NetworkConfiguration.Cell: ExpressibleByArgument {}
extension NetworkConfiguration.Input: ExpressibleByArgument {}
extension TokenKind: ExpressibleByArgument {}
extension CellBias: ExpressibleByArgument {}
