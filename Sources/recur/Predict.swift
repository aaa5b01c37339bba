import ArgumentParser
import Recurrent
import RecurrentTasks

/// `recur predict`
struct Predict: ModelCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the predictions of a model, in the order of the data.",
    discussion: paragraphs { $0.predictions } + "\n\n" + helpOfTasks)

  struct Options: ModelOptions {
    @OptionGroup var source: ModelFolderOptions

    @Option(help: .file("Data in the format that recur train reads; labels in it are ignored."))
    var data: String?

    @Option(help: "A text, instead of --data.")
    var text: String?

    @Option("Batch size; it does not affect the results.", .range(1...1_000_000))
    var batch = 50

    @Flag(help: "Print one JSON object per prediction on standard output.")
    var json = false

    @OptionGroup(title: "Device") var device: DeviceOptions

    /// - Throws: `RecurrentError.invalidArgument` unless one source is given.
    func input() throws -> PredictionSource {
      switch (data, text) {
      case (let data?, nil): return .data(data)
      case (nil, let text?): return .text(text)
      default:
        throw RecurrentError(
          .invalidArgument, "give either --data or --text", at: "--data", remedy: "name a file, or give --text")
      }
    }
  }

  @OptionGroup var options: Options
  @Argument(parsing: .allUnrecognized, help: .hidden) var rest: [String] = []

  static func added<T: Task>(by _: T.Type) -> any ParsableArguments.Type { T.Prediction.self }

  func run<T: Task>(_: T.Type, _ folder: ModelFolder, _ words: [String]) throws {
    guard T.Prediction.self != NoPrediction<T.Model>.self else {
      throw folder.fault(T.self, remedy: "use \(folder.call(T.usage))")
    }
    let (options, prediction) = try parsed(T.self, T.Prediction.self, words)
    let source = prediction.isStream ? nil : try options.input()
    let model = try folder.load(T.Model.self)
    let sink = PredictionSink(
      put: { line in
        guard options.json else { return Console.put(line.text) }
        if let json = line.json { try Console.put(json: json) }
      },
      show: { chart in
        let style = ChartTextStyle.environment(isTerminal: Console.isTerminal)
        Console.tell(chart.text(width: min(Console.columns, 120), style: style) + "\n")
      }, isTerminal: Console.isTerminal, say: Console.say)
    let makeTape = { try options.device.evaluationTape(for: model) }
    if let source {
      try prediction.predict(model, for: source, batch: options.batch, makeTape: makeTape, to: sink)
    } else {
      try prediction.predict(
        model, after: options.data, nextLine: { readLine(strippingNewline: true) }, makeTape: makeTape, to: sink)
    }
  }
}
