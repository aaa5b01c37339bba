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

  /// The format of a file or folder.
  /// - Parameter isLabelled: Whether labels are read where columns have them.
  /// - Throws: `RecurrentError.invalidArgument` if an option is for another format.
  func format(of path: String, isLabelled: Bool = true) throws -> TextFormat {
    switch TextFormat(of: path) {
    case .table:
      try refuse(labels, "--labels", "a table has its labels in a column", "take --label-column")
      return .table(
        TableFormat(
          text: .init(textColumn ?? "text"),
          label: isLabelled || labelColumn != nil ? .init(labelColumn ?? "label") : nil))
    case .folder:
      try refuse(labels, "--labels", "a folder has its labels in the names of its files", "leave it out")
      try refuseColumns("a folder has no columns")
      return .folder
    case .lines:
      try refuseColumns("a text a line has no columns, and the name of a table ends in .tsv or .csv")
      return .lines(labels: labels)
    }
  }

  /// - Throws: `RecurrentError.invalidArgument` if any was given.
  func refuse(_ reason: String) throws {
    try refuse(labels, "--labels", reason, "leave it out")
    try refuseColumns(reason)
  }

  private func refuseColumns(_ reason: String) throws {
    try refuse(textColumn, "--text-column", reason, "leave it out")
    try refuse(labelColumn, "--label-column", reason, "leave it out")
  }

  private func refuse(_ value: String?, _ option: String, _ reason: String, _ remedy: String) throws {
    guard value == nil else { throw RecurrentError(.invalidArgument, reason, at: option, remedy: remedy) }
  }
}
