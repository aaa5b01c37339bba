import RecurrentCore
import RecurrentData

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
  /// The norms as an SVG chart: the last step is on the right, the norm upwards, logarithmic.
  public func svg(title: String = "Gradient by time step") -> String {
    let lines = layers.enumerated().map { index, layer in
      TimeChart.Line(
        .series(index), name: layer.name, start: 1 - layer.norms.count, values: layer.norms.reversed().map { Float($0) }
      )
    }
    var panel = TimeChart.Panel(label: "Norm of the loss's gradient with respect to each step's state", lines: lines)
    panel.isLogarithmic = true
    var chart = TimeChart(title: title, panels: [panel])
    chart.stepLabel = "steps relative to the last"
    return chart.svg()
  }
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
