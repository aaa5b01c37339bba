import Recurrent

/// How texts and their labels are stored, as options say it.
struct TextStorage: Codable {
  var textColumn: String?
  var labelColumn: String?
  /// The file with the labels.
  var labels: String?

  /// The format of a file or folder.
  /// - Parameter isLabelled: Whether labels are read where columns have them.
  /// - Throws: `RecurrentError.invalidArgument` if an option is for another format.
  func format(of path: String, isLabelled: Bool = true) throws -> TextFormat {
    switch TextFormat(of: path) {
    case .table:
      try refuse(labels, "--labels", "a table has its labels in a column", "take --label-column")
      return .table(
        TableFormat(text: .init(textColumn ?? "text"), label: isLabelled ? .init(labelColumn ?? "label") : nil))
    case .folder:
      try refuse(labels, "--labels", "a folder has its labels in the names of its files")
      try refuseColumns("a folder has no columns")
      return .folder
    case .lines:
      try refuseColumns("a text a line has no columns, and the name of a table ends in .tsv or .csv")
      return .lines(labels: labels)
    }
  }

  /// The texts of a file or folder, each with its label.
  /// - Parameter option: What names the file of labels.
  /// - Throws: `RecurrentError` if an option is for another format, the data cannot be read, or has no labels.
  func examples(of path: String, labelsBy option: String = "--labels") throws -> [TextExample] {
    let examples = try TextExamples.read(path, format: format(of: path))
    guard examples.allSatisfy({ $0.label != nil }) else {
      throw RecurrentError(
        .invalidData, "is a text a line, and no label", at: path,
        remedy: "name the file of labels, \(option), or let a table's name end in .tsv or .csv")
    }
    return examples
  }

  /// - Throws: `RecurrentError.invalidArgument` if any was given.
  func refuse(_ reason: String) throws {
    try refuse(labels, "--labels", reason)
    try refuseColumns(reason)
  }

  private func refuseColumns(_ reason: String) throws {
    try refuse(textColumn, "--text-column", reason)
    try refuse(labelColumn, "--label-column", reason)
  }

  private func refuse(_ value: String?, _ option: String, _ reason: String, _ remedy: String = "leave it out") throws {
    try requireUse(value == nil, option, reason, remedy: remedy)
  }
}
