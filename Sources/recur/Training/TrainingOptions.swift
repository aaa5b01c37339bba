import ArgumentParser
import Recurrent

/// How a model is trained.
struct TrainingOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "Rows that are trained on at once. (default: 50)")
  var batch: Int?

  @Option(parsing: .unconditional, help: "Times that the data is read. (default: 10)")
  var epochs: Int?

  @Option(help: "What takes the steps. (default: adam)")
  var optimizer: OptimizerKind?

  @Option(parsing: .unconditional, help: "The learning rate. (default: 0.002)")
  var learningRate: Double?

  @Option(help: "How the learning rate goes on, in steps. (default: constant)")
  var schedule: Schedule?

  @Option(parsing: .unconditional, help: "The largest norm of all gradients together; 0 for any. (default: 5)")
  var clipNorm: Float?

  @Option(parsing: .unconditional, help: "The largest magnitude of a gradient; 0 for any. (default: 0)")
  var clipValue: Float?

  @Option(parsing: .unconditional, help: "What the first weights and all masks are drawn from. (default: 0)")
  var seed: UInt64?

  /// The options that were given and differ from a run's settings, which may have another number of epochs.
  func differing(from settings: TrainingSettings) -> [String] {
    [
      ifChanged("--batch", batch, settings.batch),
      ifChanged("--optimizer", optimizer, settings.optimizer),
      ifChanged("--learning-rate", learningRate, settings.learningRate),
      ifChanged("--schedule", schedule, settings.schedule),
      ifChanged("--clip-norm", clipNorm, settings.clipNorm),
      ifChanged("--clip-value", clipValue, settings.clipValue), ifChanged("--seed", seed, settings.seed),
    ].compactMap(\.self)
  }
}
