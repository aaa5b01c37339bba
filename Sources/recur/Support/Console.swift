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

/// The output of the program: results on standard output, messages on standard error.
enum Console {
  /// The exit code of a command.
  enum Ending: Int32 {
    case failure = 1
    case usage = 64
    /// Stopped by a signal; the exit code of shells after Ctrl-C.
    case stopped = 130
  }

  /// Whether standard error is a terminal.
  static var isTerminal: Bool { isatty(2) == 1 }

  /// The number of columns of the terminal.
  static var columns: Int {
    var size = winsize()
    return ioctl(2, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }

  /// Prints a line on standard error.
  static func say(_ line: String) { tell(line.withOptionNames + "\n") }

  /// Prints a warning on standard error, where a progress bar may be drawn.
  static func warn(_ line: String) { say((isTerminal ? "\r\u{1B}[K" : "") + "recur: " + line) }

  /// Prints text on standard error, unchanged. The reader may have closed the pipe.
  static func tell(_ text: String) { try? write(text, to: 2) }

  /// Prints text on standard output, unchanged and unbuffered; a fault ends the program.
  static func put(_ text: String) {
    do { try write(text, to: 1) } catch { fail("\(error)", code: .failure) }
  }

  /// Prints a line of JSON on standard output, with sorted keys in snake case.
  /// - Throws: `RecurrentError.invalidData` if it cannot be written.
  static func put(json value: some Encodable) throws { try write(json(value) + "\n", to: 1) }

  /// A value as one line of JSON; non-finite numbers become strings.
  static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // JSON has no number for these: a perplexity can exceed all Doubles.
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// Prints an error in one line, and ends the program.
  static func fail(_ message: String, code: Ending) -> Never {
    let line = message.split(whereSeparator: \.isNewline).joined(separator: " ")
    say("recur: " + line)
    exit(code.rawValue)
  }

  /// Runs a body with standard error closed, since drivers may write to it.
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

  /// Ends the program immediately.
  static func leave() -> Never { _exit(0) }

  /// Writes a text completely. If the reader of standard output has closed the pipe, the program ends without a
  /// message.
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
  /// The text with the settings in the library's messages, `delimiter`, replaced by option names, --delimiter.
  fileprivate var withOptionNames: String {
    guard utf8.contains(UInt8(ascii: "`")) else { return self }
    let names: KeyValuePairs = [
      "textColumn": "text-column", "labelColumn": "label-column", "batchSize": "batch", "steps": "sequence",
      "header": "header", "delimiter": "delimiter", "sentences": "sentences", "precision": "precision",
      "device": "device", "resume": "resume", "tune": "tune", "target": "target", "id": "id", "step": "step",
      "rows": "rows", "spacing": "spacing", "day-first": "day-first", "no-day-first": "no-day-first",
      "sourceColumn": "source-column",
      "targetColumn": "target-column", "targets": "target",
    ]
    return names.reduce(self) { $0.replacing("`\($1.key)`", with: "--\($1.value)") }
  }
}
