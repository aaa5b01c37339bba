import RecurrentCore

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension GradientFlow {
  /// The norms as a table: a line for each of up to `lines` distances from the last step, a column per layer, and
  /// finally the factor by which the norm changes per step.
  public func table(lines: Int = 12) -> String {
    let places = sampled(max(lines, 2))
    let width = max(layers.map(\.name.count).max() ?? 0, 9) + 2
    let line = { (name: String, cells: [String]) -> Substring in
      let text = name.padded(to: 18) + cells.map { $0.leading(to: width) }.joined()
      return text.prefix(upTo: text.lastIndex { $0 != " " }.map(text.index(after:)) ?? text.endIndex)
    }
    let rows = places.map { place in
      line("\(place) steps before", layers.map { $0.norms.indices.contains(place) ? $0.norms[place].scientific : "" })
    }
    return
      ([line("", layers.map(\.name))] + rows + [
        line("factor per step", layers.map { $0.factorPerStep.map { $0.text(4) } ?? "" })
      ]).joined(separator: "\n")
  }

  /// The norms as bars in a terminal, one line per layer: the last step is on the right, a full bar is the largest norm
  /// of all layers, and each of the eight lower heights is a tenth of the next. `∞` marks a gradient that is infinite
  /// or NaN.
  public func bars(columns: Int = 60) -> String {
    let levels: [Character] = ["·", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    let largest = layers.flatMap(\.norms).filter(\.isFinite).max() ?? 0
    let width = layers.map(\.name.count).max() ?? 0
    return layers.map { layer in
      let places = Array(Self.spread(over: layer.norms.count, columns).reversed())
      let bar = places.map { place -> Character in
        let norm = layer.norms[place]
        guard norm.isFinite else { return "∞" }
        guard norm > 0 else { return levels[0] }
        return levels[max(0, 8 + Int(log10(norm / largest).rounded(.up)))]
      }
      return layer.name.padded(to: width) + " │" + String(bar) + "│"
    }.joined(separator: "\n")
  }

  /// The distances in a table of this many lines: the first, the last, and evenly spaced ones between.
  private func sampled(_ lines: Int) -> [Int] { Self.spread(over: layers.map(\.norms.count).max() ?? 0, lines) }

  /// Up to `count` of the indices `0 ..< length`, evenly spaced, ends included.
  private static func spread(over length: Int, _ count: Int) -> [Int] {
    guard length > count else { return Array(0..<length) }
    return (0..<count).map { $0 * (length - 1) / (count - 1) }
  }
}

extension GradientFlow {
  /// The norms as an SVG plot: distance from the last step to the left, the norm upwards, logarithmic.
  public func svg(title: String = "Gradient by time step") -> String {
    let (width, height, left, top) = (640.0, 320.0, 64.0, 40.0)
    let norms = layers.flatMap(\.norms).filter { $0 > 0 && $0.isFinite }
    let high = (norms.max().map { log10($0) } ?? 0).rounded(.up)
    // Norms below 10⁻¹² of the largest are clipped to the bottom.
    let low = min(max((norms.min().map { log10($0) } ?? 0).rounded(.down), high - 12), high - 1)
    let steps = Double(max(layers.map(\.norms.count).max() ?? 2, 2) - 1)
    let x = { (distance: Int) in (left + width * (1 - Double(distance) / steps)).text(1) }
    let y = { (exponent: Double) in (top + height * (high - min(max(exponent, low), high)) / (high - low)).text(1) }
    let grid = stride(from: low, through: high, by: max(1, ((high - low) / 6).rounded(.up))).map { exponent in
      """
      <path d="M\(left.text(1)) \(y(exponent))H\((left + width).text(1))" stroke="#ddd"/>
      <text x="\((left - 8).text(1))" y="\(y(exponent))" text-anchor="end" dominant-baseline="middle">1e\(Int(exponent))</text>
      """
    }
    let curves = layers.enumerated().map { number, layer in
      let color = Self.colors[number % Self.colors.count]
      // The curve ends where it falls below the plot.
      let points = layer.norms.prefix { log10($0) >= low }.enumerated().map { "\(x($0)),\(y(log10($1)))" }
      return """
        <polyline points="\(points.joined(separator: " "))" fill="none" stroke="\(color)" stroke-width="2"/>
        <text x="\((left + width + 12).text(1))" y="\((top + 14 + 20 * Double(number)).text(1))" fill="\(color)">\(layer.name.asMarkup)</text>
        """
    }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 412" font-family="sans-serif" font-size="13" fill="#333">
      <rect width="860" height="412" fill="white"/>
      <text x="\(left.text(1))" y="24" font-size="16">\(title.asMarkup)</text>
      \(grid.joined(separator: "\n"))
      \(curves.joined(separator: "\n"))
      <text x="\(left.text(1))" y="384">\(Int(steps)) steps before the last</text>
      <text x="\((left + width).text(1))" y="384" text-anchor="end">last step</text>
      <text x="\(left.text(1))" y="402">Norm of the loss's gradient with respect to each step's state</text>
      </svg>

      """
  }

  // Colours that are distinguishable with colour blindness (Wong 2011).
  private static let colors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"]
}

extension String {
  /// The text, escaped for XML.
  fileprivate var asMarkup: String { map { $0 == "&" ? "&amp;" : $0 == "<" ? "&lt;" : String($0) }.joined() }
}

extension Double {
  /// Scientific notation with three digits: `1.23e-04`.
  fileprivate var scientific: String {
    guard isFinite, self > 0 else { return self == 0 ? "0" : isNaN ? "nan" : "\(self)" }
    var exponent = Int(log10(self).rounded(.down))
    var mantissa = (self / pow(10, Double(exponent))).text(2)
    if mantissa.hasPrefix("10") { (mantissa, exponent) = ("1.00", exponent + 1) }
    let digits = "\(abs(exponent))"
    return mantissa + "e" + (exponent < 0 ? "-" : "+") + String(repeating: "0", count: max(0, 2 - digits.count))
      + digits
  }
}
