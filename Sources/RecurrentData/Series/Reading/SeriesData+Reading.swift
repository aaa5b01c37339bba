import RecurrentCore

extension SeriesData {
  /// What a file or folder contains.
  package struct Contents: Sendable {
    /// The series.
    package var data: SeriesData
    /// The format, with what was found: columns, delimiter, header.
    package var format: SeriesFormat
    /// What was assumed and what is unusual, one sentence each.
    package var notes: [String] = []
    /// The skipped paths of a folder.
    package var skipped: [String] = []
  }

  /// Reads series from a table, `.csv` or `.tsv`, packed by gzip or not, or from a folder of tables, each a series.
  /// - Parameters:
  ///   - path: The file or folder.
  ///   - format: The columns; by default everything is found.
  /// - Throws: As `contents`.
  public init(contentsOf path: String, format: SeriesFormat = SeriesFormat()) throws {
    self = try Self.contents(of: path, format: format).data
  }

  /// The series of a file or folder, with the format and notes on what was found.
  /// - Throws: `RecurrentError.invalidData` with file and line: for text or infinity in a column of numbers, times that
  ///   are repeated, mixed or fit no step, a column without values, rows of unequal length, and files that are damaged;
  ///   `.invalidArgument` for columns with two roles.
  package static func contents(of path: String, format: SeriesFormat = SeriesFormat()) throws -> Contents {
    Files.isFolder(path)
      ? try folder(path, format) : try table(Array(Files.readText(path).utf8), from: path, format)
  }

  /// The series of the bytes of a table.
  package static func table(_ bytes: [UInt8], from path: String, _ format: SeriesFormat) throws -> Contents {
    let (delimiter, note) = try format.layout.delimiter(of: bytes, from: path)
    let rows = TableRows(bytes, delimiter: delimiter, path: path)
    let sample = try SeriesColumns.Sample(rows)
    guard !sample.rows.isEmpty else {
      throw RecurrentError(.invalidData, "is empty", at: path, remedy: "use a file with a table")
    }
    var contents: Contents
    if format.shape == .series || format.shape == nil && SeriesRows.matches(sample, format) {
      let rows = try SeriesRows(rows, sample, format, path: path)
      let data = SeriesData(targets: ["value"], step: rows.step, timeFormat: rows.timeFormat, series: rows.series)
      contents = Contents(data: data, format: rows.format, notes: rows.notes)
    } else {
      let table = try SeriesTable(rows, sample, format, path: path)
      let assembly = try SeriesAssembly(table, format)
      contents = Contents(
        data: SeriesData(table, assembly, format), format: table.format, notes: table.notes + assembly.notes)
    }
    contents.notes = [note].compactMap(\.self) + contents.notes
    return contents
  }

  private init(_ table: SeriesTable, _ assembly: SeriesAssembly, _ format: SeriesFormat) {
    self.init(
      targets: table.targets.map(\.name), step: assembly.step, timeFormat: table.timeFormat, series: assembly.series)
    (past, known) = (table.past.map(\.name), table.known.map(\.name))
    categories = Array(table.categoryNames.prefix(format.categories.count))
    staticCategories = Array(table.categoryNames.dropFirst(format.categories.count))
  }

  // MARK: Folders

  /// The series of all tables of a folder and its subfolders, in the order of their paths, which are their identifiers.
  private static func folder(_ path: String, _ format: SeriesFormat) throws -> Contents {
    var (files, skipped) = ([String](), [String]())
    try list(path, "", into: &files, skipped: &skipped)
    guard let first = files.first else {
      throw RecurrentError(.invalidData, "contains no tables", at: path, remedy: "add .csv or .tsv files")
    }
    var joined: Contents?
    var notes: [(file: String, note: String)] = []
    for file in files {
      var contents = try table(Array(Files.readText("\(path)/\(file)").utf8), from: "\(path)/\(file)", format)
      for index in contents.data.series.indices {
        let id = contents.data.series[index].id
        contents.data.series[index].id = id.isEmpty ? file : "\(file)/\(id)"
      }
      notes += contents.notes.map { (file, $0) }
      guard let all = joined else {
        joined = contents
        continue
      }
      guard all.data.variables == contents.data.variables else {
        throw RecurrentError(
          .invalidData,
          "has columns \(contents.data.variables.map(\.shown).listed), but \(path)/\(first) has "
            + all.data.variables.map(\.shown).listed, at: "\(path)/\(file)",
          remedy: "give all files the same columns, or name the `target` columns")
      }
      joined?.data.series += contents.data.series
      if all.data.step != contents.data.step { joined?.data.step = nil }
    }
    guard var contents = joined else { throw SeriesColumns.noNumbers(path) }
    contents.skipped = skipped
    contents.notes = Self.joined(notes, path)
    if contents.data.step == nil {
      let steps = contents.data.series.compactMap(\.step?.description)
      let different = steps.enumerated().filter { !steps[..<$0.offset].contains($0.element) }.map(\.element)
      if !different.isEmpty { contents.notes.append("\(path): the series have different steps: \(different.listed).") }
    }
    return contents
  }

  /// The largest number of notes on files.
  private static let mostNotes = 20

  /// The notes on the files of a folder, each once; of very many the first.
  private static func joined(_ notes: [(file: String, note: String)], _ folder: String) -> [String] {
    var texts: [Substring] = []
    var files: [Substring: [String]] = [:]
    for (file, note) in notes {
      let text = note.dropFirst("\(folder)/\(file)".count)
      if files[text] == nil { texts.append(text) }
      files[text, default: []].append(file)
    }
    let rest = max(0, texts.count - mostNotes)
    return texts.prefix(mostNotes).map { text in
      let all = files[text] ?? []
      return "\(folder)/\(all[0])" + (all.count > 1 ? " and \((all.count - 1).counted("more file"))" : "") + text
    } + (rest > 0 ? ["\(folder): \(rest.counted("more note")) on its files."] : [])
  }

  /// The names of all variables.
  private var variables: [String] { targets + past + known + categories + staticCategories }

  private static func list(
    _ root: String, _ folder: String, into files: inout [String], skipped: inout [String]
  ) throws {
    for name in try Files.names(in: folder.isEmpty ? root : "\(root)/\(folder)").sorted()
    where name != "." && name != ".." {
      let path = folder.isEmpty ? name : "\(folder)/\(name)"
      if name.hasPrefix(".") {
        skipped.append(path)
      } else if Files.isFolder("\(root)/\(path)") {
        try list(root, path, into: &files, skipped: &skipped)
      } else if TableLayout.delimiter(byNameOf: name) != nil {
        files.append(path)
      } else {
        skipped.append(path)
      }
    }
  }
}
