import ArgumentParser
import Recurrent

/// `recur evaluate`
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how well a model does on data.",
    discussion: """
      A language model: loss, perplexity, and bits per character and per byte of a text. A model that classifies: loss, \
      accuracy, macro-F1, and what was taken for what; the data as recur train classify takes it. A tagger: loss, accuracy, the scores of each tag or, where tags \
      mark entities, those of entities as conlleval prints them; the data as recur train tag takes it.
      """)

  @Option(help: "The model's folder.")
  var model: String

  @Option(help: "The data, as the model was trained on.")
  var data: String

  @OptionGroup(title: "Data of classification") var format: TextFormatOptions
  @OptionGroup(title: "Data of tagging") var tagged: TaggedFormatOptions
  @OptionGroup(title: "Data of tagging") var entities: EntityOptions

  @Flag(help: "Count only entities that are well-formed in the scheme, as seqeval's strict mode does.")
  var strict = false

  @OptionGroup(title: "Columns") var table: TableOptions

  @Option(
    parsing: .unconditional, help: "Rows that are read at once, at most; of a text, each is 200 sequences or longer.")
  var batch = 50

  @Option(parsing: .unconditional, help: "Steps of a text that are read at once. (default: 50)")
  var sequence: Int?

  @Flag(help: "One JSON object on standard output.")
  var json = false

  @OptionGroup(title: "Device") var device: DeviceOptions

  func run() throws {
    try require((1...1_000_000).contains(batch), "--batch", batch, "take 1 to 1,000,000")
    if let sequence { try require((1...1_000_000).contains(sequence), "--sequence", sequence, "take 1 to 1,000,000") }
    let folder = ModelFolder(model)
    let task = try folder.task()
    try task.check(format, tagged, table, sequence: sequence)
    if task != .tagging {
      try entities.refuse("it is for a model that tags words")
      try requireUse(!strict, "--strict", "it is for a model that tags words", remedy: "leave it out")
    }
    switch task {
    case .languageModel: try evaluateText(folder)
    case .classification: try evaluateLabels(folder)
    case .tagging: try evaluateTags(folder)
    }
  }
}
