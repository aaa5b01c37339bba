import ArgumentParser
import Recurrent
import RecurrentCore

/// A command that trains: `recur train text` and those beside it.
protocol TrainCommand: ParsableCommand {
  associatedtype Task: TrainingTask

  var options: RunOptions { get set }
  var network: NetworkOptions { get }
  var training: TrainingOptions { get }

  /// The settings of a new run.
  func settings(data: String, validation: String?, validationFraction: Double) throws -> Task.Settings
  /// The options that were given and differ from a run's settings, of those that this command alone has.
  func differing(from settings: Task.Settings) -> [String]
  /// Trains.
  func train() throws
  /// What the run trains on.
  /// - Parameters:
  ///   - settings: Those of the run; the fingerprints are those of the data that it began with, or none.
  ///   - resumed: The model's folder, if a run goes on there.
  func task(_ settings: Task.Settings, resumed: ModelFolder?) throws -> Task
}

extension TrainCommand {
  func run() throws {
    guard let config = options.config else { return try train() }
    // The two ways to validate exclude each other: the command line's wins.
    let validates = options.validation != nil || options.validationFraction != nil
    let entries = try ConfigFile(contentsOf: config).entries.filter { !(validates && $0.name.hasPrefix("validation")) }
    for entry in entries { try check(entry) }
    let typed = CommandLine.arguments.dropFirst(3)
    var merged = try Self.parse(entries.flatMap(\.arguments) + typed)
    merged.options.config = nil
    do {
      try merged.train()
    } catch let error as RecurrentError where error.kind == .invalidArgument {
      // An option that the file alone gives is wrong where the file has it.
      guard let entry = entries.first(where: { "--" + $0.name == error.place }),
        !typed.contains(where: { $0.split(separator: "=").first == "--\(entry.name)" })
      else { throw error }
      throw RecurrentError(error.kind, "\(entry.name): \(error.what)", at: entry.place, remedy: error.remedy)
    }
  }

  /// - Throws: `RecurrentError.invalidArgument` if a line of the file is no option, or not a value of its option.
  private func check(_ entry: FlatYAML.Entry) throws {
    do {
      // An option that takes a value cannot be false.
      _ = try Self.parse(entry.value == "false" ? ["--\(entry.name)"] : entry.arguments)
    } catch {
      throw RecurrentError(
        .invalidArgument, Usage(["train", Task.Settings.command]).line(Self.message(for: error)), at: entry.place)
    }
  }

  func train() throws { try trainRun() }

  /// Trains a model in a folder.
  func trainRun() throws {
    let folder = try options.folder()
    let (settings, checkpoint) = try options.resume ? resumed(folder) : (fresh(folder.model), nil)
    try settings.check()
    let run = try TrainingRun(
      task(settings, resumed: checkpoint.map { _ in folder.model }), checkpoint: checkpoint, folder: folder,
      device: options.device.open(), profiles: options.profile)
    run.checkpointEvery = options.checkpointEvery
    run.isJSON = options.json
    try run.train()
  }

  /// The settings of a new run.
  private func fresh(_ folder: ModelFolder) throws -> Task.Settings {
    try folder.requireNew()
    return try givenSettings()
  }

  /// The settings as they are given, where there are none to go on with.
  func givenSettings() throws -> Task.Settings {
    guard let data = options.data, !data.isEmpty else {
      throw RecurrentError(.invalidArgument, "no data to train on", at: "--data", remedy: "name a file")
    }
    guard options.validation == nil || options.validationFraction == nil else {
      throw RecurrentError(
        .invalidArgument, "--validation and --validation-fraction say two things", at: "--validation",
        remedy: "give one of them")
    }
    let settings = try settings(
      data: data, validation: options.validation,
      validationFraction: options.validation == nil ? options.validationFraction ?? 0.1 : 0)
    try network.checkUse(in: settings.network, optimizer: settings.training.optimizer)
    return settings
  }

  /// The settings of a run that goes on.
  private func resumed(_ folder: TrainingFolder) throws -> (Task.Settings, Checkpoint?) {
    _ = try folder.model.emptyModel(Task.Model.self)
    // What another run still writes is not where this one would go on.
    try folder.begin()
    let checkpoint: Checkpoint
    do {
      checkpoint = try folder.checkpoint()
    } catch {
      folder.removeIfEmpty()
      throw error
    }
    var settings = try Task.Settings(json: checkpoint.settings, from: folder.model.path)
    do {
      try settings.check()
    } catch let error as RecurrentError {
      throw RecurrentError(
        .invalidModel, "the checkpoint's settings are damaged: \(error.place ?? ""): \(error.what)",
        at: folder.model.path, remedy: "start a new run in another folder")
    }
    let validations = [
      settings.validation == nil ? options.validation.map { _ in "--validation" } : nil,
      ifChanged("--validation-fraction", options.validationFraction, settings.validationFraction),
    ].compactMap(\.self)
    let others =
      network.differing(from: settings.network) + training.differing(from: settings.training)
      + differing(from: settings) + validations
    if let other = others.first {
      throw RecurrentError(
        .invalidArgument, "a run that goes on keeps its settings, and this is another value", at: other,
        remedy: "leave it out, or start a new run in another folder")
    }
    settings.data = try place(options.data, else: settings.data, option: "--data")
    settings.validation = try settings.validation.map {
      try place(options.validation, else: $0, option: "--validation")
    }
    if let epochs = training.epochs {
      // A run has no fewer epochs than are done. (A counter that is none is found when the state is restored.)
      let done = checkpoint.state.integers["epoch"].flatMap { Int(exactly: $0) } ?? 0
      settings.training.epochs = max(epochs, min(done, settings.training.epochs))
    }
    return (settings, checkpoint)
  }

  /// Where a run that goes on finds its data: where it is said to be now, or where it was.
  private func place(_ path: String?, else earlier: String, option: String) throws -> String {
    guard path == nil, !Files.exists(earlier) else { return path ?? earlier }
    throw RecurrentError(
      .invalidData, "the data that the run began with is not there", at: earlier,
      remedy: "give the same data again with \(option), also where it came through a pipe")
  }
}
