import RecurrentModel
import ArgumentParser

/// Which column has the texts.
package struct TextColumnOptions: ParsableArguments {
  @Option(
    help: """
      The column of a table with the text: a name in its header, or a number from 1. (default: text, or as in training)
      """)
  package var textColumn: String?

  package init() {}
}

/// How texts and their labels are stored.
package struct TextFormatOptions: ParsableArguments {
  @OptionGroup package var text: TextColumnOptions

  @Option(help: "The column with the label, likewise. (default: label, or as in training)")
  package var labelColumn: String?

  @Option(help: "A file with the label of each line, where the data has a text per line.")
  package var labels: String?

  package init() {}

  /// What was given.
  func storage(_ table: TableOptions) -> TextStorage {
    TextStorage(
      textColumn: text.textColumn, labelColumn: labelColumn, labels: labels, header: table.header,
      delimiter: table.delimiter)
  }
}
