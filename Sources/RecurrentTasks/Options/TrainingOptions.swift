import ArgumentParser
import RecurrentCore
import RecurrentModel

/// How a model is trained.
package struct TrainingOptions: ParsableArguments {
  @Option("Batch size.", .range(1...1_000_000))
  package var batch = 50

  @Option(help: "Optimizer.")
  package var optimizer = OptimizerKind.adam

  @Option("Learning rate.", .above(0))
  package var learningRate = 2e-3

  @Option(help: "Learning-rate schedule; its numbers are in steps.")
  package var schedule = Schedule.constant

  @Option("Clip the global gradient norm to this value; 0 disables clipping.", .atLeast(0))
  package var clipNorm: Float = 5

  @Option("Clip each gradient element to this magnitude; 0 disables clipping.", .atLeast(0))
  package var clipValue: Float = 0

  @Option(parsing: .unconditional, help: "Random seed of the initial weights, dropout, and the order of the data.")
  package var seed: UInt64 = 0

  package init() {}
}

/// Where the data is, and how long a run goes on: what may be another value when a run is resumed.
package struct RunOptions: ParsableArguments {
  @Option(help: "Training data.")
  package var data: String?

  @Option(help: "Validation data.")
  package var validation: String?

  @Option("Number of epochs of the whole run.", .range(1...1_000_000))
  package var epochs = 10

  package init() {}
}

/// Which part of the data is for validation.
package struct ValidationOptions: ParsableArguments {
  @Option(
    "Fraction of the data to set aside for validation; 0 for none. (default: 0.1, 0 with --validation)", .range(0..<1))
  package var validationFraction: Double?

  package init() {}
}
