import RecurrentCore

extension String {
  /// The text escaped for XML, for elements and attributes; characters that XML cannot have become U+FFFD.
  package var asMarkup: String {
    var text = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      case "\t", "\n", "\r": text += " "
      case "\0"..." ", "\u{FFFE}", "\u{FFFF}": text += scalar == " " ? " " : "\u{FFFD}"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}

/// The data of an SVG path: each point relative to the one before, in tenths of a pixel.
struct SVGPath {
  private(set) var data = ""
  private var place = (x: 0, y: 0)

  /// Adds a line through points, not connected to the former ones.
  /// - Parameter isClosed: Connects the last point with the first.
  mutating func add(_ points: [(x: Double, y: Double)], isClosed: Bool = false) {
    for (index, point) in points.enumerated() {
      let next = (x: Self.tenths(point.x), y: Self.tenths(point.y))
      let (dx, dy) = (Self.text(next.x - place.x), Self.text(next.y - place.y))
      if index == 0 {
        data += "M\(Self.text(next.x)) \(Self.text(next.y))"
        // A line of no length is a dot, if its ends are round.
        if points.count == 1 { data += "h0" }
      } else if next == place {
        continue
      } else if next.y == place.y {
        data += "h" + dx
      } else if next.x == place.x {
        data += "v" + dy
      } else {
        data += "l" + dx + (dy.hasPrefix("-") ? "" : " ") + dy
      }
      place = next
    }
    // Each part starts at an absolute position.
    if isClosed { data += "z" }
  }

  private static func tenths(_ value: Double) -> Int { Int((value * 10).rounded()) }

  private static func text(_ tenths: Int) -> String {
    let (whole, fraction) = tenths.magnitude.quotientAndRemainder(dividingBy: 10)
    let digits = fraction == 0 ? "\(whole)" : (whole == 0 ? "" : "\(whole)") + ".\(fraction)"
    return (tenths < 0 ? "-" : "") + digits
  }
}
