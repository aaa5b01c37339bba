import RecurrentCore

/// Reads parallel text: pairs of source and target, in the columns of a table or in two files with a line each.
///
/// Sources and targets are trimmed of white space. Lines end with `\n`, `\r\n` or `\r`; a byte-order mark is skipped; files
/// whose names end in `.gz` are unpacked. A pair with an empty side is left out, with a note.
public enum TextPairs {
  /// The content of a table or of two files.
  package struct Contents: Sendable {
    /// The pairs, in their order.
    package var pairs: [TextPair]
    /// The columns of a table, with the delimiter and header that were detected; nil for two files.
    package var format: PairFormat?
    /// The indices of the pairs of each conversation; nil if they are not dialogue.
    package var conversations: [Range<Int>]?
    /// Notes, one sentence each: on a header, on a delimiter that the file name does not imply, on columns that are not
    /// read, and on pairs with an empty side.
    package var notes: [String] = []
  }

  /// The sources of a file.
  package struct Sources: Sendable {
    /// The sources, in their order. An empty one keeps its place, so that predictions stay aligned with the file.
    package var examples: [TextExample]
    /// Notes on guesses, one sentence each.
    package var notes: [String] = []
  }

  /// The names of a header's columns if none is given by name.
  private static let headerNames = [["source", "src"], ["target", "tgt", "trg"]]

  /// The pairs of a table.
  /// - Parameters:
  ///   - path: The file. It is tab-separated, unless its name or the format's layout implies another delimiter.
  ///   - format: The columns, by default the first two.
  /// - Throws: As `contents`.
  public static func read(_ path: String, format: PairFormat = PairFormat()) throws -> [TextPair] {
    try contents(of: path, format: format).pairs
  }

  /// The pairs of two files, whose lines with the same number belong together.
  /// - Throws: As `contents`.
  public static func read(sources: String, targets: String) throws -> [TextPair] {
    try contents(ofSources: sources, targets: targets).pairs
  }

  /// The sources of a file, including empty ones: of the source column if its name is that of a table or a format is
  /// given, else its lines.
  /// - Throws: As `contents`.
  public static func readSources(_ path: String, format: PairFormat? = nil) throws -> [TextExample] {
    try sources(of: path, format: format).examples
  }

  // MARK: Tables

  /// The pairs of a table, with its format and notes.
  /// - Throws: `RecurrentError.invalidData` with file and line: for a row with another number of columns than the first, a
  ///   missing column, no pair with two sides, an ambiguous delimiter, and files that are damaged or not UTF-8 text.
  package static func contents(of path: String, format: PairFormat = PairFormat()) throws -> Contents {
    try table(Files.readText(path, limit: .examples), from: path, format)
  }

  /// The pairs of the text of a table.
  package static func table(_ text: String, from path: String, _ format: PairFormat) throws -> Contents {
    let layout = tabbed(format.layout, path)
    let isNamed = format.layout.delimiter != nil || TableLayout.delimiter(byNameOf: path) != nil
    guard isNamed || text.utf8.contains(.tab) || text.utf8.allSatisfy(\.endsLine) else {
      throw RecurrentError(
        .invalidData, "has no tab, which separates source and target", at: path,
        remedy: "add a tab to each line, give the `delimiter`, or give the targets in a second file (`targets`)")
    }
    let columns = [(role: "source", column: format.source), (role: "target", column: format.target)]
    var pairs: [TextPair] = []
    let found = try TableColumns(columns: columns, layout: layout, headerNames: headerNames)
      .forEach(in: text, from: path) { texts, location in
        pairs.append(TextPair(source: texts[0], target: texts[1], location: location))
      }
    var notes = Self.notes(of: found, layout)
    if found.columns > 2, [format.source, format.target] == [.number(1), .number(2)] {
      notes.append("\(path): of \(found.columns) columns, the first two are read: source and target.")
    }
    var format = format
    format.layout = found.layout
    return try complete(Contents(pairs: pairs, format: format, notes: notes), path)
  }

  /// A layout whose delimiter is a tab, unless one is given or the file name is that of a table.
  private static func tabbed(_ layout: TableLayout, _ path: String) -> TableLayout {
    var layout = layout
    if layout.delimiter == nil, TableLayout.delimiter(byNameOf: path) == nil { layout.delimiter = "\t" }
    return layout
  }

