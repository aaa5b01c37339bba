import ArgumentParser
import RecurrentCore
import RecurrentData
import RecurrentModel

/// The header and delimiter of a file with columns.
package struct TableOptions: ParsableArguments {
  @Option(
    """
    Whether the first line is a header. auto: yes if a column is given by name, or if the line contains the usual names: text \
    or label; word and tag.
    """, default: orAsInTraining("auto"))
  package var header: HeaderChoice?

  @Option(
    """
    Delimiter of columns; CHARACTER: one ASCII character. auto: a tab for .tsv and .tab, a comma for .csv and .data, unless only \
    another one separates the first rows; in other files a tab if there is one, else blanks.
    """, default: orAsInTraining("auto"))
  package var delimiter: DelimiterChoice?

  package init() {}
}

/// The default of an option for the format of data, for help.
/// - Parameter fallback: That of training.
func orAsInTraining(_ fallback: String) -> String { "\(fallback); evaluate, predict and inspect: as in training" }

/// The values of `--header`.
package enum HeaderChoice: String, CaseIterable, ExpressibleByArgument {
  case auto, yes, no

  init(_ hasHeader: Bool) { self = hasHeader ? .yes : .no }

  /// Whether there is a header; nil for `auto`.
  var isThere: Bool? { self == .auto ? nil : self == .yes }
}

/// The delimiter of columns.
package enum DelimiterChoice: Hashable {
  case auto
  case character(Character)

  /// The delimiter; nil for `auto`.
  var character: Character? { if case .character(let character) = self { character } else { nil } }

  fileprivate static let names: KeyValuePairs<String, Character> = [
    "comma": ",", "tab": "\t", "semicolon": ";", "pipe": "|", "space": " ",
  ]
}

extension DelimiterChoice: ExpressibleByArgument {
  package static var allValueStrings: [String] { ["auto"] + names.map(\.key) + ["CHARACTER"] }
  package static var defaultCompletionKind: CompletionKind { .list(allValueStrings.dropLast()) }

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
  /// The options on the command line, or else the format of the training data.
  init(_ header: HeaderChoice?, _ delimiter: DelimiterChoice?, else remembered: TableLayout?) {
    self.init(
      delimiter: delimiter.map(\.character) ?? remembered?.delimiter,
      header: header.map(\.isThere) ?? remembered?.header)
    remembersHeader = header == nil && remembered?.header != nil
  }
}

/// Rejects options for columns if there are no columns.
/// - Throws: `RecurrentError.invalidArgument` that names the first that was given.
func requireNoColumns(
  _ options: [(name: String, isGiven: Bool)], _ table: TableOptions, _ reason: String
) throws {
  for (name, isGiven) in options + [("--header", table.header != nil), ("--delimiter", table.delimiter != nil)] {
    try requireUse(!isGiven, name, reason, remedy: "leave it out")
  }
}
