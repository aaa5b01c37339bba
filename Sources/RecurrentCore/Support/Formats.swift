// Numbers and columns for output.

extension Double {
  /// The number with this many digits after the decimal point.
  package func text(_ digits: Int) -> String {
    guard isFinite, magnitude < 1e15 else { return "\(self)" }
    let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
    guard magnitude * scale < 9e18 else { return "\(self)" }
    let whole = String(Int((magnitude * scale).rounded()))
    let padded = String(repeating: "0", count: max(0, digits + 1 - whole.count)) + whole
    let sign = self < 0 && (magnitude * scale).rounded() > 0 ? "-" : ""
    return sign + padded.dropLast(digits) + (digits > 0 ? "." : "") + padded.suffix(digits)
  }

  /// A duration in seconds for output: `4.2 s`, `3 min 20 s`, `2 h 5 min`.
  package var asDuration: String {
    guard isFinite, self < 1e9 else { return "–" }
    if self < 10 { return text(1) + " s" }
    let seconds = Int(rounded())
    if seconds < 60 { return "\(seconds) s" }
    if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60) s" }
    return "\(seconds / 3600) h \(seconds / 60 % 60) min"
  }
}

extension Double {
  /// The floor, clamped to the range of `Int`; 0 for NaN.
  package var roundedDown: Int { Int(exactly: rounded(.down)) ?? (isNaN ? 0 : self > 0 ? .max : .min) }
}

extension Int {
  /// The number with thousands separators: `1,115,394`.
  package var grouped: String {
    let digits = Array(String(magnitude))
    let groups = digits.enumerated().map { place, digit in
      place > 0 && (digits.count - place) % 3 == 0 ? ",\(digit)" : "\(digit)"
    }
    return (self < 0 ? "-" : "") + groups.joined()
  }

  /// The number with a noun: `1 step`, `1,200 steps`.
  /// - Parameter plural: The plural of the noun, if it is not formed with s.
  package func counted(_ noun: String, _ plural: String? = nil) -> String {
    grouped + " " + (self == 1 ? noun : plural ?? noun + "s")
  }

  /// A number of bytes for output: `61,440 bytes`, `2.6 MiB`, `1.5 GiB`.
  package var asBytes: String {
    let units: [(name: String, shift: Int)] = [("TiB", 40), ("GiB", 30), ("MiB", 20)]
    guard let unit = units.first(where: { magnitude >> $0.shift > 0 }) else { return grouped + " bytes" }
    return (Double(self) / Double(1 << unit.shift)).text(1) + " " + unit.name
  }
}

extension String {
  /// The text padded with spaces on the right.
  package func padded(to width: Int) -> String { self + blanks(width) }

  /// The text padded with spaces on the left.
  package func leading(to width: Int) -> String { blanks(width) + self }

  private func blanks(_ width: Int) -> String { String(repeating: " ", count: Swift.max(0, width - count)) }
}

extension Duration {
  /// The time in seconds.
  package var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

extension StringProtocol {
  /// A name from a file, for an error message: the first 60 characters, without terminal control characters.
  package var shown: String {
    let start = unicodeScalars.prefix(60)
    return start.map(\.shown).joined() + (start.endIndex < unicodeScalars.endIndex ? "…" : "")
  }

  /// The text on one line: terminal control characters and line breaks are escaped.
  package var withoutControls: String { unicodeScalars.map(\.shown).joined() }
}

extension Unicode.Scalar {
  /// The scalar, escaped if it controls a terminal or breaks a line.
  fileprivate var shown: String {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: escaped(asASCII: true)
    default: String(self)
    }
  }
}

extension String {
  /// The text as one shell word, quoted if necessary.
  package var shellQuoted: String {
    let isPlain =
      !isEmpty
      && unicodeScalars.allSatisfy { scalar in
        scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
          || "_@%+=:,./-".unicodeScalars.contains(scalar)
      }
    guard !isPlain else { return self }
    return "'" + split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}

extension Sequence<String> {
  /// Names for an error message: the first eight, and the number of the others.
  package var listed: String { listed(by: ", ") }

  /// Names with a separator other than a comma, for names that contain commas.
  package func listed(by separator: String) -> String {
    let names = Array(self)
    let more = names.count > 8 ? " and \((names.count - 8).grouped) more" : ""
    return names.prefix(8).joined(separator: separator) + more
  }
}
