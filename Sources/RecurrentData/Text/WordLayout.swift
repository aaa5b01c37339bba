/// The layout of a line of untagged text: a word, a word and more columns, or a sentence.
package enum WordLayout: Hashable {
  /// One word, or several columns separated by a tab or a delimiter.
  case word
  /// Several columns separated by spaces, the same number in each line: those of the last such line.
  case columns([String])
  /// A sentence.
  case sentence

  /// The layout of most lines.
  ///
  /// Lines of columns all have the same number of them, apart from errors; sentences have different numbers of words.
  /// So lines are sentences if their numbers of words differ and most have more than one, or if there is a single line
  /// of several words. With a delimiter other than spaces, lines of several words are sentences unless most lines
  /// contain it.
  /// - Parameters:
  ///   - delimiter: The column delimiter, if known; nil for a tab in the first line, else spaces.
  ///   - comments: Whether lines that begin with `#` are comments if each line is a word.
  package init(of text: String, delimiter: Character? = nil, comments: Bool = false) {
    let delimiter = delimiter == " " ? nil : delimiter?.asciiValue
    var (words, columns) = (Widths(), Widths())
    for line in TextLines(text) {
      let parts = line.bytes.words
      guard !parts.isEmpty, !line.bytes.starts(with: "-DOCSTART-".utf8),
        !comments || line.bytes.first != UInt8(ascii: "#")
      else { continue }
      if delimiter == nil, words.lines == 0, line.bytes.contains(.tab) {
        self = .word
        return
      }
      words.add(parts)
      if let delimiter { columns.add(line.bytes.split(separator: delimiter, omittingEmptySubsequences: false)) }
    }
    if let (width, _) = columns.common, width > 1 {
      self = .word
    } else if 2 * words.count(of: 1) > words.lines || words.lines == 0 {
      self = .word
    } else if delimiter == nil, words.lines > 1, let (_, example) = words.common {
      self = .columns(example.map { String(decoding: $0, as: UTF8.self) })
    } else {
      self = .sentence
    }
  }
}

/// A histogram of the number of parts per line.
private struct Widths {
  /// If at least this fraction of lines has the same number of parts, the others are errors in a file of columns.
  private static let mostly = 0.9

  private(set) var lines = 0
  private var counts: [Int: Int] = [:]
  private var examples: [Int: [ArraySlice<UInt8>]] = [:]

  mutating func add(_ parts: [ArraySlice<UInt8>]) {
    lines += 1
    counts[parts.count, default: 0] += 1
    examples[parts.count] = parts
  }

  func count(of width: Int) -> Int { counts[width] ?? 0 }

  /// The number of parts that most lines have, and the last such line; nil if lines differ.
  var common: (width: Int, example: [ArraySlice<UInt8>])? {
    guard let (width, count) = counts.max(by: { ($0.value, $0.key) < ($1.value, $1.key) }),
      Double(count) >= Self.mostly * Double(lines), let example = examples[width]
    else { return nil }
    return (width, example)
  }
}
