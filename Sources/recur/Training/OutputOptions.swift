import ArgumentParser
import Recurrent
import RecurrentCore
import RecurrentTasks

/// The model folder, and the output of a run.
struct OutputOptions: ParsableArguments {
  @Option(help: .folder("Model folder to write (required)."))
  var model: String?

  @Option(
    help: .file("YAML file with these options, one per line, such as hidden: 256; the command line overrides it."))
  var config: String?

  @Option("Steps between checkpoints, in addition to one per epoch. (default: none)", .atLeast(1))
  var checkpointEvery: Int?

  @Option("Number of checkpoints to keep, including the newest.", .atLeast(1))
  var keep = 2

  @Flag(help: "Resume the run in the model folder.")
  var resume = false

  @Flag(help: "Profile the kernels of some steps; the timeline is written to training/profile.json.")
  var profile = false

  @Flag(help: "Print one JSON object per epoch on standard output.")
  var json = false

  /// The folder, with the number of checkpoints to keep.
  func folder() throws -> TrainingFolder {
    try TrainingFolder(ModelFolder(required(model, "--model", remedy: "name a folder")), keep: keep) {
      Console.warn($0)
    }
  }
}

extension ModelFolder {
  /// - Throws: `RecurrentError.invalidArgument` if a new run would overwrite a model.
  func requireNew() throws {
    guard !hasModel else {
      throw RecurrentError(
        .invalidArgument, "\(path) already contains a model", at: "--model",
        remedy: "use --resume to continue its run, or name another folder")
    }
    guard !hasWeights else {
      throw RecurrentError(
        .invalidArgument, "\(path) contains model weights without config.json", at: "--model",
        remedy: "restore that file, or name another folder")
    }
  }
}
