import RecurrentCore

/// The lines of a file that is too large to be held, as bytes. A line ends with `\n` or `\r\n`.
struct StreamedLines {
  /// The number of the line that was read last, from 1.
  private(set) var number = 0

  /// More than any row of numbers needs.
  private static let longest = 4 << 20

  private let file: InputFile
  private var buffer: [UInt8] = []
  private var place = 0
  private var chunk: [UInt8]

  /// Opens a file, and looks at its first bytes.
  /// - Throws: `RecurrentError.invalidData` if it cannot be opened, or begins as no text of UTF-8 does.
  init(_ path: String) throws {
    file = try InputFile(path, unpacks: true)
    chunk = file.chunk
    while buffer.count < 4096, try fill() {}
    // Only what these say at once: a scalar may be cut where the bytes end.
    if FileKind(buffer) != nil || TextEncoding(buffer) != nil { _ = try Files.text(of: buffer, from: path) }
    if buffer.contains(0) {
      throw RecurrentError(
        .invalidData, "has NUL bytes, which no text has", at: path, remedy: "give the text format, not the binary one")
    }
    if buffer.starts(with: [0xEF, 0xBB, 0xBF]) { place = 3 }
  }

  /// The next line without its end, or nil after the last.
  /// - Throws: `RecurrentError.invalidData` if the file cannot be read on, or the line is longer than 4 MiB.
  mutating func next() throws -> ArraySlice<UInt8>? {
    var searched = place
    while true {
      if let end = buffer[searched...].firstIndex(of: .lineFeed) {
        defer { place = end + 1 }
        return line(place..<end)
      }
      guard buffer.count - place <= Self.longest else {
        throw RecurrentError(
          .invalidData, "is longer than \(Self.longest.asBytes)", at: "\(file.path), line \(number + 1)",
          remedy: "give a file of lines")
      }
      buffer.removeFirst(place)
      place = 0
      searched = buffer.count
      guard try fill() else {
        guard !buffer.isEmpty else { return nil }
        defer { place = buffer.count }
        return line(0..<buffer.count)
      }
    }
  }

  private mutating func line(_ range: Range<Int>) -> ArraySlice<UInt8> {
    number += 1
    let line = buffer[range]
    return line.last == .carriageReturn ? line.dropLast() : line
  }

  /// Whether there was more to read.
  private mutating func fill() throws -> Bool {
    let count = try chunk.withUnsafeMutableBytes { try file.read(into: $0) }
    buffer += chunk[..<count]
    return count > 0
  }
}
