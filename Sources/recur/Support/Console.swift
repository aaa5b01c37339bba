import ArgumentParser
import Recurrent

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
    /// What a shell says of a program that Ctrl-C ended.
    case stopped = 130
  }

  /// Whether a person watches standard error.
  static var isTerminal: Bool { isatty(2) == 1 }

  /// The columns of the terminal.
  static var columns: Int {
    var size = winsize()
    return ioctl(2, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }

  /// A line on standard error.
  static func say(_ line: String) { tell(line.withOptionNames + "\n") }

  /// A line about a fault that ends nothing, where a bar may be drawn.
  static func warn(_ line: String) { say((isTerminal ? "\r\u{1B}[K" : "") + "recur: " + line) }

  /// Text for people, as it is. Nobody may be there to read it.
  static func tell(_ text: String) { try? write(text, to: 2) }

  /// Text of the result, as it is, at once; a fault ends the program.
  static func put(_ text: String) {
    do { try write(text, to: 1) } catch { fail("\(error)", code: .failure) }
  }

  /// A line of JSON on standard output, keys in snake case and in order.
  /// - Throws: `RecurrentError.invalidData` if it cannot be written.
  static func put(json value: some Encodable) throws { try write(json(value) + "\n", to: 1) }

  /// A value as one line of JSON; numbers that are not finite become strings.
  static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // JSON has no number for these: a perplexity can exceed all Doubles.
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// Says what went wrong, in one line, and ends the program.
  static func fail(_ message: String, code: Ending) -> Never {
    let line = message.split(whereSeparator: \.isNewline).joined(separator: " ")
    say("recur: " + line)
    exit(code.rawValue)
  }

  /// Does something that lets drivers write to standard error, and keeps it from there.
  static func withoutErrors<Result>(_ body: () -> Result) -> Result {
    let (kept, nowhere) = (dup(2), open("/dev/null", O_WRONLY))
    dup2(nowhere, 2)
    close(nowhere)
    defer {
      dup2(kept, 2)
      close(kept)
    }
    return body()
  }

  /// Ends the program at once, whatever still runs.
  static func leave() -> Never { _exit(0) }

  /// Writes all of a text. A program that stopped reading standard output ends this one without a word.
  /// - Throws: `RecurrentError.invalidData` where the system refuses, on a full disk for example.
  private static func write(_ text: String, to file: Int32) throws {
    var text = text
    try text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while let start = rest.baseAddress, !rest.isEmpty {
        let count = systemWrite(file, start, rest.count)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else {
          if file == 1 && errno == EPIPE { exit(Ending.failure.rawValue) }
          throw RecurrentError(
            .invalidData, "cannot be written (\(String(cString: strerror(errno))))", at: "standard output")
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
    }
  }
}

private func systemWrite(_ file: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int { write(file, bytes, count) }

extension String {
  /// The settings that the library's messages name, as `delimiter`, under the names of their options: --delimiter.
  fileprivate var withOptionNames: String {
    ["header", "delimiter", "sentences", "precision", "device", "resume", "tune"].reduce(
      replacing("`textColumn`", with: "--text-column").replacing("`labelColumn`", with: "--label-column")
    ) { $0.replacing("`\($1)`", with: "--\($1)") }
  }
}
