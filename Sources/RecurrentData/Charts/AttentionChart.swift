import RecurrentCore

/// The weights of an attention: a row for each target token, a column for each source token.
public struct AttentionChart: Sendable, Hashable {
  /// The source tokens, from left to right.
  public let source: [String]
  /// The target tokens, from top to bottom.
  public let target: [String]
  /// The weights, `0 ... 1`: a row for each target token, with a weight for each source token.
  public let weights: [[Float]]

  /// A chart.
  /// - Throws: `RecurrentError.shapeMismatch` unless there is a weight for each pair of tokens.
  public init(source: [String], target: [String], weights: [[Float]]) throws {
    guard weights.count == target.count, weights.allSatisfy({ $0.count == source.count }) else {
      throw RecurrentError(
        .shapeMismatch, "\(weights.count) rows of weights for \(target.count) target and \(source.count) source tokens",
        at: "attention chart", remedy: "give a row for each target token, with a weight for each source token")
    }
    // A line break is a token, too.
    (self.source, self.target, self.weights) = (source.map(\.shown), target.map(\.shown), weights)
  }

  // MARK: In a terminal

  /// The chart as text: source tokens from top to bottom above their columns, target tokens in front of their rows.
  package func text(style: ChartTextStyle = ChartTextStyle()) -> String {
    let names = target.map(\.count).max() ?? 0
    let height = source.map(\.count).max() ?? 0
    let gap = String(repeating: " ", count: names + 1)
    var lines = (0..<height).map { line in
      let letters = source.map { token -> String in
        let index = line - (height - token.count)
        return index < 0 ? " " : String(token[token.index(token.startIndex, offsetBy: index)])
      }
      return (gap + letters.joined(separator: " ")).withoutTrailingSpaces
    }
    let shades: [String] = style.isUnicode ? ["· ", "░░", "▒▒", "▓▓", "██"] : [". ", "- ", "+ ", "# ", "@ "]
    for (token, row) in zip(target, weights) {
      let cells = row.map { shades[min(shades.count - 1, Int($0.isFinite ? max(0, $0) * 5 : 0))] }
      lines.append(
        String(repeating: " ", count: names - token.count) + token + " " + cells.joined().withoutTrailingSpaces)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  // MARK: As SVG

  /// The chart as an SVG image, in light or dark colors as the reader's system has them.
  package var svg: String {
    let cell = 24.0
    let left = 24 + (target.map(SVGStyle.width).max() ?? 0)
    let top = 24 + 0.75 * (source.map(SVGStyle.width).max() ?? 0)
    let width = left + cell * Double(source.count) + 24 + 0.75 * (source.last.map(SVGStyle.width) ?? 0)
    let height = top + cell * Double(target.count) + 16
    var parts: [String] = []
    for (index, token) in source.enumerated() {
      let x = left + cell * (Double(index) + 0.6)
      parts.append(
        "<text x=\"\(x.text(1))\" y=\"\((top - 6).text(1))\" transform=\"rotate(-45 \(x.text(1)) \((top - 6).text(1)))\">"
          + "\(token.asMarkup)</text>")
    }
    for (row, token) in target.enumerated() {
      let y = top + cell * Double(row)
      parts.append(
        "<text x=\"\((left - 8).text(1))\" y=\"\((y + 16).text(1))\" text-anchor=\"end\">\(token.asMarkup)</text>")
      for (column, weight) in weights[row].enumerated() {
        let x = left + cell * Double(column)
        let opacity = Double(weight.isFinite ? min(max(weight, 0), 1) : 0)
        parts.append(
          "<rect class=\"weight\" x=\"\(x.text(1))\" y=\"\(y.text(1))\" width=\"22\" height=\"22\" fill-opacity=\"\(opacity.text(3))\">"
            + "<title>\(token.asMarkup) – \(source[column].asMarkup): \(opacity.text(3))</title></rect>")
      }
    }
    let size = "\(width.text(0)) \(height.text(0))"
    return """
      <svg xmlns="http://www.w3.org/2000/svg" class="recur-chart" role="img" viewBox="0 0 \(size)" width="\(width.text(0))" height="\(height.text(0))">
      <title>Attention</title>
      \(SVGStyle.rules)
      <rect class="ground" width="100%" height="100%"/>
      \(parts.joined(separator: "\n"))
      </svg>

      """
  }
}
