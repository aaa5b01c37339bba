import ArgumentParser

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Where text goes: results to standard output, what people read along the way to standard error.
enum Console {
  /// How a command ends.
  enum Ending: Int32 {
    case failure = 1
    case usage = 64
  }

  /// Whether a person watches standard error.
  static var isTerminal: Bool { isatty(2) == 1 }

  /// The columns of the terminal.
  static var columns: Int {
    var size = winsize()
    return ioctl(2, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }

  /// A line for people.
  static func say(_ line: String) { write(line + "\n", to: 2) }

  /// Text for people, as it is.
  static func tell(_ text: String) { write(text, to: 2) }

  /// Text of the result, as it is, at once.
  static func put(_ text: String) { write(text, to: 1) }

  /// A line of JSON on standard output, keys in snake case and in order.
  static func put(json value: some Encodable) throws { put(try json(value) + "\n") }

  /// A value as one line of JSON.
  static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// Says what went wrong, in one line, and ends the program.
  static func fail(_ message: String, code: Ending) -> Never {
    let line = message.split(whereSeparator: \.isNewline).joined(separator: " ")
    say("recur: " + line)
    exit(code.rawValue)
  }

  private static func write(_ text: String, to file: Int32) {
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while let start = rest.baseAddress, !rest.isEmpty {
        let count = systemWrite(file, start, rest.count)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
    }
  }
}

private func systemWrite(_ file: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int { write(file, bytes, count) }

/// The value of an environment variable, or nil if it is unset or empty.
func environment(_ name: String) -> String? {
  ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
}

extension Double {
  /// The number with so many digits after the point.
  func text(_ digits: Int) -> String {
    guard isFinite, magnitude < 1e15 else { return "\(self)" }
    let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
    guard magnitude * scale < 9e18 else { return "\(self)" }
    let whole = String(Int((magnitude * scale).rounded()))
    let padded = String(repeating: "0", count: max(0, digits + 1 - whole.count)) + whole
    let sign = self < 0 && (magnitude * scale).rounded() > 0 ? "-" : ""
    return sign + padded.dropLast(digits) + (digits > 0 ? "." : "") + padded.suffix(digits)
  }

  /// A time in seconds as people say it: `4.2 s`, `3 min 20 s`, `2 h 5 min`.
  var asDuration: String {
    guard isFinite, self < 1e9 else { return "–" }
    if self < 10 { return text(1) + " s" }
    let seconds = Int(rounded())
    if seconds < 60 { return "\(seconds) s" }
    if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60) s" }
    return "\(seconds / 3600) h \(seconds / 60 % 60) min"
  }
}

extension Int {
  /// The number with commas: `1,115,394`.
  var grouped: String {
    let digits = Array(String(magnitude))
    let groups = digits.enumerated().map { place, digit in
      place > 0 && (digits.count - place) % 3 == 0 ? ",\(digit)" : "\(digit)"
    }
    return (self < 0 ? "-" : "") + groups.joined()
  }
}

extension String {
  /// The text with blanks after it up to a width.
  func padded(to width: Int) -> String { self + String(repeating: " ", count: Swift.max(0, width - count)) }
}
