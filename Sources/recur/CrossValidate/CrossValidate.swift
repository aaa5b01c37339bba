import ArgumentParser
import Recurrent
import RecurrentTasks

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// `recur cross-validate`: a command for each task with labelled examples.
struct CrossValidate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Evaluate a model by cross-validation.", subcommands: tasks.compactMap { command(of: $0) })

  private static func command<T: Task>(of task: T.Type) -> (any ParsableCommand.Type)? {
    func command<Folded: CrossValidatedTask>(of _: Folded.Type) -> any ParsableCommand.Type {
      CrossValidateCommand<Folded>.self
    }
    return (task as? any CrossValidatedTask.Type).map { command(of: $0) }
  }
}

/// The data, the folds, and the output.
struct FoldOptions: ParsableArguments {
  @Option(help: .file("Data (required)."))
  var data: String?

  @Option("Number of epochs of each fold; 0 keeps the initial weights.", .range(0...1_000_000))
  var epochs = OptionDefaults().epochs

  @Option("Number of folds.", .atLeast(2))
  var folds = 5

  @Option("Run only this fold. (default: all)", .atLeast(1))
  var fold: Int?

  @Option(
    help: .file(
      """
      Table to write (.csv, else tab-separated): row, fold, label, prediction and probability of each example, predicted by \
      the model that was not trained on it.
      """))
  var outOfFold: String?

  @Option(
    help: .file("YAML file with these options, one per line, such as hidden: 256; the command line overrides it."))
  var config: String?

  @Flag(help: "Print one JSON object per fold on standard output.")
  var json = false
}

/// For each fold, trains a model on the other folds and evaluates it on this one.
struct CrossValidateCommand<T: CrossValidatedTask>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: T.name, abstract: "Cross-validate \(T.models).",
      discussion: """
        Each fold is evaluated with a model trained on the other folds; no model is saved. Folds are stratified: each has the same \
        fraction of each label. There is no other validation data and no early stopping: the last epoch is evaluated. Data and other \
        options are those of recur train \(T.name).
        """)
  }

  @OptionGroup(title: "Run") var folding: FoldOptions
  @OptionGroup var options: T.Options
  @OptionGroup(title: "Device") var device: DeviceOptions

  func run() throws {
    guard let config = folding.config else { return try measure() }
    try ConfigFile(contentsOf: config).run(Self.self, Invocation.current.words) { command, _ in try command.measure() }
  }

  private func measure() throws {
    try requireUse(
      options.training.schedule.plateau == nil, "--schedule", "a plateau schedule needs validation data",
      remedy: "use another schedule")
    let settings = try TrainingSettings(
      RunOptions(data: folding.data, epochs: folding.epochs), StartOptions(validationFraction: 0),
      T.Options.Stopping.parse([]), options)
    let examples = try T.examples(settings, say: Console.say)
    let labels = examples.map { T.label(of: $0) ?? "" }
    try require(
      folding.folds <= examples.count, "--folds", folding.folds,
      "use 2 to the number of examples, \(examples.count.grouped)")
    if let fold = folding.fold {
      try require(fold <= folding.folds, "--fold", fold, "use 1 to \(folding.folds), one of the --folds")
    }
    var table = try folding.outOfFold.map {
      try OutOfFold($0, inputs: [settings.data] + T.inputs(options), labels: Set(labels))
    }
    let device = try device.open()
    let parts = try Folds(classes: labels, count: folding.folds, seed: settings.training.seed)
    var accuracies: [Double] = []
    var all = ConfusionMatrix(labels: Set(labels).sorted())
    let start = ContinuousClock.now
    let chosen = folding.fold.map { [$0 - 1] } ?? Array(parts.parts.indices)
    for part in chosen {
      let task = try T(
        settings, training: parts.training(without: part).map { examples[$0] },
        validation: parts.parts[part].map { examples[$0] })
      if part == chosen[0] { task.sayBeginning(on: device.description, Console.say) }
      let trainer = try Trainer(task, on: device)
      try trainer.fit(epochs: settings.epochs, batches: task.batches)
      let result = try task.foldResult(trainer)
      try table?.add(fold: part + 1, part: parts.parts[part], labels: labels, result.predictions)
      try all.add(result.confusion)
      accuracies.append(result.confusion.accuracy)
      try report(fold: part + 1, result)
    }
    try report(all, accuracies, seconds: start.duration(to: .now).seconds)
  }

  private func report(fold: Int, _ result: FoldResult) throws {
    let confusion = result.confusion
    Console.say(
      "Fold \(fold) of \(folding.folds): loss \(result.loss.text(4)), accuracy \(confusion.accuracy.text(4)), "
        + confusion.count.counted("example"))
    guard folding.json else { return }
    try Console.put(
      json: FoldEvent(fold: fold, loss: result.loss, accuracy: confusion.accuracy, macroF1: confusion.macroF1))
  }

  /// - Parameter accuracies: Those of the folds.
  private func report(_ all: ConfusionMatrix, _ accuracies: [Double], seconds: Double) throws {
    let count = Double(accuracies.count)
    let mean = accuracies.reduce(0, +) / count
    let deviation = sqrt(accuracies.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count)
    guard !folding.json else {
      return try Console.put(
        json: AllFoldsEvent(
          folds: folding.folds, accuracy: all.accuracy, foldAccuracy: folding.fold == nil ? mean : nil,
          foldDeviation: folding.fold == nil ? deviation : nil, macroF1: all.macroF1, examples: all.count,
          seconds: seconds))
    }
    let byFold = folding.fold == nil ? "\naccuracy by fold \(mean.text(4)) ± \(deviation.text(4))\n" : ""
    Console.put("\(all.text)\n\(byFold)")
  }
}

private struct FoldEvent: Encodable {
  let event = "fold"
  let fold: Int, loss: Double, accuracy: Double, macroF1: Double
}

private struct AllFoldsEvent: Encodable {
  let event = "done"
  /// `accuracy` and `macroF1` count all examples of the folds that were run, each predicted by the model that was not
  /// trained on it; `foldAccuracy` and `foldDeviation` are the mean and the standard deviation of the folds'
  /// accuracies.
  let folds: Int, accuracy: Double, foldAccuracy: Double?, foldDeviation: Double?, macroF1: Double
  let examples: Int, seconds: Double
}
