import RecurrentCore
import RecurrentData
import RecurrentModel

/// The format of texts and their labels, from options.
struct TextStorage {
  var textColumn: String?
  var labelColumn: String?
  /// The file with the labels.
  var labels: String?
  var header: HeaderChoice?
  var delimiter: DelimiterChoice?

  /// The format of a file or folder.
  /// - Parameters:
  ///   - isLabelled: Whether labels are read where columns have them.
  ///   - remembered: The format of the model's training data, used if no option is given.
  /// - Throws: `RecurrentError.invalidArgument` if an option is for another format.
  func format(of path: String, isLabelled: Bool = true, remembered: TableFormat? = nil) throws -> TextFormat {
    let layout = TableLayout(header, delimiter, else: remembered?.layout)
    var format = TextFormat(of: path)
    // What is given a delimiter is a table, whatever its name, and so is what is read by a model that learned from such.
    let isTable = delimiter?.character != nil || delimiter == nil && remembered?.layout.isForAnyFileName == true
    if case .lines = format, isTable, labels == nil { format = .table() }
    switch format {
    case .table:
      try refuse(labels, "--labels", "a table has its labels in a column", "use --label-column")
      return .table(
        TableFormat(
          text: textColumn.map(TableFormat.Column.init) ?? remembered?.text ?? .name("text"),
          label: isLabelled ? labelColumn.map(TableFormat.Column.init) ?? remembered?.label ?? .name("label") : nil,
          layout: layout))
    case .folder:
      try refuse(labels, "--labels", "a folder has its labels in the names of its files")
      try refuseColumns("a folder has no columns")
      return .folder
    case .lines:
      try refuseColumns(
        "a file with one text per line has no columns",
        "for a table, use a name that ends in .tsv or .csv, or give --delimiter")
      return .lines(labels: labels)
    }
  }

  /// Reads a file or folder.
  /// - Parameter say: Gets notes about what was guessed or skipped.
  /// - Throws: `RecurrentError` if an option is for another format, or the data cannot be read.
  func contents(
    of path: String, isLabelled: Bool = true, remembered: TableFormat? = nil, say: (String) -> Void
  ) throws -> TextExamples.Contents {
    let contents = try TextExamples.contents(
      of: path, format: format(of: path, isLabelled: isLabelled, remembered: remembered))
    contents.notes.forEach(say)
    if !contents.skipped.isEmpty { say(Self.note(ofSkipped: contents.skipped, in: path)) }
    return contents
  }

  /// Reads a file or folder of texts with labels.
  /// - Parameter option: The option that names the file of labels.
  /// - Throws: As `contents`, and if there are no labels.
  func labelledContents(
    of path: String, labelsBy option: String = "--labels", remembered: TableFormat? = nil, say: (String) -> Void
  ) throws -> TextExamples.Contents {
    let contents = try contents(of: path, remembered: remembered, say: say)
    guard contents.examples.allSatisfy({ $0.label != nil }) else {
      throw RecurrentError(
        .invalidData, "has one text per line, but no labels", at: path,
        remedy: "give the file of labels, \(option), or use a name that ends in .tsv or .csv for a table")
    }
    return contents
  }

  /// A note of the first skipped files.
  private static func note(ofSkipped paths: [String], in folder: String) -> String {
    "\(folder): skipped \(paths.count.counted("file or folder", "files or folders")) "
      + "(not .txt, hidden, or at another depth): \(paths.map(\.shown).listed)"
  }

  private func refuseColumns(_ reason: String, _ remedy: String = "leave it out") throws {
    try refuse(textColumn, "--text-column", reason, remedy)
    try refuse(labelColumn, "--label-column", reason, remedy)
    try refuse(header, "--header", reason, remedy)
    try refuse(delimiter?.character, "--delimiter", reason)
  }

  private func refuse(_ value: Any?, _ option: String, _ reason: String, _ remedy: String = "leave it out") throws {
    try requireUse(value == nil, option, reason, remedy: remedy)
  }
}

// MARK: Training

extension TextStorage {
  /// The format of the training data that the model stores; nil if the data is not a table.
  func remembered(_ found: TextFormat, of path: String) -> TableFormat? {
    guard case .table(var format) = found else { return nil }
    // One that was found is not kept: a file of another name may have another.
    format.layout.delimiter = delimiter?.character
    if case .lines = TextFormat(of: path) { format.layout.isForAnyFileName = true }
    return format
  }

  /// Sets the header rule of earlier versions, for checkpoints without a header setting: there is a header unless all
  /// columns are given by number.
  mutating func readAsBefore(_ path: String) throws {
    guard header == nil, case .table = TextFormat(of: path), case .table(let format) = try format(of: path) else {
      return
    }
    let isNumbered = [format.text, format.label].allSatisfy { if case .number = $0 { true } else { false } }
    header = isNumbered ? .no : .yes
  }
}
