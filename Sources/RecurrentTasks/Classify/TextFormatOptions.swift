import ArgumentParser
import RecurrentModel

/// The column of the texts.
package struct TextColumnOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Column with the text: a name in the header, or a number from 1. (default: \(orAsInTraining("text")))",
      valueName: "column"))
  package var textColumn: String?

  package init() {}
}

/// The format of texts and their labels.
package struct TextFormatOptions: ParsableArguments {
  @OptionGroup package var text: TextColumnOptions

  @Option(
    help: ArgumentHelp(
      "Column with the label: a name or a number from 1. (default: \(orAsInTraining("label")))",
      valueName: "column"))
  package var labelColumn: String?

  @Option(help: .file("File with the label of each line, for data with a text per line."))
  package var labels: String?

  package init() {}

  /// The given options.
  func storage(_ table: TableOptions) -> TextStorage {
    TextStorage(
      textColumn: text.textColumn, labelColumn: labelColumn, labels: labels, header: table.header,
      delimiter: table.delimiter)
  }
}
