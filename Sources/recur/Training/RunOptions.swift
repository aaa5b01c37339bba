import ArgumentParser
import Recurrent

/// What all runs take: data, a folder, and what a resume may change.
struct RunOptions: ParsableArguments {
  @Option(help: "What to train on.")
  var data: String?

  @Option(help: "The folder that the model goes to.")
  var model: String?

  @Option(help: "A YAML file with the names of these options as keys; the command line wins.")
  var config: String?

  @Option(help: "Data to validate on.")
  var validation: String?

  @Option(parsing: .unconditional, help: "The share of the data to validate on; 0 for none. (default: 0.1)")
  var validationFraction: Double?

  @Option(parsing: .unconditional, help: "Steps between checkpoints; there is one after each epoch in any case.")
  var checkpointEvery: Int?

  @Option(parsing: .unconditional, help: "Checkpoints that are kept, the newest included. (default: 2)")
  var keep: Int?

  @Flag(help: "Go on with the run in the model's folder.")
  var resume = false

  @Flag(
    help: """
      Say at the end what some steps spent their time on, kernel by kernel; a timeline goes to training/profile.json.
      """)
  var profile = false

  @Flag(help: "One JSON object an epoch on standard output.")
  var json = false

  @OptionGroup(title: "Device") var device: DeviceOptions

  /// The folder, and what is kept there.
  func folder() throws -> TrainingFolder {
    guard let model else {
      throw RecurrentError(.invalidArgument, "no folder for the model", at: "--model", remedy: "name one")
    }
    if let checkpointEvery {
      try require(checkpointEvery >= 1, "--checkpoint-every", checkpointEvery, "take 1 or more")
    }
    if let keep { try require(keep >= 1, "--keep", keep, "take 1 or more") }
    return try TrainingFolder(ModelFolder(model), keep: keep ?? 2) { Console.warn($0) }
  }
}

extension ModelFolder {
  /// - Throws: `RecurrentError.invalidArgument` if a new run would overwrite a model.
  func requireNew() throws {
    guard !hasModel else {
      throw RecurrentError(
        .invalidArgument, "\(path) holds a model already", at: "--model",
        remedy: "go on with it (--resume), or name another folder")
    }
    guard !hasWeights else {
      throw RecurrentError(
        .invalidArgument, "\(path) holds the weights of a model without its config.json", at: "--model",
        remedy: "restore that file, or name another folder")
    }
  }
}
