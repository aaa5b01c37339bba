import ArgumentParser
import RecurrentCore
import RecurrentData
import RecurrentModel

/// The defaults of a network's options.
private let defaults = NetworkConfiguration(embedding: 128, hidden: 128, layers: 2)

/// The network of a model.
package struct NetworkOptions<Cell: CellChoice>: ParsableArguments {
  @Option(help: ArgumentHelp(Cell.help))
  package var cell = Cell.lstm

  @Option(
    "GRU: apply the reset gate after the recurrent product, as in PyTorch, or before it, as in the paper.",
    default: NetworkConfiguration.defaultConvention.defaultValueDescription)
  package var gruConvention: GRUConvention?

  @Option(
    help: """
      Activation of an Elman cell. \
      (values: tanh, relu; default: \(NetworkConfiguration.defaultActivation.defaultValueDescription))
      """, transform: Activation.init(ofElman:))
  package var activation: Activation?

  @Option(
    help: "Bias vectors of a cell: two, as in PyTorch; one, as in Keras (its GRU with reset_after has two); or none.")
  package var bias = defaults.bias

  @Option(help: "Input encoding of a token: an embedding, one-hot, or its index as one value.")
  package var input = defaults.input

  @Option("Hidden size: units of each layer and direction.", .range(1...NetworkConfiguration.Limit.hidden))
  package var hidden = defaults.hidden

  @Option("Number of recurrent layers.", .range(1...NetworkConfiguration.Limit.layers))
  package var layers = defaults.layers

  @Option(
    "Embedding size of a token, with --input embedding. (default: \(defaults.embedding ?? 0))",
    .range(1...NetworkConfiguration.Limit.embedding))
  package var embedding: Int?

  @Flag(
    help: """
      Sparse embedding gradients: a step updates only the vectors of tokens that occur in it, like PyTorch's SparseAdam; with \
      adam, adagrad or sgd.
      """)
  package var sparseEmbedding = false

  @Option(Cell.dropoutHelp, .range(0..<1))
  package var dropout = defaults.dropout

  @Option(
    help: """
      Weight initialization: as in PyTorch (standard) or Keras; with orthogonal or identity recurrent weights (identity: IRNN, \
      an Elman cell with relu); or all parameters uniform in -RANGE to RANGE.
      """)
  package var initialization = Initialization.standard

  package init() {}

  /// The network in `config.json`.
  package func configuration(bidirectional: Bool = false) -> NetworkConfiguration {
    NetworkConfiguration(
      input: input, embedding: embedding ?? defaults.embedding, cell: cell.family, gruConvention: gruConvention,
      activation: activation, bias: bias, hidden: hidden, layers: layers, dropout: dropout, bidirectional: bidirectional
    )
  }

  /// Sets the defaults of options that only some models have.
  mutating func resolveDefaults() {
    let network = configuration()
    (gruConvention, activation, embedding) = (network.gruConvention, network.activation, network.embedding)
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
      activation == nil || cell.family == .elman, "--activation", "only an Elman cell has one",
      remedy: "add --cell elman, or leave it out")
    try requireUse(
      initialization != .identity || cell.family == .elman, "--initialization", "only an Elman cell supports it",
      remedy: "add --cell elman")
    try requireUse(
      gruConvention == nil || cell.family == .gru, "--gru-convention", "only a GRU has one",
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

// MARK: - Values

/// The cells that a kind of model supports: a type per kind, so that help lists no others.
package protocol CellChoice: ExpressibleByArgument, Hashable, Sendable {
  static var lstm: Self { get }
  /// The help of `--cell`.
  static var help: String { get }
  /// The help of `--dropout`.
  static var dropoutHelp: String { get }

  /// The cell in `config.json`.
  var family: NetworkConfiguration.Cell { get }
}

/// The cells of recurrent models.
package enum RecurrentCell: String, CaseIterable, CellChoice {
  case elman, lstm, gru

  package static let help = "Recurrent cell."
  package static let dropoutHelp = "Dropout probability between recurrent layers."

  package var family: NetworkConfiguration.Cell {
    switch self {
    case .elman: .elman
    case .lstm: .lstm
    case .gru: .gru
    }
  }
}

/// The cells of models with a sequence encoder.
package typealias EncoderCell = NetworkConfiguration.Cell

extension EncoderCell: CellChoice {
  package static let help = "Recurrent cell; feed-forward is a baseline without memory."
  package static let dropoutHelp = "Dropout probability before, between and after the recurrent layers."

  package var family: NetworkConfiguration.Cell { self }
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

extension NetworkConfiguration.Input: ExpressibleByArgument {}
extension TokenKind: ExpressibleByArgument {}
extension CellBias: ExpressibleByArgument {}
