import RecurrentCore

/// The rows of a file of word vectors, read sequentially.
struct VectorRows {
  /// A word and its unparsed values.
  struct Row {
    let word: String
    fileprivate let numbers: ArraySlice<UInt8>
    fileprivate let path: String
    fileprivate let line: Int

    /// Parses the values; there are as many as the buffer holds.
    /// - Throws: `RecurrentError.invalidData` if one is not a finite number.
    func parse(into values: UnsafeMutableBufferPointer<Float>) throws {
      for (column, number) in numbers.split(whereSeparator: \.isBlankOrTab).enumerated() {
        let text = String(decoding: number, as: UTF8.self)
        guard let value = Float(text), value.isFinite else {
          throw RecurrentError(
            .invalidData, "\"\(text.shown)\", value \(column + 1) of the vector, is not a finite number",
            at: "\(path), line \(line)",
            remedy: "use vectors in the text format")
        }
        values[column] = value
      }
    }
  }

  /// The number of words in the first line, if it states one.
  private(set) var count: Int?

  private var lines: StreamedLines
  private let path: String
  private var columns: Int?
  /// The row that was read to find the vector size.
  private var first: ArraySlice<UInt8>?
  /// The number of rows read.
  private(set) var read = 0

  init(_ path: String) throws {
    self.path = path
    lines = try StreamedLines(path)
  }

  /// The vector size.
  /// - Throws: `RecurrentError.invalidData` if the file does not begin with a vector.
  mutating func size() throws -> Int {
    if let columns { return columns }
    guard let line = try lines.next() else {
      throw RecurrentError(.invalidData, "is empty", at: path, remedy: "use a file of word vectors")
    }
    let parts = line.split(whereSeparator: \.isBlankOrTab)
    let header = parts.compactMap { Int(String(decoding: $0, as: UTF8.self)) }
    let size: Int
    if parts.count == 2, header.count == 2, header[0] >= 0, header[1] > 0 {
      (count, size) = (header[0], header[1])
    } else {
      (first, size) = (line, max(0, parts.count - 1))
    }
    guard (1...WordVectors.largestSize).contains(size) else {
      throw RecurrentError(
        .invalidData, "the vector has \(size.counted("value"))", at: "\(path), line 1",
        remedy:
          "each row needs a word and its values; the embedding size is 1 to \(WordVectors.largestSize.grouped)"
      )
    }
    columns = size
    return size
  }

  /// The next row; nil at the end of the file.
  /// - Throws: `RecurrentError.invalidData` with the line, if its size differs from the first vector's.
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

  /// A row; nil for an empty line. A word may contain spaces, as some of GloVe's do: the values are the last columns.
  private func row(_ line: ArraySlice<UInt8>, _ size: Int) throws -> Row? {
    // Parsed from the end, so that few bytes are read twice.
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
      // A word of several parts that ends in a number is more likely a row that is too long.
      let parts = word.split(whereSeparator: \.isBlankOrTab).map { String(decoding: $0, as: UTF8.self) }
      guard let last = parts.last, Float(last) == nil else {
        throw wrongLength(size + parts.count - 1, size)
      }
    }
    return Row(word: String(decoding: word, as: UTF8.self), numbers: line[start..<end], path: path, line: lines.number)
  }

  private func wrongLength(_ found: Int, _ size: Int) -> RecurrentError {
    RecurrentError(
      .invalidData, "has \(found.counted("value")), other vectors have \(size.grouped)",
      at: "\(path), line \(lines.number)", remedy: "download the file again, or remove the row")
  }
}
