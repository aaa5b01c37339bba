import ArgumentParser
import Recurrent

/// How texts and their labels are stored.
struct TextFormatOptions: ParsableArguments {
  @Option(
    help: "The column of a .tsv or .csv with the text: a name of its first line, or a number from 1. (default: text)")
  var textColumn: String?

  @Option(help: "The column with the label, likewise. (default: label)")
  var labelColumn: String?

  @Option(help: "A file with the label of each line, where the data is a text a line.")
  var labels: String?

  var storage: TextStorage { TextStorage(textColumn: textColumn, labelColumn: labelColumn, labels: labels) }
}
