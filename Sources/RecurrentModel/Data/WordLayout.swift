/// What a line of a text without tags has: a word, a word and more columns, or a sentence.
package enum WordLayout: Hashable {
  /// A word, or several columns separated by tabs.
  case word
  /// As many columns as all other lines, separated by blanks.
  /// - Parameter last: The first line's last column.
  case columns(Int, last: String)
  /// A sentence.
  case sentence

  /// The share of lines with the same number of columns from which on the others are faults of a file of columns.
  private static let mostly = 0.9

  /// What most lines look like. The lines of a file of columns all have as many of them, but for faults; a sentence has as many
  /// words as it happens to have. So lines are sentences where their numbers of words differ and most have more than one, and
  /// where there is only one line, of several words.
  package init(of text: String) {
    var (lines, last) = ([Int: Int](), "")
    for line in TextLines(text) {
      let words = line.bytes.words
      guard !words.isEmpty, !line.bytes.starts(with: "-DOCSTART-".utf8) else { continue }
      if lines.isEmpty {
        guard !line.bytes.contains(.tab) else {
          self = .word
          return
        }
        last = String(decoding: words[words.count - 1], as: UTF8.self)
      }
      lines[words.count, default: 0] += 1
    }
    let all = lines.values.reduce(0, +)
    guard let common = lines.max(by: { ($0.value, $0.key) < ($1.value, $1.key) }), 2 * (lines[1] ?? 0) <= all else {
      self = .word
      return
    }
    let isMostly = all > 1 && Double(common.value) >= Self.mostly * Double(all)
    self = isMostly ? .columns(common.key, last: last) : .sentence
  }
}
