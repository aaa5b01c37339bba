import RecurrentCore

/// The lines of a file that may exceed memory, as bytes. A line ends with `\n` or `\r\n`.
struct StreamedLines {
  /// The number of the last line read, from 1.
  private(set) var number = 0

  /// Longer than any row of numbers.
  private static let longest = 4 << 20

  private let file: InputFile
  private var buffer: [UInt8] = []
  private var place = 0
  private var chunk: [UInt8]

  /// Opens a file and checks its first bytes.
  /// - Throws: `RecurrentError.invalidData` if it cannot be opened or is not UTF-8 text.
  init(_ path: String) throws {
    file = try InputFile(path, unpacks: true)
    chunk = file.chunk
    while buffer.count < 4096, try fill() {}
    // Only unambiguous signs are errors: a scalar may be cut at the end of the bytes.
    if FileKind(buffer) != nil || TextEncoding(buffer) != nil { _ = try Files.text(of: buffer, from: path) }
    if buffer.contains(0) {
      throw RecurrentError(
        .invalidData, "contains NUL bytes, so it is not a text file", at: path,
        remedy: "use the text format, not the binary one")
    }
    if buffer.starts(with: [0xEF, 0xBB, 0xBF]) { place = 3 }
  }

  /// The next line without its end, or nil after the last.
  /// - Throws: `RecurrentError.invalidData` if reading fails, or the line is longer than 4 MiB.
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
          remedy: "check the file and its line ends")
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

  /// Whether more bytes were read.
  private mutating func fill() throws -> Bool {
    let count = try chunk.withUnsafeMutableBytes { try file.read(into: $0) }
    buffer += chunk[..<count]
    return count > 0
  }
}
