import RecurrentCore

/// Labelled anomalies of series: windows of steps, which count as found if any of their steps is flagged.
///
/// They are read from JSON as NAB's `combined_windows.json`, an object with a list of windows for the name of each file,
/// `{"realKnownCause/nyc_taxi.csv": [["2014-10-30 15:30:00", "2014-11-03 22:30:00"]]}`, or such a list for one series; or from a
/// table with the columns `start`, `end` and, for several series, `series`. The first and the last step of a window are given
/// by their times, or by their numbers from 1.
public struct AnomalyLabels: Sendable, Hashable {
  /// The place of a step.
  private enum Position: Hashable, Sendable {
    case time(Timestamp)
    /// From 1.
    case number(Int)

    init(_ text: String, at location: String) throws {
      if let number = Int(text) {
        self = .number(number)
      } else if let time = Timestamp(text) {
        self = .time(time)
      } else {
        throw RecurrentError(
          .invalidData, "\(text.shown) is neither a time nor the number of a step", at: location,
          remedy: "use a form such as 2021-04-30 13:00:00, or a number from 1")
      }
    }
  }

  private struct Window: Hashable, Sendable {
    let first: Position
    let last: Position
    /// Its line or its place in the file, for errors.
    let location: String

    init(_ first: String, _ last: String, at location: String) throws {
      self.first = try Position(first, at: location)
      self.last = try Position(last, at: location)
      self.location = location
      switch (self.first, self.last) {
      case (.time(let first), .time(let last)) where first <= last: break
      case (.number(let first), .number(let last)) where first <= last && first > 0: break
      default:
        throw RecurrentError(
          .invalidData, "a window from \(first.shown) to \(last.shown)", at: location,
          remedy: "give its first and its last step, both by time or both by number from 1")
      }
    }
  }

  /// The windows of each name; of one series the name is empty.
  private var windows: [String: [Window]] = [:]
  private let path: String

  /// Reads labels, from a table if the name is that of one (`.csv`, `.tsv`), else from JSON.
  /// - Throws: `RecurrentError.invalidData` with the place of what is no window.
  public init(contentsOf path: String) throws {
    self.path = path
    let bytes = Array(try Files.readText(path).utf8)
    if TableLayout.delimiter(byNameOf: path) != nil { try readTable(bytes) } else { try readJSON(bytes) }
  }

  // MARK: Reading

  private mutating func readJSON(_ bytes: [UInt8]) throws {
    let lists: [String: [[Text]]]
    do {
      let isList = bytes.first { !" \n\r\t".utf8.contains($0) } == UInt8(ascii: "[")
      lists = isList ? ["": try JSON.decode(from: bytes)] : try JSON.decode(from: bytes)
    } catch let error as RecurrentError {
      throw RecurrentError(
        error.kind, error.what, at: path,
        remedy: "use lists of windows by name, {\"NAME\": [[\"START\", \"END\"]]}, or a table (.csv)")
    }
    for (name, list) in lists {
      windows[name] = try list.enumerated().map { index, ends in
        let location = "\(path), window \(index + 1)" + (name.isEmpty ? "" : " of \(name.shown)")
        guard ends.count == 2 else {
          throw RecurrentError(
            .invalidData, "has \(ends.count.counted("entry", "entries"))", at: location,
            remedy: "give its first and its last step")
        }
        return try Window(ends[0].text, ends[1].text, at: location)
      }
    }
  }

  /// A string or a whole number.
  private struct Text: Decodable {
    let text: String

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      text = try (try? value.decode(Int.self)).map(String.init) ?? value.decode(String.self)
    }
  }

  private mutating func readTable(_ bytes: [UInt8]) throws {
    var table = TableRows(bytes, delimiter: try TableLayout().delimiter(of: bytes, from: path).byte, path: path)
    var fields: [TableRows.Field] = []
    guard let first = try table.next(into: &fields) else {
      throw RecurrentError(.invalidData, "is empty", at: path, remedy: "add the columns start and end")
    }
    let names = fields.map(table.text(of:))
    let header = "\(path), line \(first)"
    let index = { (name: String) in try TableFormat.Column.name(name).index(among: names, at: header) }
    let (start, end) = (try index("start"), try index("end"))
    let series = names.contains { $0.lowercased() == "series" } ? try index("series") : nil
    while let line = try table.next(into: &fields) {
      guard fields.count == names.count else {
        throw TableRows.ragged(fields.count, names.count, first, at: "\(path), line \(line)")
      }
      let window = try Window(
        table.text(of: fields[start]), table.text(of: fields[end]), at: "\(path), line \(line)")
      windows[series.map { table.text(of: fields[$0]) } ?? "", default: []].append(window)
    }
  }

  // MARK: Windows

  /// The names that have windows, or an empty list of them.
  public var names: [String] { windows.keys.sorted() }

  /// The steps of each labelled window of a series, in ascending order, without overlap; windows after its end or before
  /// its start are left out.
  /// - Parameters:
  ///   - series: The series, with its times.
  ///   - name: The name of the series, a path of which the end is in the labels, or of which the labels have a longer one.
  /// - Returns: Nil if the labels do not have the series.
  /// - Throws: `RecurrentError.invalidData` if times or numbers do not fit the series, or several names do.
  public func windows(of series: TimeSeries, name: String) throws -> [Range<Int>]? {
    guard let key = try key(of: name), let windows = windows[key] else { return nil }
    let ranges = try windows.compactMap { try steps(of: $0, in: series) }.sorted { $0.lowerBound < $1.lowerBound }
    return ranges.reduce(into: []) { joined, range in
      if let last = joined.last, range.lowerBound < last.upperBound {
        joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        joined.append(range)
      }
    }
  }

  private func key(of name: String) throws -> String? {
    if windows[name] != nil { return name }
    if windows.count == 1, windows[""] != nil { return "" }
    let ends = names.filter { !$0.isEmpty && (name.hasSuffix("/" + $0) || $0.hasSuffix("/" + name)) }
    let file = { (path: String) in path.split(separator: "/").last ?? "" }
    let keys = ends.isEmpty ? names.filter { file($0) == file(name) } : ends
    guard keys.count < 2 else {
      throw RecurrentError(
        .invalidData, "\(keys.map(\.shown).listed) could be \(name.shown)", at: path,
        remedy: "use the names of the series")
    }
    return keys.first
  }

  private func steps(of window: Window, in series: TimeSeries) throws -> Range<Int>? {
    switch (window.first, window.last) {
    case (.number(let first), .number(let last)):
      guard first <= series.steps else { return nil }
      return first - 1..<min(last, series.steps)
    case (.time(let first), .time(let last)):
      guard series.steps == 0 || series.time(at: series.steps - 1) != nil else {
        throw RecurrentError(
          .invalidData, "a time, but the data has none", at: window.location,
          remedy: "give the numbers of steps, from 1")
      }
      let inside = (0..<series.steps).filter { step in
        series.time(at: step).map { $0 >= first && $0 <= last } ?? false
      }
      guard let begin = inside.first, let end = inside.last else { return nil }
      return begin..<end + 1
    default: return nil
    }
  }
}
