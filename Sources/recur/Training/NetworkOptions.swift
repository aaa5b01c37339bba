import ArgumentParser
import Recurrent

/// What a model is made of. Nothing has a default here, so that it is known what was given.
struct NetworkOptions: ParsableArguments {
  @Option(help: "The recurrent cell. (default: lstm)")
  var cell: NetworkConfiguration.Cell?

  @Option(help: "Where a GRU resets: after the product as PyTorch does, or before it as the paper. (default: after)")
  var gruConvention: GRUFlag?

  @Option(help: "An Elman cell's function. (default: tanh)")
  var activation: ElmanActivation?

  @Option(help: "The biases of a cell: two as PyTorch, one as Keras, or none. (default: both)")
  var bias: CellBias?

  @Option(help: "How a token enters the network. (default: embedding)")
  var input: NetworkConfiguration.Input?

  @Option(parsing: .unconditional, help: "Units of a layer. (default: 128)")
  var hidden: Int?

  @Option(parsing: .unconditional, help: "Layers. (default: 2)")
  var layers: Int?

  @Option(parsing: .unconditional, help: "The size of a token's vector. (default: 128)")
  var embedding: Int?

  @Flag(help: "A step changes only the vectors of tokens that occurred in it: for large vocabularies.")
  var sparseEmbedding = false

  @Option(parsing: .unconditional, help: "The share that is dropped between layers. (default: 0)")
  var dropout: Float?

  @Option(
    help: """
      How weights start: all as PyTorch's or as Keras'; or the recurrent ones as Keras' (orthogonal), or as the identity, for \
      an Elman cell with relu (IRNN). (default: standard)
      """)
  var initialization: Initialization?

  /// - Throws: `RecurrentError.invalidArgument` if an option was given that does nothing in such a model.
  func checkUse(in settings: NetworkSettings, optimizer: OptimizerKind) throws {
    if activation != nil {
      try requireUse(
        settings.cell == .elman, "--activation", "only an Elman cell has one",
        remedy: "add --cell elman, or leave it out")
    }
    if initialization == .identity {
      try requireUse(
        settings.cell == .elman, "--initialization", "the identity is for an Elman cell", remedy: "add --cell elman")
    }
    if gruConvention != nil {
      try requireUse(
        settings.cell == .gru, "--gru-convention", "only a GRU has one", remedy: "add --cell gru, or leave it out")
    }
    if embedding != nil {
      try requireUse(
        settings.input == .embedding, "--embedding", "an input of \(settings.input.rawValue) has none",
        remedy: "take --input embedding, or leave it out")
    }
    if sparseEmbedding {
      try requireUse(
        settings.input == .embedding, "--sparse-embedding", "an input of \(settings.input.rawValue) has none",
        remedy: "take --input embedding, or leave it out")
      try requireUse(
        optimizer.takesSparse, "--sparse-embedding", "\(optimizer.rawValue) changes every vector",
        remedy: "take --optimizer adam, adagrad or sgd, or leave it out")
    }
  }

  /// The options that were given and differ from a run's settings.
  func differing(from settings: NetworkSettings) -> [String] {
    [
      ifChanged("--cell", cell, settings.cell),
      ifChanged("--gru-convention", gruConvention?.convention, settings.gruConvention),
      ifChanged("--activation", activation, settings.activation),
      ifChanged("--bias", bias, settings.bias), ifChanged("--input", input, settings.input),
      ifChanged("--hidden", hidden, settings.hidden), ifChanged("--layers", layers, settings.layers),
      ifChanged("--embedding", embedding, settings.embedding),
      ifChanged("--sparse-embedding", sparseEmbedding ? true : nil, settings.sparseEmbedding ?? false),
      ifChanged("--dropout", dropout, settings.dropout),
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

extension NetworkConfiguration.Cell: ExpressibleByArgument {}
extension NetworkConfiguration.Input: ExpressibleByArgument {}
extension TokenKind: ExpressibleByArgument {}
extension CellBias: ExpressibleByArgument {}
