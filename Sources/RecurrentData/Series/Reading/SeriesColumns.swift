import RecurrentCore

/// What the columns of a table of time steps are, by the format and the first rows.
struct SeriesColumns {
  /// What a column is read as; numbers and categories have an index.
  enum Role: Hashable {
    case time, id
    case number(Int)
    case category(Int)
  }

  /// The first rows of a table.
  struct Sample {
    let bytes: [UInt8]
    /// Each row's fields, all as many as in the first.
    var rows: [[TableRows.Field]] = []
    var lines: [Int] = []

    /// The largest number of rows.
    static let most = 100

    /// Reads the first rows, of which the first one may be a header.
    init(_ table: TableRows) throws {
      var table = table
      bytes = table.bytes
      var fields: [TableRows.Field] = []
      while rows.count <= Self.most, let line = try table.next(into: &fields) {
        rows.append(fields)
        lines.append(line)
      }
    }

    /// The fields of a column, after the header if there is one.
    func column(_ column: Int, skipping header: Bool) -> [Range<Int>] {
      rows.dropFirst(header ? 1 : 0).compactMap { $0.indices.contains(column) ? $0[column].range : nil }
    }

    func isNumber(_ range: Range<Int>) -> Bool {
      switch NumberScanner.double(in: bytes, range) {
      case .value, .infinite: true
      default: false
      }
    }

    func isMissing(_ range: Range<Int>) -> Bool {
      if case .missing = NumberScanner.double(in: bytes, range) { true } else { false }
    }

    func isTime(_ range: Range<Int>) -> Bool { TimeScanner.time(in: bytes, range) != nil }

    /// Whether all values that are there are numbers, and there is one.
    func isOfNumbers(_ column: Int, skipping header: Bool) -> Bool {
      let present = self.column(column, skipping: header).filter { !isMissing($0) }
      return !present.isEmpty && present.allSatisfy(isNumber)
    }
  }

  /// The names of the header, or numbers from 1.
  let names: [String]
  let hasHeader: Bool
  /// The column of times; nil without one.
  private(set) var time: Int?
  /// The column of the time of day, if it is not in that of times.
  private(set) var clock: Int?
  private(set) var roles: [(column: Int, role: Role)] = []
  /// The names of columns of numbers and of categories, by index.
  private(set) var numbers: [Int] = []
  private(set) var categories: [Int] = []
  /// Whether the columns of numbers are those that were found, not named.
  private(set) var areTargetsFound = false
  /// How many of the columns of numbers are targets, and past covariates; the others are known in advance.
  private(set) var targets = 0
  private(set) var past = 0
  private(set) var notes: [String] = []

