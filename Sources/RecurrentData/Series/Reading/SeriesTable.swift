import RecurrentCore

/// The rows of a table of time steps, as columns of numbers and texts.
struct SeriesTable {
  /// A column of numbers; NaN where one is missing.
  struct Numbers {
    let name: String
    var values: [Float] = []
  }

  /// Texts by number, in the order of their first row.
  struct Texts {
    private(set) var names: [String] = []
    private(set) var values: [Int32] = []
    private var numbers: [[UInt8]: Int32] = [:]
    private var last: (bytes: [UInt8], number: Int32)?

    mutating func append(_ bytes: ArraySlice<UInt8>) {
      // Rows with the same text are often adjacent.
      if let last, last.bytes.elementsEqual(bytes) { return values.append(last.number) }
      let text = Array(bytes)
      let number = numbers[text] ?? Int32(names.count)
      if Int(number) == names.count {
        numbers[text] = number
        names.append(String(example: bytes))
      }
      last = (text, number)
      values.append(number)
    }
  }

  let path: String
  /// The line of each row.
  private(set) var lines: [Int32] = []
  /// The times of the rows in seconds since 1970; nil without a column of times.
  private(set) var times: [Double]?
  private(set) var timeFormat = TimestampFormat.dateTime
  /// The series of each row; nil without a column of identifiers.
  private(set) var ids: Texts?
  private(set) var targets: [Numbers]
  private(set) var past: [Numbers]
  private(set) var known: [Numbers]
  /// The categories of the steps, then those of the series.
  private(set) var categories: [Texts]
  let categoryNames: [String]
  /// The format, with the names or numbers of the columns that were found.
  private(set) var format: SeriesFormat
  private(set) var notes: [String] = []

  /// Parses a table.
  /// - Throws: `RecurrentError.invalidData` with file and line for what is not a number or a time, and for a row with
  ///   another number of columns than the first.
  init(_ table: TableRows, _ sample: SeriesColumns.Sample, _ format: SeriesFormat, path: String) throws {
    let columns = try SeriesColumns(sample, format, path: path)
    (self.path, self.format) = (path, format)
    categoryNames = columns.categories.map { columns.names[$0] }
    var numbers = columns.numbers.map { Numbers(name: columns.names[$0]) }
    var categories = [Texts](repeating: Texts(), count: columns.categories.count)
    var (table, ids, times) = (table, Texts(), TimestampColumn?.none)
    // What was found as a target may turn out to be texts as long as no row has a number.
    var mayBeText = numbers.indices.map { columns.areTargetsFound && $0 < columns.targets }
    var isText = [Bool](repeating: false, count: numbers.count)
    var fields: [TableRows.Field] = []
    if columns.hasHeader { _ = try table.next(into: &fields) }
    while let line = try table.next(into: &fields) {
      guard fields.count == columns.names.count else {
        throw TableRows.ragged(fields.count, columns.names.count, sample.lines[0], at: "\(path), line \(line)")
      }
      if fields.allSatisfy(\.range.isEmpty) { continue }
      for (column, role) in columns.roles {
        let range = fields[column].range
        switch role {
        case .number(let index):
          switch NumberScanner.float(in: table.bytes, range) {
          case .value(let value):
            mayBeText[index] = false
            numbers[index].values.append(value)
          case .missing: numbers[index].values.append(.nan)
          case .text where mayBeText[index]:
            isText[index] = true
            numbers[index].values.append(.nan)
          case .text:
            throw Self.text(
              table.bytes[range], in: columns.shown(column), at: "\(path), line \(line)",
              remedy: columns.remedyOfText(index))
          case .infinite:
            throw Self.infinite(table.bytes[range], in: columns.shown(column), at: "\(path), line \(line)")
          }
        case .time:
          let joined = columns.clock.map { table.bytes.joined(range, fields[$0].range) }
          let (bytes, range) = (joined ?? table.bytes, joined?.indices ?? range)
          if times == nil {
            times = TimestampColumn(first: bytes, range, line: line, allowsNumbers: true, path: path)
            guard times != nil else {
              throw Self.noTime(bytes[range], in: columns.shown(column), at: "\(path), line \(line)")
            }
          }
          try times?.append(bytes, range, line: line)
        case .id: ids.append(table.bytes[range])
        case .category(let index): categories[index].append(table.bytes[range])
        }
      }
      lines.append(Int32(clamping: line))
    }
    guard !lines.isEmpty else {
      throw RecurrentError(
        .invalidData, columns.hasHeader ? "has a header but no rows" : "is empty", at: path, remedy: "add rows")
    }
    notes = columns.notes
    for index in isText.indices where isText[index] { notes.append(columns.ignored(columns.numbers[index], path)) }
    if let times {
      let found = try times.times(isMonthFirst: format.isDayFirst.map { !$0 })
      (self.times, timeFormat) = (found.seconds, found.format)
      notes += [found.note].compactMap(\.self)
    }
    if format.id != nil { self.ids = ids }
    self.categories = categories
    targets = numbers.indices.prefix(columns.targets).filter { !isText[$0] }.map { numbers[$0] }
    past = Array(numbers.dropFirst(columns.targets).prefix(columns.past))
    known = Array(numbers.dropFirst(columns.targets + columns.past))
    guard !targets.isEmpty else { throw SeriesColumns.noNumbers(path) }
    self.format.layout = TableLayout(delimiter: Character(Unicode.Scalar(table.delimiter)), header: columns.hasHeader)
    self.format.shape = .steps
    // The same columns are found in another file of this kind.
    self.format.targets = columns.numbers.prefix(columns.targets).enumerated().filter { !isText[$0.offset] }.map {
      columns.column($0.element)
    }
    self.format.time = columns.time.map(columns.column)
  }

  // MARK: Errors

  private static func quoted(_ bytes: ArraySlice<UInt8>) -> String {
    "\"" + String(decoding: bytes, as: UTF8.self).shown + "\""
  }

  /// - Parameter remedy: The remedy, unless the text is a number with decimal commas or thousands separators.
  static func text(
    _ bytes: ArraySlice<UInt8>, in column: String, at location: String,
    remedy: String = "correct it, or leave it empty if the value is missing"
  ) -> RecurrentError {
    RecurrentError(
      .invalidData, "\(quoted(bytes)) in column \(column) is not a number", at: location,
      remedy: NumberScanner.hasSeparators(bytes)
        ? "write numbers with a decimal point and without thousands separators" : remedy)
  }

  static func infinite(_ bytes: ArraySlice<UInt8>, in column: String, at location: String) -> RecurrentError {
    RecurrentError(
      .invalidData, "\(quoted(bytes)) in column \(column) is infinite or beyond the range of numbers", at: location,
      remedy: "correct it, or leave it empty if the value is missing")
  }

  private static func noTime(_ bytes: ArraySlice<UInt8>, in column: String, at location: String) -> RecurrentError {
    RecurrentError(
      .invalidData, bytes.isEmpty ? "has no time" : "\(quoted(bytes)) in column \(column) is not a time", at: location,
      remedy: "use a form such as 2021-04-30 13:00:00, or seconds since 1970")
  }
}
