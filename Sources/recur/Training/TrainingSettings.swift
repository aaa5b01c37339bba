import Recurrent

/// How a run's model is trained, as options say it and checkpoints carry it.
struct TrainingSettings: Codable {
  var batch: Int
  var epochs: Int
  var optimizer: OptimizerKind
  var learningRate: Double
  var schedule: Schedule
  var clipNorm: Float
  var clipValue: Float
  var seed: UInt64

  /// What was given, and the defaults.
  init(_ options: TrainingOptions) {
    batch = options.batch ?? 50
    epochs = options.epochs ?? 10
    optimizer = options.optimizer ?? .adam
    learningRate = options.learningRate ?? 2e-3
    schedule = options.schedule ?? .constant
    clipNorm = options.clipNorm ?? 5
    clipValue = options.clipValue ?? 0
    seed = options.seed ?? 0
  }

  /// - Throws: `RecurrentError.invalidArgument` that names the first number that is out of range.
  func check() throws {
    for (option, value) in [("--batch", batch), ("--epochs", epochs)] {
      try require((1...1_000_000).contains(value), option, value, "take 1 to 1,000,000")
    }
    try require(
      learningRate > 0 && learningRate.isFinite, "--learning-rate", learningRate, "take more than 0, 0.002 for example")
    try require(schedule.isValid, "--schedule", schedule, "take steps and a factor above 0")
    try require(clipNorm >= 0 && clipNorm.isFinite, "--clip-norm", clipNorm, "take 0 or more")
    try require(clipValue >= 0 && clipValue.isFinite, "--clip-value", clipValue, "take 0 or more")
  }
}