  /// - Throws: `RecurrentError.invalidData` for a column that is missing or has two roles, and if there are no numbers.
  init(_ sample: Sample, _ format: SeriesFormat, path: String) throws {
    let texts = sample.rows[0].map { String(example: sample.bytes[$0.range]) }
    hasHeader = format.layout.header ?? (format.hasNames || Self.isHeader(sample))
    names = hasHeader ? texts : texts.indices.map { "\($0 + 1)" }
    if format.layout.header == nil, !hasHeader {
      notes.append("\(path): line \(sample.lines[0]) is read as data; if it is a header, add `header` yes.")
    }
    let location = "\(path), line \(sample.lines[0])"
    let hasHeader = hasHeader
    func index(_ column: SeriesFormat.Column) throws -> Int {
      if case .name(let name) = column, !hasHeader {
        throw RecurrentError(
          .invalidArgument, "has no header, so column \(name.shown) is unknown", at: path,
          remedy: "give columns by number, from 1, or `header` yes")
      }
      return try column.index(among: texts, at: location)
    }
    var taken: [Int: String] = [:]
    func take(_ column: Int, as role: String) throws -> Int {
      if let other = taken[column] {
        throw RecurrentError(
          .invalidArgument, "column \(names[column].shown) is \(other) and \(role)", at: path,
          remedy: "name each column once")
      }
      taken[column] = role
      return column
    }
    if let id = format.id { roles.append((try take(index(id), as: "the id"), .id)) }
    time = try format.time.map { try take(index($0), as: "the time") }
    let wanted = try format.targets.map { try take(index($0), as: "a target") }
    let past = try format.past.map { try take(index($0), as: "a past covariate") }
    let known = try format.known.map { try take(index($0), as: "a known covariate") }
    categories = try (format.categories + format.staticCategories).map { try take(index($0), as: "a category") }
    let free = names.indices.filter { taken[$0] == nil }
    time = time ?? Self.time(in: sample, hasHeader: hasHeader, names: names, among: free, hasIDs: format.id != nil)
    if let time {
      roles.append((time, .time))
      taken[time] = "the time"
      clock = Self.clock(
        beside: time, in: sample, hasHeader: hasHeader, names: names, among: free.filter { $0 != time })
      if let clock { taken[clock] = "the time of day" }
    }
    numbers = wanted
    if wanted.isEmpty {
      areTargetsFound = true
      numbers = try foundTargets(sample, among: names.indices.filter { taken[$0] == nil }, path)
      guard !numbers.isEmpty else { throw Self.noNumbers(path) }
    }
    (targets, self.past) = (numbers.count, past.count)
    numbers += past + known
    roles += numbers.enumerated().map { ($1, .number($0)) } + categories.enumerated().map { ($1, .category($0)) }
  }

  // MARK: Header

  /// Whether the first row has a text in a column of numbers or times, or only texts.
  private static func isHeader(_ sample: Sample) -> Bool {
    sample.rows[0].indices.contains { column in
      let first = sample.rows[0][column].range
      guard !sample.isMissing(first), !sample.isNumber(first), !sample.isTime(first) else { return false }
      let rest = sample.column(column, skipping: true).filter { !sample.isMissing($0) }
      return rest.allSatisfy { sample.isNumber($0) || sample.isTime($0) }
    }
  }

  // MARK: Times

  /// Words in the names of columns of times.
  private static let timeWords: Set<String> = ["date", "time", "timestamp", "datetime", "ds", "epoch", "unix", "ts"]

  private static func words(of name: String) -> Set<String> {
    Set(name.lowercased().split { !$0.isLetter }.map(String.init))
  }

  /// The column of times: by its name, else the first whose values are times that are not numbers.
  private static func time(
    in sample: Sample, hasHeader: Bool, names: [String], among free: [Int], hasIDs: Bool
  ) -> Int? {
    func isOfTimes(_ column: Int, allowsNumbers: Bool) -> Bool {
      let values = sample.column(column, skipping: hasHeader)
      guard let first = values.first(where: { !sample.isMissing($0) }),
        let times = TimestampColumn(
          first: sample.bytes, first, line: 0, allowsNumbers: allowsNumbers, path: "")
      else { return false }
      // The others are errors.
      return 2 * values.count { times.accepts(sample.bytes, $0) } >= values.count
    }
    /// Whether no value recurs: years and months of daily data do.
    func areDistinct(_ column: Int) -> Bool {
      let values = sample.column(column, skipping: hasHeader).map { sample.bytes[$0] }
      return Set(values).count == values.count
    }
    guard hasHeader else { return free.first { isOfTimes($0, allowsNumbers: false) } }
    return free.first { !words(of: names[$0]).isDisjoint(with: timeWords) && isOfTimes($0, allowsNumbers: true) }
      ?? free.first {
        words(of: names[$0]) == ["year"] && isOfTimes($0, allowsNumbers: true) && (hasIDs || areDistinct($0))
      }
      ?? free.first { isOfTimes($0, allowsNumbers: false) }
  }

