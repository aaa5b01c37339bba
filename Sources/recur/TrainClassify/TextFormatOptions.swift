import ArgumentParser
import Recurrent

/// Which column has the texts.
struct TextColumnOptions: ParsableArguments {
  @Option(
    help: """
      The column of a table with the text: a name in its header, or a number from 1. (default: text, or as in training)
      """)
  var textColumn: String?

  /// - Throws: `RecurrentError.invalidArgument` if it was given.
  func refuse(_ reason: String) throws {
    try requireUse(textColumn == nil, "--text-column", reason, remedy: "leave it out")
  }
}

/// How texts and their labels are stored.
struct TextFormatOptions: ParsableArguments {
  @OptionGroup var text: TextColumnOptions

  @Option(help: "The column with the label, likewise. (default: label, or as in training)")
  var labelColumn: String?

  @Option(help: "A file with the label of each line, where the data is a text a line.")
  var labels: String?

  /// What was given.
  func storage(_ table: TableOptions) -> TextStorage {
    TextStorage(
      textColumn: text.textColumn, labelColumn: labelColumn, labels: labels, header: table.header,
      delimiter: table.delimiter)
  }

  /// - Throws: `RecurrentError.invalidArgument` if any was given.
  func refuse(_ reason: String) throws {
    try requireUse(labels == nil, "--labels", reason, remedy: "leave it out")
    try text.refuse(reason)
    try requireUse(labelColumn == nil, "--label-column", reason, remedy: "leave it out")
  }
}
