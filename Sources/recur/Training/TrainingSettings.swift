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

  /// The learning rate of a step, from 0.
  func learningRate(step: Int, stepsPerEpoch: Int) -> Double {
    learningRate * schedule.make(total: stepsPerEpoch * epochs)(step)
  }

  /// Says that a warm-up is longer than the run, in which the learning rate then only rises.
  func noteOfWarmUp(stepsPerEpoch: Int) -> String? {
    guard case .cosine(let warmUp) = schedule, warmUp >= stepsPerEpoch * epochs else { return nil }
    return
      "The warm-up of \(warmUp.grouped) steps is as long as the training of \((stepsPerEpoch * epochs).grouped) steps "
      + "or longer: the learning rate never falls."
  }

  /// Says where the learning rate goes on, if the schedule spans the whole run and a resume has changed its epochs.
  /// - Parameters:
  ///   - earlier: The settings before the resume.
  ///   - step: The next step.
  func noteOfSchedule(since earlier: TrainingSettings, step: Int, stepsPerEpoch: Int) -> String? {
    guard case .cosine = schedule, epochs != earlier.epochs else { return nil }
    let rates = [earlier, self].map { Float($0.learningRate(step: step, stepsPerEpoch: stepsPerEpoch)) }
    return "The cosine schedule now spans \(epochs.grouped) epochs, not \(earlier.epochs.grouped): the learning rate "
      + "goes on at \(rates[1]) (it would have been \(rates[0])), as in a run of \(epochs.grouped) epochs from the start."
  }
}
