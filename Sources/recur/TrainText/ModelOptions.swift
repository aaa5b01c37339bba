import ArgumentParser
import Recurrent

/// What a language model is made of. Nothing has a default here, so that it is known what was given.
struct ModelOptions: ParsableArguments {
  @Option(help: "elman, lstm or gru. (default: lstm)")
  var cell: ModelConfiguration.Cell?

  @Option(help: "Where a GRU resets: after the product, as PyTorch, or before, as the paper. (default: after)")
  var gruConvention: GRUFlag?

  @Option(help: "An Elman cell's function: tanh or relu. (default: tanh)")
  var activation: ElmanActivation?

  @Option(help: "both, as PyTorch; single, as Keras; or none. (default: both)")
  var bias: CellBias?

  @Option(help: "characters or words. (default: characters)")
  var tokens: TokenKind?

  @Option(help: "The largest number of symbols; rarer ones become one unknown symbol. (default: all)")
  var vocabulary: Int?

  @Option(help: "embedding, one-hot or integer. (default: embedding)")
  var input: ModelConfiguration.Input?

  @Option(help: "Units of a layer. (default: 128)")
  var hidden: Int?

  @Option(help: "Layers. (default: 2)")
  var layers: Int?

  @Option(help: "The size of a token's vector. (default: 128)")
  var embedding: Int?

  @Option(help: "The share that is dropped between layers. (default: 0)")
  var dropout: Float?

  @Option(help: "standard, as PyTorch, or orthogonal, as Keras. (default: standard)")
  var initialization: Initialization?

  /// The options that were given and differ from a run's settings.
  func differing(from settings: TextSettings) -> [String] {
    [
      ifChanged("--cell", cell, settings.cell),
      ifChanged("--gru-convention", gruConvention?.convention, settings.gruConvention),
      ifChanged("--activation", activation, settings.activation),
      ifChanged("--bias", bias, settings.bias), ifChanged("--tokens", tokens, settings.tokens),
      ifChanged("--vocabulary", vocabulary, settings.vocabulary), ifChanged("--input", input, settings.input),
      ifChanged("--hidden", hidden, settings.hidden), ifChanged("--layers", layers, settings.layers),
      ifChanged("--embedding", embedding, settings.embedding), ifChanged("--dropout", dropout, settings.dropout),
      ifChanged("--initialization", initialization, settings.initialization),
    ].compactMap(\.self)
  }
}

/// The name of an option that was given and is not what it was.
func ifChanged<Value: Equatable>(_ option: String, _ given: Value?, _ was: Value?) -> String? {
  given == nil || given == was ? nil : option
}

/// Where a GRU applies its reset gate, as the command line says it.
enum GRUFlag: String, ExpressibleByArgument, CaseIterable {
  case after, before

  var convention: GRUConvention { self == .after ? .resetAfter : .resetBefore }
}

/// An Elman cell's function, as the command line says it.
enum ElmanActivation: String, ExpressibleByArgument, CaseIterable, Codable {
  case tanh, relu

  var activation: Activation { self == .tanh ? .tanh : .relu }
}

extension ModelConfiguration.Cell: ExpressibleByArgument {}
extension ModelConfiguration.Input: ExpressibleByArgument {}
extension TokenKind: ExpressibleByArgument {}
extension CellBias: ExpressibleByArgument {}