  /// A first line of data is the normal case, without a note.
  private static func notes(of found: TableColumns.Found, _ layout: TableLayout) -> [String] {
    let isUnexpected = found.layout.header == true || layout.remembersHeader
    return [found.noteOfDelimiter, isUnexpected ? found.noteOfHeader : nil].compactMap(\.self)
  }

  // MARK: Lines

  /// The pairs of two files, with notes.
  /// - Throws: `RecurrentError.invalidData` if the files have different numbers of lines, not counting empty ones at the
  ///   end, no pair has two sides, or a file is damaged or not UTF-8 text.
  package static func contents(ofSources path: String, targets other: String) throws -> Contents {
    let sources = TextExamples.lines(of: try Files.readText(path, limit: .examples), from: path)
    let targets = TextExamples.lines(of: try Files.readText(other, limit: .examples), from: other)
    // An empty line at the end counts if the other file has such a line, too, or a text.
    let (least, most) = (sources.withoutEmptyEnd.count, targets.withoutEmptyEnd.count)
    let counts = (max(least, min(sources.count, most)), max(most, min(targets.count, least)))
    guard counts.0 == counts.1 else {
      throw RecurrentError(
        .invalidData, "has \(counts.1.grouped) line\(counts.1 == 1 ? "" : "s"), but \(path) has \(counts.0.grouped)",
        at: other,
        remedy: "give one target per source, in the same order")
    }
    let pairs = zip(sources, targets).prefix(counts.0).map {
      TextPair(source: $0.text, target: $1.text, location: $0.location, targetLocation: $1.location)
    }
    return try complete(Contents(pairs: pairs), path)
  }

  /// The sources of a file, with notes.
  /// - Parameter tables: The format of a file with the name of a table if none is given; nil for the first column.
  /// - Throws: As `contents(of:format:)`.
  package static func sources(
    of path: String, format: PairFormat? = nil, ofTables tables: PairFormat? = nil
  ) throws -> Sources {
    let text = try Files.readText(path, limit: .examples)
    let isTable = format != nil || TableLayout.delimiter(byNameOf: path) != nil
    let sources =
      isTable ? try column(of: text, from: path, format ?? tables ?? PairFormat()) : lines(of: text, from: path)
    guard sources.examples.contains(where: { !$0.text.isEmpty }) else { throw TextExamples.isEmpty(path) }
    return sources
  }

  private static func column(of text: String, from path: String, _ format: PairFormat) throws -> Sources {
    var examples: [TextExample] = []
    let layout = tabbed(format.layout, path)
    let found = try TableColumns(
      columns: [(role: "source", column: format.source)], layout: layout, headerNames: headerNames
    ).forEach(in: text, from: path) { texts, location in
      examples.append(TextExample(text: texts[0], location: location))
    }
    return Sources(examples: examples, notes: notes(of: found, layout))
  }

  private static func lines(of text: String, from path: String) -> Sources {
    let examples = TextExamples.lines(of: text, from: path)
    let areTabbed = examples.allSatisfy { $0.text.utf8.contains(.tab) }
    return Sources(
      examples: examples,
      notes: areTabbed
        ? [
          "\(path): every line has a tab and is one source; a table with a source column has a name that ends in .tsv."
        ] : [])
  }

  // MARK: Common checks

  /// Without the pairs that have an empty side, which a note counts.
  private static func complete(_ contents: Contents, _ path: String) throws -> Contents {
    var contents = contents
    guard !contents.pairs.isEmpty else { throw TextExamples.isEmpty(path) }
    let incomplete = contents.pairs.filter(\.hasEmptySide)
    guard !incomplete.isEmpty else { return contents }
    contents.pairs.removeAll(where: \.hasEmptySide)
    guard !contents.pairs.isEmpty else {
      throw RecurrentError(.invalidData, "no pair has a source and a target", at: path, remedy: "use a file with pairs")
    }
    let (count, isOne) = (incomplete.count, incomplete.count == 1)
    let locations = incomplete.map(\.emptyLocation).listed(by: "; ")
    contents.notes.append(
      "\(count.grouped) pair\(isOne ? "" : "s") with an empty side \(isOne ? "is" : "are") left out: \(locations).")
    return contents
  }
}

extension TextPair {
  fileprivate var hasEmptySide: Bool { source.isEmpty || target.isEmpty }
  /// The location of the empty side.
  fileprivate var emptyLocation: String { source.isEmpty ? location : targetLocation }
}
