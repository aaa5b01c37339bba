import ArgumentParser
import RecurrentCore
import RecurrentData
import RecurrentModel

/// The recurrent layers of a model.
package struct NetworkOptions<Cell: CellChoice>: ParsableArguments {
  @Option(help: ArgumentHelp(Cell.help))
  package var cell = Cell.defaultCell

  @Option(
    "GRU: apply the reset gate after the recurrent product, as in PyTorch, or before it, as in the paper.",
    default: RecurrentConfiguration.defaultConvention.defaultValueDescription)
  package var gruConvention: GRUConvention?

  @Option(
    help: """
      Activation of an Elman cell. \
      (values: tanh, relu; default: \(RecurrentConfiguration.defaultActivation.defaultValueDescription))
      """, transform: Activation.init(ofElman:))
  package var activation: Activation?

  @Option(
    help: "Bias vectors of a cell: two, as in PyTorch; one, as in Keras (its GRU with reset_after has two); or none.")
  package var bias = CellBias.both

  @Option("Hidden size: units of each layer and direction.", .range(1...NetworkConfiguration.Limit.hidden))
  package var hidden = Cell.defaults.hidden

  @Option("Number of recurrent layers.", .range(1...NetworkConfiguration.Limit.layers))
  package var layers = Cell.defaults.layers

  @Option(Cell.dropoutHelp, .range(0..<1))
  package var dropout = Cell.defaults.dropout

  @Option(
    help: """
      Weight initialization: as in PyTorch (standard) or Keras; with orthogonal or identity recurrent weights (identity: IRNN, \
      an Elman cell with relu); or all parameters uniform in -RANGE to RANGE.
      """)
  package var initialization = Initialization.standard

  package init() {}

  /// The layers in `config.json`.
  package func configuration(bidirectional: Bool = false) -> RecurrentConfiguration {
    RecurrentConfiguration(
      cell: cell.family, gruConvention: gruConvention, activation: activation, bias: bias, hidden: hidden,
      layers: layers, dropout: dropout, bidirectional: bidirectional)
  }

  /// Sets the defaults of options that only some cells have.
  mutating func resolveDefaults() {
    let layers = configuration()
    (gruConvention, activation) = (layers.gruConvention, layers.activation)
  }

  /// - Throws: `RecurrentError.invalidArgument` if an option was given that does nothing with such a cell.
  func check() throws {
    try requireUse(
      activation == nil || cell.family == .elman, "--activation", "only an Elman cell has one",
      remedy: "add --cell elman, or leave it out")
    try requireUse(
      initialization != .identity || cell.family == .elman, "--initialization", "only an Elman cell supports it",
      remedy: "add --cell elman")
    try requireUse(
      gruConvention == nil || cell.family == .gru, "--gru-convention", "only a GRU has one",
      remedy: "add --cell gru, or leave it out")
  }
}

// MARK: - Values

/// The cells that a kind of model supports, and the defaults of its options: a type per kind, so that help lists no others.
package protocol CellChoice: ExpressibleByArgument, Hashable, Sendable {
  /// The default of `--cell`.
  static var defaultCell: Self { get }
  /// The defaults of other options.
  static var defaults: OptionDefaults { get }
  /// The help of `--cell`.
  static var help: String { get }
  /// The help of `--dropout`.
  static var dropoutHelp: String { get }

  /// The cell in `config.json`.
  var family: RecurrentConfiguration.Cell { get }
}

/// The defaults of the options of layers and training that differ between kinds of models.
package struct OptionDefaults: Sendable {
  var hidden = 128
  var layers = 2
  var dropout: Float = 0
  var batch = 50
  var learningRate = 2e-3
  var schedule = Schedule.constant
  var average = Averaging.none
  var clipNorm: Float = 5
  package var epochs = 10
  /// The number of steps for which there are more epochs than that.
  var steps = 0

  package init() {}

  /// The number of epochs.
  package func epochs(stepsPerEpoch: Int) -> Int { max(epochs, (steps + stepsPerEpoch - 1) / max(stepsPerEpoch, 1)) }
}

extension CellChoice {
  package static var defaults: OptionDefaults { OptionDefaults() }
}

extension CellChoice where Self: RawRepresentable<String> {
  /// The cell of the same name.
  package var family: RecurrentConfiguration.Cell {
    guard let cell = RecurrentConfiguration.Cell(rawValue: rawValue) else { preconditionFailure("no cell \(rawValue)") }
    return cell
  }
}

/// The cells of recurrent models.
package enum RecurrentCell: String, CaseIterable, CellChoice {
  case elman, lstm, gru

  package static let defaultCell = lstm
  package static let help = "Recurrent cell."
  package static let dropoutHelp = "Dropout probability between recurrent layers."
}

/// The cells of models with a sequence encoder.
package typealias EncoderCell = RecurrentConfiguration.Cell

extension EncoderCell: CellChoice {
  package static let defaultCell = lstm
  package static let help = "Recurrent cell; feed-forward is a baseline without memory."
  package static let dropoutHelp = "Dropout probability before, between and after the recurrent layers."

  package var family: RecurrentConfiguration.Cell { self }
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

extension CellBias: ExpressibleByArgument {}
