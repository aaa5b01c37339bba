import Recurrent

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// All that decides a run on text, but the device: a checkpoint carries it, so that a resume needs no options.
struct TextSettings: Codable {
  var data: String
  var validation: String?
  var validationFraction: Double
  var tokens: TokenKind
  var vocabulary: Int?
  var cell: ModelConfiguration.Cell
  var gruConvention: GRUConvention
  var activation: ElmanActivation
  var bias: CellBias
  var input: ModelConfiguration.Input
  var embedding: Int
  // Checkpoints of earlier versions have none.
  var sparseEmbedding: Bool?
  var hidden: Int
  var layers: Int
  var dropout: Float
  var initialization: Initialization
  var batch: Int
  var sequence: Int
  var epochs: Int
  var optimizer: OptimizerKind
  var learningRate: Double
  var schedule: Schedule
  var clipNorm: Float
  var clipValue: Float
  var seed: UInt64
  /// Tell whether the texts to train and to validate on are still those that the run began with.
  var fingerprints: [String] = []

  /// What was given, and the defaults.
  init(
    data: String, shape: ModelOptions, training: TrainingOptions, validation: String?, validationFraction: Double
  ) throws {
    self.data = data
    self.validation = validation
    self.validationFraction = validationFraction
    tokens = shape.tokens ?? .characters
    vocabulary = shape.vocabulary
    cell = shape.cell ?? .lstm
    gruConvention = shape.gruConvention?.convention ?? .resetAfter
    activation = shape.activation ?? .tanh
    bias = shape.bias ?? .both
    input = shape.input ?? .embedding
    embedding = shape.embedding ?? 128
    sparseEmbedding = shape.sparseEmbedding
    hidden = shape.hidden ?? 128
    layers = shape.layers ?? 2
    dropout = shape.dropout ?? 0
    initialization = shape.initialization ?? .standard
    batch = training.batch ?? 50
    sequence = training.sequence ?? 50
    epochs = training.epochs ?? 10
    optimizer = training.optimizer ?? .adam
    learningRate = training.learningRate ?? 2e-3
    schedule = training.schedule ?? .constant
    clipNorm = training.clipNorm ?? 5
    clipValue = training.clipValue ?? 0
    seed = training.seed ?? 0
  }

  /// Settings from a checkpoint.
  /// - Throws: `RecurrentError.invalidModel` if another program wrote them.
  init(json: String, from place: String) throws {
    do {
      self = try JSONDecoder().decode(TextSettings.self, from: Data(json.utf8))
    } catch {
      throw RecurrentError(
        .invalidModel, "the checkpoint has no settings of recur train text", at: place,
        remedy: "go on with the program that wrote it")
    }
  }

  /// The settings for a checkpoint.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  /// - Throws: `RecurrentError.invalidArgument` that names the first number that is out of range.
  func check() throws {
    for (option, value, limit) in [
      ("--batch", batch, 1_000_000), ("--sequence", sequence, 1_000_000), ("--epochs", epochs, 1_000_000),
      ("--hidden", hidden, ModelConfiguration.Limit.hidden), ("--layers", layers, ModelConfiguration.Limit.layers),
      ("--embedding", embedding, ModelConfiguration.Limit.embedding),
    ] {
      try require((1...limit).contains(value), option, value, "take 1 to \(limit.grouped)")
    }
    if let vocabulary {
      try require(vocabulary >= 2, "--vocabulary", vocabulary, "take 2 or more")
    }
    try require(dropout >= 0 && dropout < 1, "--dropout", dropout, "take 0 or more, and less than 1")
    try require(
      learningRate > 0 && learningRate.isFinite, "--learning-rate", learningRate, "take more than 0, 0.002 for example")
    try require(schedule.isValid, "--schedule", schedule, "take steps and a factor above 0")
    try require(clipNorm >= 0 && clipNorm.isFinite, "--clip-norm", clipNorm, "take 0 or more")
    try require(clipValue >= 0 && clipValue.isFinite, "--clip-value", clipValue, "take 0 or more")
    try require(
      validationFraction >= 0 && validationFraction < 1, "--validation-fraction", validationFraction,
      "take 0 or more, and less than 1")
  }

  /// The model.
  func makeModel(_ vocabulary: Vocabulary) throws -> LanguageModel {
    let configuration = ModelConfiguration(
      vocabularySize: vocabulary.count, input: input, embedding: embedding, cell: cell, gruConvention: gruConvention,
      activation: activation.activation, bias: bias, hidden: hidden, layers: layers, dropout: dropout)
    let model = try configuration.makeModel(initialization: initialization.make(configuration))
    model.vocabulary = vocabulary
    return model
  }
}
