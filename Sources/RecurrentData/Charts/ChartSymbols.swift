/// The characters and colors of a chart's parts in a terminal.
struct ChartSymbols {
  let isUnicode: Bool

  /// How a line is drawn. Truth is history that follows the forecast's origin: one differs from the other by place and color.
  struct Stroke {
    let cell: DotRaster.Cell
    /// The character of each cell with a dot; nil has the dots' own.
    var letter: Character?
  }

  func stroke(_ role: TimeChart.Role) -> Stroke {
    guard isUnicode else {
      let letter: Character =
        switch role {
        case .history, .score: "."
        case .truth: "o"
        case .forecast: "*"
        case .threshold: "-"
        case .series(let index): Self.letters[index % Self.letters.count]
        }
      return Stroke(cell: .whole, letter: letter)
    }
    return switch role {
    case .history, .truth, .score: Stroke(cell: .braille)
    case .forecast: Stroke(cell: .quadrant)
    case .threshold: Stroke(cell: .whole, letter: "╌")
    case .series(0): Stroke(cell: .braille)
    case .series(1): Stroke(cell: .quadrant)
    case .series(let index): Stroke(cell: .whole, letter: Self.letters[index % Self.letters.count])
    }
  }

  private static let letters: [Character] = [".", "o", "x", "+", "*", "#"]

  /// The sample in the legend.
  func sample(_ sample: ChartLegend.Sample) -> String {
    switch sample {
    case .line(let role):
      let stroke = stroke(role)
      let letter = stroke.letter ?? (stroke.cell == .quadrant ? "▄" : "⠤")
      return String(repeating: letter, count: 3)
    case .band(let depth): return String(repeating: shade(depth), count: 3)
    case .mark: return String(mark)
    case .window(.labelled): return String(repeating: window, count: 3)
    case .window(.flagged): return String(repeating: flag, count: 3)
    case .origin: return String(origin)
    }
  }

  /// The shade of a band, of the widest first.
  func shade(_ depth: Int) -> Character { Array(isUnicode ? "░▒▓" : ":=%")[min(depth, 2)] }

  var mark: Character { isUnicode ? "●" : "X" }
  var window: Character { isUnicode ? "░" : ":" }
  var flag: Character { isUnicode ? "▀" : "#" }
  var origin: Character { isUnicode ? "┊" : "|" }
  var side: Character { isUnicode ? "│" : "|" }
  var sideTick: Character { isUnicode ? "┤" : "+" }
  var corner: Character { isUnicode ? "└" : "+" }
  var bottom: Character { isUnicode ? "─" : "-" }
  var bottomTick: Character { isUnicode ? "┬" : "+" }

  /// The color of the axes.
  static let axisColor = UInt8(244)

  /// The color, of medium lightness, legible on black and on white; all eyes tell the blue from the orange.
  static func color(_ sample: ChartLegend.Sample) -> UInt8? {
    switch sample {
    case .line(.history): nil
    case .line(.truth): 166
    case .line(.forecast), .band: 32
    case .line(.score): 133
    case .line(.threshold), .mark, .window(.flagged): 160
    case .window(.labelled): 178
    case .line(.series(let index)): [32, 166, 36, 133, 136, 110][index % 6]
    case .origin: axisColor
    }
  }
}
