import RecurrentCore

/// The rows of a table, as RFC 4180 has them: a column may stand in quotes, and then hold delimiters, line breaks, and
/// quotes written twice. With a tab between columns there are no quotes, as the field writes such files.
///
/// Lines with nothing in them are passed over, as pandas does. Any number of columns may be in a row.
struct TableRows {
  /// Where in the bytes a column's text stands; without its quotes.
  struct Field {
    var range: Range<Int>
    /// Whether quotes are in it that are written twice.
    var hasQuotes = false
  }

  let bytes: [UInt8]
  private let delimiter: UInt8
  private let path: String
  private var place = 0
  private var line = 1

  /// - Parameter path: What errors call the file.
  init(_ bytes: [UInt8], delimiter: UInt8, path: String) {
    (self.bytes, self.delimiter, self.path) = (bytes, delimiter, path)
  }

  /// Replaces the fields by those of the next row.
  /// - Returns: The number of the row's first line, or nil after the last.
  /// - Throws: `RecurrentError.invalidData` if a quote is not closed, or something stands after one that is.
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

  /// The text of a column as an example or a label: trimmed, its line ends `\n`.
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

  private static let quote = UInt8(ascii: "\"")

  private mutating func endLine() {
    place += bytes.lengthOfLineEnd(at: place)
    line += 1
  }

  /// The column that begins here, up to the delimiter or the line's end.
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
            .invalidData, "has more of a column after its closing quote", at: "\(path), line \(line)",
            remedy: "write a quote within quotes twice (\"\")")
        }
        return field
      }
    }
    throw RecurrentError(
      .invalidData, "opens a quote that nothing closes", at: "\(path), line \(firstLine)",
      remedy: "close it, or write a quote within quotes twice (\"\")")
  }
}
