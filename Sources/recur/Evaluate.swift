import ArgumentParser
import Recurrent
import RecurrentTasks

/// `recur evaluate`
struct Evaluate: ModelCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure the loss and the metrics of a model on data.",
    discussion: "The data has the format that recur train reads for such a model.\n\n" + helpOfTasks)

  struct Options: ModelOptions {
    @OptionGroup var source: ModelFolderOptions

    @Option(help: .file("Data in the format of the training data (required)."))
    var data: String?

    @Option(
      """
      Batch size; for a language model reduced until each of its parallel streams has 200 sequences, since each starts from \
      a zero state.
      """, .range(1...1_000_000))
    var batch = 50

    @Flag(help: "Print one JSON object on standard output.")
    var json = false

    @OptionGroup(title: "Device") var device: DeviceOptions
  }

  @OptionGroup var options: Options
  @Argument(parsing: .allUnrecognized, help: .hidden) var rest: [String] = []

  static func added<T: Task>(by _: T.Type) -> any ParsableArguments.Type { T.Evaluation.self }

  func run<T: Task>(_: T.Type, _ folder: ModelFolder, _ words: [String]) throws {
    let (options, evaluation) = try parsed(T.self, T.Evaluation.self, words)
    let data = try required(options.data, "--data")
    let model = try folder.load(T.Model.self)
    let report = try evaluation.evaluate(
      model, on: data, batch: options.batch, makeTape: { try options.device.evaluationTape(for: model) },
      say: Console.say)
    if options.json { try Console.put(json: report.json) } else { Console.put(report.text) }
  }
}
