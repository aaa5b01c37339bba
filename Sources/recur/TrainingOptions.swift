import ArgumentParser
import Recurrent

/// What a language model is made of. Nothing has a default here, so that it is known what was given.
struct ModelOptions: ParsableArguments {
  @Option(help: "elman, lstm or gru. (default: lstm)")
  var cell: ModelConfiguration.Cell?

  @Option(help: "Where a GRU resets: after the product, as PyTorch, or before, as the paper. (default: after)")
  var gruConvention: GRUFlag?

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

  @Flag(help: .hidden)
  var bidirectional = false

  @Option(help: "The size of a token's vector. (default: 128)")
  var embedding: Int?

  @Option(help: "The share that is dropped between layers. (default: 0)")
  var dropout: Float?

  @Option(help: "standard, as PyTorch, or orthogonal, as Keras. (default: standard)")
  var initialization: Initialization?

  /// The options that were given.
  var given: [String] {
    names([
      ("--cell", cell), ("--gru-convention", gruConvention), ("--tokens", tokens), ("--vocabulary", vocabulary),
      ("--input", input), ("--hidden", hidden), ("--layers", layers), ("--embedding", embedding),
      ("--dropout", dropout), ("--initialization", initialization),
    ]) + (bidirectional ? ["--bidirectional"] : [])
  }
}

/// How a model is trained.
struct TrainingOptions: ParsableArguments {
  @Option(help: "Rows that are trained on at once. (default: 50)")
  var batch: Int?

  @Option(help: "Steps that the gradient goes back. (default: 50)")
  var sequence: Int?

  @Option(help: "Times that the text is read. (default: 10)")
  var epochs: Int?

  @Option(help: "sgd, adam, adamw, rmsprop or adagrad. (default: adam)")
  var optimizer: OptimizerKind?

  @Option(help: "The learning rate. (default: 0.002)")
  var learningRate: Double?

  @Option(help: "constant, cosine, cosine:WARM-UP, step:EVERY or step:EVERY:FACTOR, in steps. (default: constant)")
  var schedule: Schedule?

  @Option(help: "The largest norm of all gradients together; 0 for any. (default: 5)")
  var clipNorm: Float?

  @Option(help: "The largest magnitude of a gradient; 0 for any. (default: 0)")
  var clipValue: Float?

  @Option(help: "What the first weights and all masks are drawn from. (default: 0)")
  var seed: UInt64?

  /// The options that were given.
  var given: [String] {
    names([
      ("--batch", batch), ("--sequence", sequence), ("--epochs", epochs), ("--optimizer", optimizer),
      ("--learning-rate", learningRate), ("--schedule", schedule), ("--clip-norm", clipNorm),
      ("--clip-value", clipValue), ("--seed", seed),
    ])
  }
}

private func names(_ options: [(String, Any?)]) -> [String] { options.compactMap { $1 == nil ? nil : $0 } }

/// Where a GRU applies its reset gate, as the command line says it.
enum GRUFlag: String, ExpressibleByArgument, CaseIterable {
  case after, before

  var convention: GRUConvention { self == .after ? .resetAfter : .resetBefore }
}

/// How the recurrent parameters start, by its name.
enum Initialization: String, ExpressibleByArgument, CaseIterable, Codable {
  case standard, orthogonal

  func make(_ model: ModelConfiguration) -> RecurrentInitialization {
    switch self {
    case .standard: .standard(hidden: model.hidden)
    case .orthogonal: .orthogonal(model.kind)
    }
  }
}

/// An optimizer by its name.
enum OptimizerKind: String, ExpressibleByArgument, CaseIterable, Codable {
  case sgd, adam, adamw, rmsprop, adagrad

  func make(learningRate: Double) -> Optimizer {
    switch self {
    case .sgd: SGD(learningRate: learningRate)
    case .adam: Adam(learningRate: learningRate)
    case .adamw: AdamW(learningRate: learningRate)
    case .rmsprop: RMSprop(learningRate: learningRate)
    case .adagrad: Adagrad(learningRate: learningRate)
    }
  }
}

/// A learning-rate schedule by its name.
enum Schedule: ExpressibleByArgument, Codable, Equatable {
  case constant
  case cosine(warmUp: Int)
  case step(every: Int, factor: Double)

  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    let (every, factor) = (parts.dropFirst().first.map { Int($0) ?? -1 }, parts.dropFirst(2).first.map { Double($0) })
    switch (parts[0], parts.count) {
    case ("constant", 1): self = .constant
    case ("cosine", 1...2):
      guard every ?? 0 >= 0 else { return nil }
      self = .cosine(warmUp: every ?? 0)
    case ("step", 2...3):
      guard let every, every >= 1, let factor = factor ?? 0.1, factor > 0, factor.isFinite else { return nil }
      self = .step(every: every, factor: factor)
    default: return nil
    }
  }

  /// The schedule for a run of so many steps.
  func make(total: Int) -> LearningRateSchedule {
    switch self {
    case .constant: .constant
    case .cosine(let warmUp): .cosine(total: total, warmUp: warmUp)
    case .step(let every, let factor): .step(every: every, factor: factor)
    }
  }
}

extension ModelConfiguration.Cell: ExpressibleByArgument {}
extension ModelConfiguration.Input: ExpressibleByArgument {}
extension TokenKind: ExpressibleByArgument {}
