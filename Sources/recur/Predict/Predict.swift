import ArgumentParser
import Recurrent

/// `recur predict`
struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give texts the labels, or words the tags, that a model predicts.",
    discussion: """
      A line for each text, in the order of the data: the label, a tab, and how likely it is. Of a model that tags a line for \
      each word: the word, a tab, and its tag, with an empty line after each sentence. Labels and tags in the data are not read. \
      A text without words gets an empty label (null with --json), so that lines stay beside those of the data.
      """)

  @Option(help: "The model's folder.")
  var model: String

  @Option(help: "The texts or sentences, as recur train takes them.")
  var data: String?

  @Option(help: "A text, or a sentence whose words are parted by blanks, instead of data.")
  var text: String?

  @OptionGroup(title: "Data of classification") var texts: TextColumnOptions
  @OptionGroup(title: "Data of tagging") var words: WordColumnOptions
  @OptionGroup(title: "Columns") var table: TableOptions

  @Flag(
    name: .customLong("sentences"),
    help: "Each line of the data is a sentence, its words separated by blanks, instead of a word.")
  var isSentences = false

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

  /// Why nothing is predicted where there is no data, or too much.
  static let needsOne = RecurrentError(
    .invalidArgument, "data or a text is to be given, one of them", at: "--data", remedy: "name a file, or give --text")
}
