import RecurrentCore

/// The rows of a table by RFC 4180: a quoted field may contain delimiters, line breaks, and doubled quotes. In
/// tab-separated files quotes have no meaning, as is usual for them.
///
/// Empty lines are skipped, as in pandas. Rows may have any number of columns.
struct TableRows {
  /// The byte range of a field, without its quotes.
  struct Field {
    var range: Range<Int>
    /// Whether it contains doubled quotes.
    var hasQuotes = false
  }

  let bytes: [UInt8]
  let delimiter: UInt8
  private let path: String
  private var place = 0
  private var line = 1

  /// - Parameter path: The file name in errors.
  init(_ bytes: [UInt8], delimiter: UInt8, path: String) {
    (self.bytes, self.delimiter, self.path) = (bytes, delimiter, path)
  }

  /// Reads the fields of the next row.
  /// - Returns: The number of the row's first line; nil after the last row.
  /// - Throws: `RecurrentError.invalidData` if a quote is not closed, or text follows a closing quote.
  mutating func next(into fields: inout [Field]) throws -> Int? {
    while place < bytes.count, bytes[place].endsLine { endLine() }
    guard place < bytes.count else { return nil }
    let start = line
    fields.removeAll(keepingCapacity: true)
    while true {
      fields.append(try field())
      guard place < bytes.count, bytes[place] == delimiter else { break }
      place += 1
    }
    endLine()
    return start
  }

  /// The text of a field as an example or a label: trimmed, with `\n` as line ends.
  func text(of field: Field) -> String {
    guard field.hasQuotes else { return String(example: bytes[field.range]) }
    var text: [UInt8] = []
    var isSecond = false
    for byte in bytes[field.range] {
      isSecond = byte == Self.quote && !isSecond
      if !isSecond { text.append(byte) }
    }
    return String(example: text[...])
  }

  /// The error of a row that has another number of columns than the first one.
  static func ragged(_ count: Int, _ columns: Int, _ first: Int, at location: String) -> RecurrentError {
    RecurrentError(
      .invalidData, "has \(count.counted("column")), line \(first) has \(columns)", at: location,
      remedy: count > columns
        ? "quote texts that contain the delimiter (.csv), or remove the delimiter from them"
        : "every row needs all columns")
  }

  private static let quote = UInt8(ascii: "\"")

  private mutating func endLine() {
    place += bytes.lengthOfLineEnd(at: place)
    line += 1
  }

  /// The next field, up to the delimiter or the end of the line.
  private mutating func field() throws -> Field {
    if delimiter != .tab, place < bytes.count, bytes[place] == Self.quote { return try quotedField() }
    let start = place
    while place < bytes.count, bytes[place] != delimiter, !bytes[place].endsLine { place += 1 }
    return Field(range: start..<place)
  }

  private mutating func quotedField() throws -> Field {
    let firstLine = line
    place += 1
    var field = Field(range: place..<place)
    while place < bytes.count {
      if bytes[place].endsLine {
        endLine()
      } else if bytes[place] != Self.quote {
        place += 1
      } else if place + 1 < bytes.count, bytes[place + 1] == Self.quote {
        field.hasQuotes = true
        place += 2
      } else {
        field.range = field.range.lowerBound..<place
        place += 1
        guard place == bytes.count || bytes[place] == delimiter || bytes[place].endsLine else {
          throw RecurrentError(
            .invalidData, "has text after a closing quote", at: "\(path), line \(line)",
            remedy: "double a quote inside a quoted field (\"\")")
        }
        return field
      }
    }
    throw RecurrentError(
      .invalidData, "opens a quote that is never closed", at: "\(path), line \(firstLine)",
      remedy: "close it, or double a quote inside a quoted field (\"\")")
  }
}
