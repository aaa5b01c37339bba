import ArgumentParser
import Recurrent

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// `recur evaluate`
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how well a model does on data.",
    discussion: """
      A language model: loss and perplexity of a text. A model that classifies: loss, accuracy, macro-F1, and what was taken \
      for what; the data as recur train classify takes it. A tagger: loss, accuracy, the scores of each tag or, where tags \
      mark entities, those of entities as conlleval prints them; the data as recur train tag takes it.
      """)

  @Option(help: "The model's folder.")
  var model: String

  @Option(help: "The data, as the model was trained on.")
  var data: String

  @OptionGroup(title: "Data of classification") var format: TextFormatOptions
  @OptionGroup(title: "Data of tagging") var tagged: TaggedFormatOptions

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
    switch try folder.task() {
    case .languageModel: try evaluateText(folder)
    case .classification: try evaluateTexts(folder)
    case .tagging: try evaluateSentences(folder)
    }
  }

  /// A language model, on a text.
  private func evaluateText(_ folder: ModelFolder) throws {
    try format.storage.refuse("a language model reads a text, which has no columns or labels")
    try tagged.refuse("a language model reads a text, which has no columns or tags")
    let model = try folder.load()
    let text = try TextDataset(contentsOf: data, vocabulary: folder.vocabulary())
    let streams = try TextTask.measuring(text, rows: batch, steps: sequence ?? 50)
    for note in noteOfUnknown([text.tokens], in: text.vocabulary, data) { Console.say(note) }
    try model.move(to: device.open())
    let loss = try model.meanLoss(over: streams)
    let output = TextOutput(loss: loss, perplexity: exp(loss), tokens: streams.rows * streams.length)
    guard !json else { return try Console.put(json: output) }
    Console.put(
      "loss \(loss.text(4)) nats a token, perplexity \(output.perplexity.text(3)), \(output.tokens.grouped) tokens\n")
  }

  private struct TextOutput: Encodable {
    let loss: Double, perplexity: Double, tokens: Int
  }

  /// A classifier, on texts with labels.
  private func evaluateTexts(_ folder: ModelFolder) throws {
    try tagged.refuse("it is for a model that tags words")
    try requireUse(
      sequence == nil, "--sequence", "a model that classifies reads whole texts", remedy: "leave it out")
    let model = try folder.load(Classifier.self)
    let texts = try LabelledTexts(
      format.storage.examples(of: data), vocabulary: folder.vocabulary(),
      labels: model.labels, padding: model.padding)
    for note in noteOfUnknown(texts.tokens, in: model.vocabulary, data) { Console.say(note) }
    let device = try device.open()
    try model.move(to: device)
    let batches = try LengthBuckets(lengths: texts.lengths, batch: batch).sorted
    let tape = Tape(device, mode: .evaluation)
    guard let result = try model.evaluate(batches.lazy.map(texts.batch), on: tape) else { return }
    guard !json else {
      return try Console.put(
        json: TextsOutput(
          loss: result.loss, accuracy: result.confusion.accuracy, macroF1: result.confusion.macroF1,
          texts: result.confusion.count, labels: model.labels, confusion: result.confusion.counts))
    }
    // A table of more columns is read by programs only, which take JSON.
    let table = model.labels.count <= 100 ? result.confusion.table + "\n\n" : ""
    Console.put("\(result.confusion.report)\n\n\(table)loss \(result.loss.text(4)) nats a text\n")
  }

  private struct TextsOutput: Encodable {
    let loss: Double, accuracy: Double, macroF1: Double, texts: Int, labels: [String]
    /// Of the texts of a label (row), how many were given each (column).
    let confusion: [[Int]]

    private enum CodingKeys: String, CodingKey {
      case loss, accuracy, texts, labels, confusion
      case macroF1 = "macro_f1"
    }
  }
}
