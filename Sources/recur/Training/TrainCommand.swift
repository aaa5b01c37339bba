import ArgumentParser
import Recurrent
import RecurrentCore
import RecurrentTasks

/// `recur train NAME`, for each task.
struct TrainCommand<T: Task>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: T.name, abstract: T.abstract,
      discussion: T.discussion + "\n\n"
        + """
        --resume continues a run with the options that it started with; they need not be repeated. Only \
        --epochs, --checkpoint-every, --keep, the device, and the location of the data (--data, --validation) may change.
        """)
  }

  @OptionGroup(title: "Run") var runOptions: RunOptions
  @OptionGroup(title: "Run") var start: StartOptions
  @OptionGroup(title: "Run") var output: OutputOptions
  @OptionGroup var options: T.Options
  @OptionGroup(title: "Training") var stopping: T.Options.Stopping
  @OptionGroup(title: "Device") var device: DeviceOptions

  func run() throws {
    let words = Invocation.current.words
    guard let config = output.config else { return try train(words) }
    try ConfigFile(contentsOf: config).run(Self.self, words) { command, words in
      try command.train(words)
    }
  }

  /// Trains a model in a folder.
  /// - Parameter words: The arguments that this command was parsed from.
  private func train(_ words: [String]) throws {
    let folder = try output.folder()
    let settings: TrainingSettings<T.Options>
    let origin: ModelOrigin<T.Model>
    var earlier: (checkpoint: Checkpoint, model: T.Model)?
    if output.resume {
      let (kept, checkpoint, model) = try resumed(folder, words)
      (settings, earlier, origin) = (kept, (checkpoint, model), .resumed(model))
    } else {
      try folder.model.requireNew()
      settings = try TrainingSettings(runOptions, start, stopping, options)
      origin = try newModel(words)
    }
    let opened = try device.open()
    let selected = output.resume ? settings : try Selection<T>(settings: settings).best(on: opened)
    let task = try T(selected, origin, say: Console.say)
    let run = try TrainingRun(task, resumed: earlier, folder: folder, device: opened, profiles: output.profile)
    run.checkpointEvery = output.checkpointEvery
    run.isJSON = output.json
    try run.train()
  }

  /// The origin of a new run's model.
  private func newModel(_ words: [String]) throws -> ModelOrigin<T.Model> {
    guard let source = start.from else { return .new }
    let own = OptionValues.names(of: NetworkOptions<T.Options.Cell>.self).union(T.Options.describingModel)
    let given = words.optionNames.first(where: own.contains)
    try requireUse(
      given == nil, "--\(given ?? "")", "the model of --from defines it", remedy: "leave it out, or leave out --from")
    try ModelFolder(source).require(T.self) { "use recur train \($0.name), or name a \(T.noun)" }
    return try .pretrained(ModelFolder(source).load(T.Model.self))
  }

  /// The settings of a resumed run, its checkpoint, and its model without weights.
  private func resumed(
    _ folder: TrainingFolder, _ words: [String]
  ) throws -> (TrainingSettings<T.Options>, Checkpoint, T.Model) {
    guard Files.exists(folder.model.path) else {
      throw RecurrentError(
        .invalidModel, "does not exist, so there is no run to resume", at: folder.model.path,
        remedy: "leave out --resume to start one")
    }
    try folder.model.require(T.self) { "use \(folder.model.call("recur train \($0.name)")) --resume" }
    let model = try folder.model.emptyModel(T.Model.self)
    // What another run still writes is not where this one would continue.
    try folder.begin()
    let checkpoint: Checkpoint
    do {
      checkpoint = try folder.checkpoint()
    } catch {
      folder.removeIfEmpty()
      throw error
    }
    var settings = try TrainingSettings<T.Options>(json: checkpoint.settings, of: T.name, from: folder.model.path)
    // The run's options with those that were given now in their place.
    let merged = try Self.parse(settings.values.arguments + words)
    settings.options.moveData(to: merged.options)
    let kept = OptionValues(settings.start, settings.stopping, settings.options)
    let given = OptionValues(merged.start, merged.stopping, merged.options).resolvingAuto(by: kept)
    let other =
      given.firstDifference(from: kept)
      ?? (settings.validation == nil && merged.runOptions.validation != nil ? "validation" : nil)
    if let other {
      throw RecurrentError(
        .invalidArgument, "cannot be changed when a run is resumed", at: "--\(other)",
        remedy: "leave it out, or start a new run in another folder")
    }
    var run = merged.runOptions
    try requireUse(
      merged.options.data == nil || merged.runOptions.data == settings.data, "--data", "another option names the data",
      remedy: "leave it out")
    let moved = merged.options.data ?? merged.runOptions.data
    run.data = try dataPath(moved, earlier: settings.data, option: "--data")
    run.validation = try settings.validation.map {
      try dataPath(merged.runOptions.validation, earlier: $0, option: "--validation")
    }
    // A run has no fewer epochs than are done. (A counter that is none is found when the state is restored.)
    let done = checkpoint.state.integers["epoch"].flatMap { Int(exactly: $0) } ?? 0
    run.epochs = max(run.epochs ?? settings.epochs, min(done, settings.epochs))
    settings.run = run
    return (settings, checkpoint, model)
  }

  /// The path of a resumed run's data: the given one, or the earlier one.
  private func dataPath(_ path: String?, earlier: String, option: String) throws -> String {
    guard let path, path != earlier else {
      guard Files.exists(earlier) else {
        throw RecurrentError(
          .invalidData, "the data that the run began with is missing", at: earlier,
          remedy: "give the same data with \(option); a pipe must be given again")
      }
      return earlier
    }
    return path
  }
}
