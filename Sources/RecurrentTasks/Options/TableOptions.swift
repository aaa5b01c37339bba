import ArgumentParser
import RecurrentCore
import RecurrentModel

/// How the columns of a table, or of tagged sentences, are laid out: the same in all commands that read some.
package struct TableOptions: ParsableArguments {
  @Option(
    help: """
      Whether the first line is a header. auto: yes if a column is given by name, or if the line contains the name text or \
      label (for tagged sentences, word and tag). (default: auto, or as in training)
      """)
  package var header: HeaderChoice?

  @Option(
    parsing: .unconditional,
    help: """
      Delimiter of columns: auto, comma, tab, semicolon, pipe, space, or one ASCII character. auto: by the extension of the \
      file and its rows; for tagged sentences a tab if there is one, else blanks. (default: auto, or as in training)
      """)
  package var delimiter: DelimiterChoice?

  package init() {}
}

/// Whether there is a header.
package enum HeaderChoice: String, CaseIterable, ExpressibleByArgument {
  case auto, yes, no

  init(_ hasHeader: Bool) { self = hasHeader ? .yes : .no }

  /// Nil to find out.
  var isThere: Bool? { self == .auto ? nil : self == .yes }
}

/// What separates columns.
package enum DelimiterChoice: Hashable {
  case auto
  case character(Character)

  /// Nil to find it.
  var character: Character? { if case .character(let character) = self { character } else { nil } }

  fileprivate static let names: KeyValuePairs<String, Character> = [
    "comma": ",", "tab": "\t", "semicolon": ";", "pipe": "|", "space": " ",
  ]
}

extension DelimiterChoice: ExpressibleByArgument {
  package init?(argument: String) {
    let named = argument == "\\t" ? "\t" : Self.names.first { $0.key == argument }?.value
    if argument == "auto" {
      self = .auto
    } else if let character = named ?? argument.first, named != nil || argument.count == 1,
      character.isASCII, !character.isNewline, character != "\""
    {
      self = .character(character)
    } else {
      return nil
    }
  }

  package var defaultValueDescription: String {
    guard let character else { return "auto" }
    return Self.names.first { $0.value == character }?.key ?? String(character)
  }
}

extension TableLayout {
  /// What is given on the command line, and else what a model was trained on.
  init(_ header: HeaderChoice?, _ delimiter: DelimiterChoice?, else remembered: TableLayout?) {
    self.init(
      delimiter: delimiter.map(\.character) ?? remembered?.delimiter,
      header: header.map(\.isThere) ?? remembered?.header)
    remembersHeader = header == nil && remembered?.header != nil
  }
}

/// Refuses options about columns where there are none: `a text has no columns`.
/// - Throws: `RecurrentError.invalidArgument` that names the first that was given.
func requireNoColumns(
  _ options: [(name: String, isGiven: Bool)], _ table: TableOptions, _ reason: String
) throws {
  for (name, isGiven) in options + [("--header", table.header != nil), ("--delimiter", table.delimiter != nil)] {
    try requireUse(!isGiven, name, reason, remedy: "leave it out")
  }
}
