import ArgumentParser
import Recurrent
import RecurrentCore

/// `recur train text`
struct TrainText: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "text", abstract: "Train a model of characters or words on a text file.",
    discussion: """
      With --resume a run goes on where it stopped, with its own settings: they need not be given again, and only --data and \
      --validation (the same texts elsewhere), --epochs, --checkpoint-every, --keep and the device may change.
      """)

  @Option(help: "The text, a file of UTF-8.")
  var data: String?

  @Option(help: "The folder that the model goes to.")
  var model: String?

  @Option(help: "A YAML file with the names of these options as keys; the command line wins.")
  var config: String?

  @OptionGroup(title: "Model") var shape: ModelOptions
  @OptionGroup(title: "Training") var training: TrainingOptions

  @Option(help: "A text to validate on.")
  var validation: String?

  @Option(
    parsing: .unconditional, help: "The share of the data, from its end, to validate on; 0 for none. (default: 0.1)")
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

  func run() throws {
    guard let config else { return try train() }
    // The two ways to validate exclude each other: the command line's wins.
    let validates = validation != nil || validationFraction != nil
    let entries = try ConfigFile(contentsOf: config).entries.filter { !(validates && $0.name.hasPrefix("validation")) }
    for entry in entries { try check(entry) }
    let typed = CommandLine.arguments.dropFirst(3)
    var merged = try TrainText.parse(entries.flatMap(\.arguments) + typed)
    merged.config = nil
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
      _ = try TrainText.parse(entry.arguments)
    } catch {
      throw RecurrentError(
        .invalidArgument, Usage(["train", "text"]).line(TrainText.message(for: error)), at: entry.place)
    }
  }

  private func train() throws {
    guard let model else {
      throw RecurrentError(.invalidArgument, "no folder for the model", at: "--model", remedy: "name one")
    }
    if let checkpointEvery {
      try require(checkpointEvery >= 1, "--checkpoint-every", checkpointEvery, "take 1 or more")
    }
    if let keep { try require(keep >= 1, "--keep", keep, "take 1 or more") }
    let folder = try TrainingFolder(ModelFolder(model), keep: keep ?? 2) { Console.warn($0) }
    let (settings, checkpoint) = try resume ? resumed(folder) : (fresh(folder.model), nil)
    try settings.check()
    let run = try TextRun(
      settings, checkpoint: checkpoint, folder: folder, device: device.open(), profiles: profile)
    run.checkpointEvery = checkpointEvery
    run.isJSON = json
    try run.train()
  }

  /// The settings of a new run.
  private func fresh(_ folder: ModelFolder) throws -> TextSettings {
    guard let data, !data.isEmpty else {
      throw RecurrentError(.invalidArgument, "no text to train on", at: "--data", remedy: "name a file")
    }
    try TextRun.requireNew(folder)
    guard validation == nil || validationFraction == nil else {
      throw RecurrentError(
        .invalidArgument, "--validation and --validation-fraction say two things", at: "--validation",
        remedy: "give one of them")
    }
    let settings = try TextSettings(
      data: data, shape: shape, training: training, validation: validation,
      validationFraction: validation == nil ? validationFraction ?? 0.1 : 0)
    try shape.checkUse(in: settings)
    return settings
  }

  /// The settings of a run that goes on.
  private func resumed(_ folder: TrainingFolder) throws -> (TextSettings, Checkpoint?) {
    _ = try folder.model.emptyModel()
    // What another run still writes is not where this one would go on.
    try folder.begin()
    let checkpoint: Checkpoint
    do {
      checkpoint = try folder.checkpoint()
    } catch {
      folder.removeIfEmpty()
      throw error
    }
    var settings = try TextSettings(json: checkpoint.settings, from: folder.model.path)
    do {
      try settings.check()
    } catch let error as RecurrentError {
      throw RecurrentError(
        .invalidModel, "the checkpoint's settings are damaged: \(error.place ?? ""): \(error.what)",
        at: folder.model.path, remedy: "start a new run in another folder")
    }
    let validations = [
      settings.validation == nil ? validation.map { _ in "--validation" } : nil,
      ifChanged("--validation-fraction", validationFraction, settings.validationFraction),
    ].compactMap(\.self)
    if let other = (shape.differing(from: settings) + training.differing(from: settings) + validations).first {
      throw RecurrentError(
        .invalidArgument, "a run that goes on keeps its settings, and this is another value", at: other,
        remedy: "leave it out, or start a new run in another folder")
    }
    settings.data = try text(data, else: settings.data, option: "--data")
    settings.validation = try settings.validation.map { try text(validation, else: $0, option: "--validation") }
    if let epochs = training.epochs { settings.epochs = epochs }
    return (settings, checkpoint)
  }

  /// Where a run that goes on finds a text: where it is said to be now, or where it was.
  private func text(_ path: String?, else earlier: String, option: String) throws -> String {
    guard path == nil, !Files.exists(earlier) else { return path ?? earlier }
    throw RecurrentError(
      .invalidData, "the text that the run began with is not there", at: earlier,
      remedy: "give the same text again with \(option), also where it came through a pipe")
  }
}
