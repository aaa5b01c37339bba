import RecurrentCore

/// What a terminal shows of a chart.
package struct ChartTextStyle: Sendable {
  /// Whether it has characters beyond ASCII: braille, blocks, shades.
  package var isUnicode: Bool
  /// Whether it has colors, of the 256 that terminals share.
  package var isColored: Bool

  /// A style.
  package init(isUnicode: Bool = true, isColored: Bool = false) {
    (self.isUnicode, self.isColored) = (isUnicode, isColored)
  }

  /// The style that the environment asks for: Unicode where the locale's encoding is UTF-8; colors in a terminal, unless
  /// `NO_COLOR` is set.
  package static func environment(isTerminal: Bool) -> ChartTextStyle {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(Environment.value).first ?? ""
    let encoding = locale.lowercased().filter { $0 != "-" }
    let isColored = isTerminal && Environment.value("NO_COLOR") == nil && Environment.value("TERM") != "dumb"
    return ChartTextStyle(isUnicode: encoding.contains("utf8"), isColored: isColored)
  }
}

/// Lines of text of characters with colors.
struct CellGrid {
  /// A character, and its number among a terminal's 256 colors; nil is the terminal's own.
  struct Cell: Equatable {
    var character: Character = " "
    var color: UInt8?
  }

  let columns: Int
  private var cells: [Cell]

  init(columns: Int, rows: Int) {
    self.columns = columns
    cells = [Cell](repeating: Cell(), count: columns * rows)
  }

  subscript(row: Int, column: Int) -> Cell {
    get { cells[row * columns + column] }
    set { cells[row * columns + column] = newValue }
  }

  subscript(row: Int) -> ArraySlice<Cell> { cells[row * columns..<(row + 1) * columns] }
}

extension Sequence<CellGrid.Cell> {
  /// The characters, with a terminal's codes where the color changes.
  func text(isColored: Bool) -> String {
    var (text, current) = ("", UInt8?.none)
    for cell in self {
      if isColored && cell.character != " " && cell.color != current {
        text += cell.color.map { "\u{1B}[38;5;\($0)m" } ?? "\u{1B}[0m"
        current = cell.color
      }
      text.append(cell.character)
    }
    return text.withoutTrailingSpaces + (current == nil ? "" : "\u{1B}[0m")
  }
}

extension String {
  /// The text without spaces at its end.
  var withoutTrailingSpaces: String {
    String(prefix(upTo: lastIndex { $0 != " " }.map { index(after: $0) } ?? startIndex))
  }
}
