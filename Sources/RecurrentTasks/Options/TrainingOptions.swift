import ArgumentParser
import RecurrentCore
import RecurrentModel

/// The options of training.
package struct TrainingOptions<Cell: CellChoice>: ParsableArguments {
  @Option("Batch size: sequences per step.", .range(1...1_000_000))
  package var batch = Cell.defaults.batch

  @Option(help: "Optimizer.")
  package var optimizer = OptimizerKind.adam

  @Option("Learning rate.", .above(0))
  package var learningRate = Cell.defaults.learningRate

  @Option(
    "Weight decay: decoupled with adamw, else added to the gradient. (default: 0.01 with adamw, else 0)", .atLeast(0))
  package var weightDecay: Double?

  @Option("Momentum of sgd and rmsprop.", .range(0..<1))
  package var momentum: Float = 0

  @Option(
    help: """
      Learning-rate schedule. cosine: decay to 0 over the whole run, after a linear warm-up of WARM-UP steps; step: multiply by \
      FACTOR (0.1) every EVERY steps; hold: like step, after the first STEPS steps; plateau: multiply by FACTOR after EPOCHS \
      epochs without a lower validation loss.
      """)
  package var schedule = Cell.defaults.schedule

  @Option("Clip the global gradient norm to this value; 0 disables clipping.", .atLeast(0))
  package var clipNorm = Cell.defaults.clipNorm

  @Option("Clip each gradient element to this magnitude; 0 disables clipping.", .atLeast(0))
  package var clipValue: Float = 0

  @Option(
    help: """
      Average of the weights, which is validated and saved: an exponential moving average with this decay, such as 0.999; epochs:N, \
      the mean over the last N epochs, if the run is not stopped early; or 0 for none.
      """)
  package var average = Cell.defaults.average

  @Option("Random seed of the initial weights, dropout, and the order of the data.", .atLeast(0))
  package var seed: UInt64 = 0

  package init() {}

  /// - Throws: `RecurrentError.invalidArgument` if an option was given that does nothing with the optimizer.
  func check() throws {
    try requireUse(
      momentum == 0 || optimizer == .sgd || optimizer == .rmsprop, "--momentum", "\(optimizer.rawValue) has none",
      remedy: "use --optimizer sgd or rmsprop, or leave it out")
  }
}

/// The options that may change when a run is resumed.
package struct RunOptions: ParsableArguments {
  @Option(help: .file("Training data (required for a new run)."))
  package var data: String?

  @Option(
    "Number of epochs of the whole run; 0 keeps the initial weights. (default: 10; of a translator 7; of a forecaster 4, or as many as make 400 steps)",
    .range(0...1_000_000))
  package var epochs: Int?

  @Option(help: .file("Validation data."))
  package var validation: String?

  package init() {}

  /// Options without validation data.
  package init(data: String?, epochs: Int) throws {
    self = try Self.parse([])
    (self.data, self.epochs) = (data, epochs)
  }
}

/// The options of all tasks that `recur train` has and `recur cross-validate` does not have.
package struct StartOptions: ParsableArguments {
  @Option(
    "Fraction of the data to set aside for validation; 0 for none. (default: 0.1, 0 with --validation)", .range(0..<1))
  package var validationFraction: Double?

  @Option(
    help: .folder(
      "Model folder to start from (fine-tuning); it sets the weights, vocabulary, labels and model options.")
  )
  package var from: String?

  package init() {}

  /// Options of a new model.
  package init(validationFraction: Double) throws {
    self = try Self.parse([])
    self.validationFraction = validationFraction
  }
}

/// No options.
package struct NoOptions: ParsableArguments {
  package init() {}
}
