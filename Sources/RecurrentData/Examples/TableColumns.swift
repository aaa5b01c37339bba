import RecurrentCore

/// Reads columns of a table of texts, with or without a header. All rows have the same number of columns.
struct TableColumns {
  /// The columns, each with what it is in errors: `text`, `label`.
  let columns: [(role: String, column: TableFormat.Column)]
  /// The delimiter, and whether there is a header.
  let layout: TableLayout
  /// Lists of names, in lower case: a first line with a name of each list is a header.
  let headerNames: [[String]]

  /// What was found in a table.
  struct Found {
    /// The layout, with the delimiter and the header that were detected.
    var layout: TableLayout
    /// The number of columns.
    var columns: Int
    /// That the delimiter is not the one that the file name implies.
    var noteOfDelimiter: String?
    /// How the first line is read, if that was guessed or taken from the training data.
    var noteOfHeader: String?
  }

  /// Calls a body with the texts of the columns in each row, and the row's location.
  /// - Throws: `RecurrentError.invalidData` with file and line: for a row with another number of columns than the first, a
  ///   missing column, a table without rows, an ambiguous delimiter; `.invalidArgument` if two columns are the same, or
  ///   one is given by name without a header; errors of the body.
  func forEach(
    in text: String, from path: String, _ body: (_ texts: [String], _ location: String) throws -> Void
  ) throws -> Found {
    let bytes = Array(text.utf8)
    let (delimiter, noteOfDelimiter) = try layout.delimiter(of: bytes, from: path)
    var rows = TableRows(bytes, delimiter: delimiter, path: path)
    var fields: [TableRows.Field] = []
    guard let first = try rows.next(into: &fields) else { throw TextExamples.isEmpty(path) }
    let count = fields.count
    let names = fields.map(rows.text)
    let (hasHeader, noteOfHeader) = header(of: names, line: first, of: path)
    if let name = named, !hasHeader { throw headerless(name, path) }
    let indices = try columns.map { try $0.column.index(among: names, at: "\(path), line \(first)") }
    try requireDifferent(indices, path)
    var line = hasHeader ? try rows.next(into: &fields) : first
    guard line != nil else {
      throw RecurrentError(
        .invalidData, "has a header but no rows", at: path,
        remedy: "add examples; if the first line is one, give columns by number and add `header` no")
    }
    while let row = line {
      let location = "\(path), line \(row)"
      guard fields.count == count else { throw TableRows.ragged(fields.count, count, first, at: location) }
      try body(indices.map { rows.text(of: fields[$0]) }, location)
      line = try rows.next(into: &fields)
    }
    return Found(
      layout: TableLayout(delimiter: Character(Unicode.Scalar(delimiter)), header: hasHeader), columns: count,
      noteOfDelimiter: noteOfDelimiter, noteOfHeader: noteOfHeader)
  }

  /// A column given by name, which requires a header; nil if all are given by number.
  private var named: String? { columns.lazy.compactMap(\.column.name).first }

  /// Whether the first line is a header, with a note if that was guessed. A column given by name requires one, without
  /// a note.
  private func header(of firstLine: [String], line: Int, of path: String) -> (isThere: Bool, note: String?) {
    named == nil
      ? layout.header(of: firstLine, names: headerNames, line: line, of: path) : (layout.header ?? true, nil)
  }

  private func headerless(_ name: String, _ path: String) -> RecurrentError {
    let options = columns.map { "`\($0.role)Column`" }.joined(separator: ", ")
    return RecurrentError(
      .invalidArgument, "has no header, so column \(name.shown) is unknown", at: path,
      remedy: "give columns by number, from 1 (\(options)), or `header` yes")
  }

  private func requireDifferent(_ indices: [Int], _ path: String) throws {
    guard Set(indices).count < indices.count else { return }
    throw RecurrentError(
      .invalidArgument,
      "\(columns.map(\.role).joined(separator: " and ")) columns are the same, \(columns[0].column)", at: path,
      remedy: "give two different columns")
  }
}
