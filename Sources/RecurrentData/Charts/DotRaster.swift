/// Dots of a drawing with text: several across and down a character cell.
struct DotRaster {
  /// The dots of a cell.
  enum Cell {
    /// Two across and four down: `⣿`.
    case braille
    /// Two across and two down: `▟`.
    case quadrant
    /// One: a letter.
    case whole

    var size: (across: Int, down: Int) {
      switch self {
      case .braille: (2, 4)
      case .quadrant: (2, 2)
      case .whole: (1, 1)
      }
    }
  }

  let columns: Int
  let rows: Int
  let cell: Cell
  /// The dots of each cell, a bit each, from the left and then down.
  private(set) var dots: [UInt8]

  init(columns: Int, rows: Int, cell: Cell) {
    (self.columns, self.rows, self.cell) = (columns, rows, cell)
    dots = [UInt8](repeating: 0, count: columns * rows)
  }

  /// Draws a line.
  /// - Parameter points: Across from 0, the first dot, to 1, the last; up in rows, 0 in the middle of the lowest.
  mutating func draw(_ points: [(x: Double, row: Double)]) {
    let (across, down) = cell.size
    let places = points.map { point in
      (
        x: Int((point.x * Double(columns * across - 1)).rounded()),
        y: Int(((Double(rows - 1) - point.row) * Double(down) + Double(down - 1) / 2).rounded())
      )
    }
    guard var place = places.first else { return }
    set(place.x, place.y)
    for next in places.dropFirst() {
      let length = max(abs(next.x - place.x), abs(next.y - place.y))
      for part in stride(from: 1, through: length, by: 1) {
        set(
          place.x + Int((Double((next.x - place.x) * part) / Double(length)).rounded()),
          place.y + Int((Double((next.y - place.y) * part) / Double(length)).rounded()))
      }
      place = next
    }
  }

  private mutating func set(_ x: Int, _ y: Int) {
    let (across, down) = cell.size
    let (x, y) = (min(max(x, 0), columns * across - 1), min(max(y, 0), rows * down - 1))
    dots[y / down * columns + x / across] |= 1 << UInt8(y % down * across + x % across)
  }

  /// The character of a cell's dots.
  func character(_ dots: UInt8) -> Character {
    switch cell {
    case .quadrant: return Array(" ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█")[Int(dots)]
    case .whole: return dots == 0 ? " " : "*"
    case .braille:
      // Unicode's order: down the left side, down the right side, and then the fourth row.
      let order: [UInt32] = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80]
      let bits = order.indices.reduce(UInt32(0)) { $0 | (dots >> UInt8($1) & 1 == 1 ? order[$1] : 0) }
      return Character(Unicode.Scalar(0x2800 + bits)!)
    }
  }
}