  /// The column of the time of day, if that of times has dates only: named `time`, with values such as `17:24:00`.
  private static func clock(beside date: Int, in sample: Sample, hasHeader: Bool, names: [String], among free: [Int])
    -> Int?
  {
    let dates = sample.column(date, skipping: hasHeader)
    return free.first { column in
      guard words(of: names[column]).contains("time") else { return false }
      let clocks = sample.column(column, skipping: hasHeader)
      return !dates.isEmpty
        && zip(dates, clocks).allSatisfy { date, clock in
          let joined = sample.bytes.joined(date, clock)
          return !sample.isTime(clock) && TimeScanner.time(in: joined, joined.indices) != nil
        }
    }
  }

  // MARK: Targets

  /// Names of columns that count the rows.
  private static let counters: Set<String> = ["", "unnamed: 0", "index", "no", "row", "rownames", "t", "step", "time"]

  /// All columns of numbers; a column of texts, and one that counts the rows, is ignored with a note.
  /// - Throws: `RecurrentError.invalidData` for a column of numbers with decimal commas or thousands separators.
  private mutating func foundTargets(_ sample: Sample, among free: [Int], _ path: String) throws -> [Int] {
    try free.filter { column in
      let values = sample.column(column, skipping: hasHeader)
      if hasHeader, Self.counters.contains(names[column].lowercased()), counts(values, sample) {
        notes.append("\(path): column \(shown(column)) counts the rows and is ignored.")
        return false
      }
      let present = values.filter { !sample.isMissing($0) }
      if let first = present.first, !sample.isNumber(first), present.allSatisfy({ !sample.isNumber($0) }) {
        if present.allSatisfy({ NumberScanner.hasSeparators(sample.bytes[$0]) }) {
          let row = sample.rows.firstIndex { $0[column].range == first } ?? 0
          throw SeriesTable.text(
            sample.bytes[first], in: shown(column), at: "\(path), line \(sample.lines[row])")
        }
        notes.append(ignored(column, path))
        return false
      }
      // A column without a name and values is due to a delimiter at the end of the rows.
      return !(present.isEmpty && names[column].isEmpty)
    }
  }

  private func counts(_ values: [Range<Int>], _ sample: Sample) -> Bool {
    var last: Double?
    for range in values {
      guard case .value(let number) = NumberScanner.double(in: sample.bytes, range) else { return false }
      if let last, number != last + 1 { return false }
      last = number
    }
    return last != nil
  }

  /// A column by its name if it is the only one of it, else by its number.
  func column(_ column: Int) -> SeriesFormat.Column {
    hasHeader && names.count(where: { $0 == names[column] }) == 1 ? .name(names[column]) : .number(column + 1)
  }

  /// The name of a column in a message.
  func shown(_ column: Int) -> String { names[column].isEmpty ? "\(column + 1)" : names[column].shown }

  /// What to do with a text in a column of numbers, by its index.
  func remedyOfText(_ index: Int) -> String {
    let use =
      index < targets
      ? "name the `target` columns"
      : index < targets + past ? "leave its column out" : "give its column as a `category`"
    return "correct it, leave it empty if the value is missing, or \(use)"
  }

  /// The note that a column of texts is not read.
  func ignored(_ column: Int, _ path: String) -> String {
    "\(path): column \(shown(column)) has texts and is ignored."
  }

  static func noNumbers(_ path: String) -> RecurrentError {
    RecurrentError(
      .invalidData, "has no column of numbers", at: path,
      remedy: "add one, or give the `delimiter` if the columns are not split")
  }
}

extension SeriesFormat {
  /// Whether a column is given by name, which requires a header.
  var hasNames: Bool {
    ([time, id].compactMap(\.self) + targets + past + known + categories + staticCategories).contains { $0.name != nil }
  }
}

extension [UInt8] {
  /// A date and a time of day as one time.
  func joined(_ date: Range<Int>, _ clock: Range<Int>) -> [UInt8] { self[date] + [.blank] + self[clock] }
}
