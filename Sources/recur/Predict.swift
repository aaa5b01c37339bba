import ArgumentParser
import Recurrent

/// `recur predict`
struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give texts the labels, or words the tags, that a model predicts.",
    discussion: """
      A line for each text, in the order of the data: the label, a tab, and how likely it is. Of a model that tags a line for \
      each word: the word, a tab, and its tag, with an empty line after each sentence. Labels and tags in the data are not read.
      """)

  @Option(help: "The model's folder.")
  var model: String

  @Option(help: "The texts or sentences, as recur train takes them.")
  var data: String?

  @Option(help: "A text, or a sentence whose words are parted by blanks, instead of data.")
  var text: String?

  @Option(
    help: "The column of a .tsv or .csv with the text: a name of its first line, or a number from 1. (default: text)")
  var textColumn: String?

  @OptionGroup(title: "Data of tagging") var words: WordColumnOptions

  @Option(parsing: .unconditional, help: "Texts or sentences that are read at once.")
  var batch = 50

  @Flag(
    help:
      "One JSON object a text on standard output, with the text and the probabilities of all labels; or one a sentence."
  )
  var json = false

  @OptionGroup(title: "Device") var device: DeviceOptions

  func run() throws {
    try require((1...1_000_000).contains(batch), "--batch", batch, "take 1 to 1,000,000")
    let folder = ModelFolder(model)
    if try folder.task() == .tagging { try predictTags(folder) } else { try predictLabels(folder) }
  }

  private func predictLabels(_ folder: ModelFolder) throws {
    try words.refuse("it is for a model that tags words")
    let model = try folder.load(Classifier.self)
    let examples = try examples()
    let texts = try LabelledTexts(
      examples, vocabulary: folder.vocabulary(), labels: model.labels, padding: model.padding)
    for note in noteOfUnknown(texts.tokens, in: model.vocabulary, data ?? "--text") { Console.say(note) }
    let device = try device.open()
    try model.move(to: device)
    let tape = Tape(device, mode: .evaluation)
    var probabilities = [[Float]](repeating: [], count: texts.tokens.count)
    for places in try LengthBuckets(lengths: texts.lengths, batch: batch).sorted {
      tape.reset()
      let rows = try model.probabilities(of: texts.batch(places).tokens(on: tape))
      for (place, row) in zip(places, rows) { probabilities[place] = row }
    }
    for (example, row) in zip(examples, probabilities) {
      let best = row.indexOfLargest
      guard json else {
        Console.put("\(model.labels[best])\t\(Double(row[best]).text(4))\n")
        continue
      }
      try Console.put(
        json: Output(
          text: example.text, label: model.labels[best], probability: row[best],
          probabilities: Dictionary(uniqueKeysWithValues: zip(model.labels, row))))
    }
  }

  private struct Output: Encodable {
    let text: String, label: String, probability: Float, probabilities: [String: Float]
  }

  private func examples() throws -> [TextExample] {
    switch (data, text) {
    case (let data?, nil):
      let format = try TextStorage(textColumn: textColumn).format(of: data, isLabelled: false)
      return try TextExamples.read(data, format: format).map {
        TextExample(text: $0.text, place: $0.place)
      }
    case (nil, let text?):
      try requireUse(textColumn == nil, "--text-column", "a text has no columns", remedy: "leave it out")
      return [TextExample(text: text, place: "--text")]
    default: throw Self.needsOne
    }
  }

  static let needsOne = RecurrentError(
    .invalidArgument, "data or a text is to be given, one of them", at: "--data", remedy: "name a file, or give --text")
}
