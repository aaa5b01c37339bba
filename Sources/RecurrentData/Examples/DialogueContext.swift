/// The last lines of a conversation: the source of the next line.
package struct DialogueContext: Sendable, Hashable {
  /// The largest number of lines of any context.
  package static let largest = 100

  /// The largest number of lines.
  private let limit: Int
  /// The text between two lines, which is one token.
  private let separator: String
  private var lines: [String] = []

  /// The context of a conversation that has not begun.
  /// - Parameters:
  ///   - limit: The largest number of lines, at least 1.
  ///   - tokens: The kind of tokens: lines are separated by a line break or, where that is white space, by `<eos>`.
  package init(lines limit: Int, tokens: TokenKind) {
    self.limit = limit
    separator = tokens == .whitespace ? " \(Vocabulary.lineEndWord) " : "\n"
  }

  /// The lines as one text; empty before the first line.
  package var source: String { lines.joined(separator: separator) }

  /// Adds a line; an empty one ends the conversation.
  package mutating func append(_ line: String) {
    guard !line.isEmpty else {
      lines = []
      return
    }
    lines.append(line)
    if lines.count > limit { lines.removeFirst() }
  }
}
