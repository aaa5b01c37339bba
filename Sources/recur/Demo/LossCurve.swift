#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A curve drawn with text, eight levels per line. The scale is logarithmic, since the loss changes least at the end.
struct LossCurve {
  /// The points, from left to right.
  var losses: [Double] = []

  /// The curve, labelled with the highest and the lowest loss.
  func drawing(columns: Int = 60, rows: Int = 8) -> String {
    guard !losses.isEmpty else { return "" }
    let points = (0..<columns).map { column -> Double in
      let start = column * losses.count / columns
      let end = max(start + 1, (column + 1) * losses.count / columns)
      let part = losses[min(start, losses.count - 1)..<min(end, losses.count)]
      return log(part.reduce(0, +) / Double(part.count))
    }
    guard let high = points.max(), let low = points.min(), high > low else { return "" }
    let levels = points.map { Int((($0 - low) / (high - low) * Double(rows * 8 - 1)).rounded()) + 1 }
    let blocks: [Character] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    return (0..<rows).reversed().map { row in
      let bar = levels.map { blocks[max(0, min(8, $0 - row * 8))] }
      let label = row == rows - 1 ? exp(high).text(3) : row == 0 ? exp(low).text(3) : ""
      return label.padded(to: 8) + "│" + String(bar)
    }.joined(separator: "\n")
  }
}
