import ArgumentParser
import Recurrent
import RecurrentTasks

/// `recur predict`
struct Predict: ModelCommand {
  static let configuration = CommandConfiguration(
    abstract: "Predict the labels of texts, or the tags of words.",
    discussion: """
      A classifier prints a line for each text, in the order of the data: the label, a tab, and its probability. A text without \
      words has an empty label (null with --json), so that line numbers match the data. A tagger prints a line for each \
      word: the word, a tab, and its tag, with an empty line after each sentence. Labels and tags in the data are not read.


      """ + helpOfTasks)

  struct Options: ModelOptions {
    @Option(help: .folder("Model folder."))
    var model: String

    @Option(help: .file("Texts or sentences, in the format that recur train reads."))
    var data: String?

    @Option(help: "Text, or sentence with words separated by blanks, instead of --data.")
    var text: String?

    @Option("Batch size; it does not affect the results.", .range(1...1_000_000))
    var batch = 50

    @Flag(
      help:
        "Print one JSON object per text, with the probabilities of all labels, or one per sentence, on standard output."
    )
    var json = false

    @OptionGroup(title: "Device") var device: DeviceOptions

    /// - Throws: `RecurrentError.invalidArgument` unless one source is given.
    func source() throws -> PredictionSource {
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
      throw RecurrentError(
        .invalidModel, "holds a \(T.modelTask) model", at: folder.path, remedy: "use \(T.usage)")
    }
    let (options, prediction) = try parsed(T.self, T.Prediction.self, words)
    let source = try options.source()
    let model = try folder.load(T.Model.self)
    let lines = try prediction.predict(
      model, for: source, batch: options.batch, place: { try options.device.evaluationTape(for: model) },
      say: Console.say)
    for line in lines {
      if options.json { try Console.put(json: line.json) } else { Console.put(line.text) }
    }
  }
}
