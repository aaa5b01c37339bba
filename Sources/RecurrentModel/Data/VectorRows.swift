import RecurrentCore

/// The rows of a file of word vectors, read one by one.
struct VectorRows {
  /// One word and its numbers, not yet parsed.
  struct Row {
    let word: String
    fileprivate let numbers: ArraySlice<UInt8>
    fileprivate let path: String
    fileprivate let line: Int

    /// Writes the numbers; there are as many as the buffer holds.
    /// - Throws: `RecurrentError.invalidData` if one is none, or not finite.
    func parse(into values: UnsafeMutableBufferPointer<Float>) throws {
      for (column, number) in numbers.split(whereSeparator: \.isBlankOrTab).enumerated() {
        let text = String(decoding: number, as: UTF8.self)
        guard let value = Float(text), value.isFinite else {
          throw RecurrentError(
            .invalidData, "has \"\(text.shown)\" where number \(column + 1) of a vector should be",
            at: "\(path), line \(line)",
            remedy: "take a file of vectors in the text format")
        }
        values[column] = value
      }
    }
  }

  /// How many words there are by the first line, if it says it.
  private(set) var count: Int?

  private var lines: StreamedLines
  private let path: String
  private var columns: Int?
  /// The row that was looked at to know the size.
  private var first: ArraySlice<UInt8>?
  /// How many rows were read.
  private(set) var read = 0

  init(_ path: String) throws {
    self.path = path
    lines = try StreamedLines(path)
  }

  /// The numbers of a vector.
  /// - Throws: `RecurrentError.invalidData` if the file begins with no row of vectors.
  mutating func size() throws -> Int {
    if let columns { return columns }
    guard let line = try lines.next() else {
      throw RecurrentError(.invalidData, "is empty", at: path, remedy: "give a file of word vectors")
    }
    let parts = line.split(whereSeparator: \.isBlankOrTab)
    let header = parts.compactMap { Int(String(decoding: $0, as: UTF8.self)) }
    let size: Int
    if parts.count == 2, header.count == 2, header[0] >= 0, header[1] > 0 {
      (count, size) = (header[0], header[1])
    } else {
      (first, size) = (line, max(0, parts.count - 1))
    }
    guard (1...NetworkConfiguration.Limit.embedding).contains(size) else {
      throw RecurrentError(
        .invalidData, "begins with vectors of \(size.grouped) numbers", at: "\(path), line 1",
        remedy:
          "give rows of a word and its numbers; an embedding has 1 to \(NetworkConfiguration.Limit.embedding.grouped)")
    }
    columns = size
    return size
  }

  /// The next row, or nil at the end.
  /// - Throws: `RecurrentError.invalidData` that names the line if it has more or fewer numbers than the first.
  mutating func next() throws -> Row? {
    let size = try size()
    repeat {
      guard let line = try first ?? lines.next() else { return nil }
      first = nil
      if let row = try row(line, size) {
        read += 1
        return row
      }
    } while true
  }

  /// A row, or nil for an empty line. A word may have blanks in it, as some of GloVe's have: the numbers are the last columns.
  private func row(_ line: ArraySlice<UInt8>, _ size: Int) throws -> Row? {
    // From the end to the start of the numbers: as few bytes as possible are looked at more than once.
    var end = line.endIndex
    while end > line.startIndex, line[end - 1].isBlankOrTab { end -= 1 }
    guard end > line.startIndex else { return nil }
    var start = end
    for found in 0..<size {
      while start > line.startIndex, !line[start - 1].isBlankOrTab { start -= 1 }
      // The first column is the word.
      guard start > line.startIndex else { throw wrongLength(found, size) }
      if found < size - 1 {
        while start > line.startIndex, line[start - 1].isBlankOrTab { start -= 1 }
      }
    }
    var word = line[..<start].drop(while: \.isBlankOrTab)
    while word.last?.isBlankOrTab == true { word.removeLast() }
    if word.contains(where: \.isBlankOrTab) {
      // A word of several parts whose last one is a number is more likely a row that is too long.
      let parts = word.split(whereSeparator: \.isBlankOrTab).map { String(decoding: $0, as: UTF8.self) }
      guard let last = parts.last, Float(last) == nil else {
        throw wrongLength(size + parts.count - 1, size)
      }
    }
    return Row(word: String(decoding: word, as: UTF8.self), numbers: line[start..<end], path: path, line: lines.number)
  }

  private func wrongLength(_ found: Int, _ size: Int) -> RecurrentError {
    RecurrentError(
      .invalidData, "has \(found.grouped) number\(found == 1 ? "" : "s"), the file's vectors have \(size.grouped)",
      at: "\(path), line \(lines.number)", remedy: "fetch the file again, or take the row out of it")
  }
}
