import ArgumentParser
import Recurrent

/// How the columns of a table, or of tagged sentences, are laid out: the same in all commands that read some.
struct TableOptions: ParsableArguments {
  @Option(
    help: """
      Whether the first line is a header. auto: if a column is given by its name, or the line has the name text or label (of \
      tagged sentences word and tag). (default: as in training, which takes auto)
      """)
  var header: HeaderChoice?

  @Option(
    parsing: .unconditional,
    help: """
      What separates columns: auto, comma, tab, semicolon, pipe, space, or one ASCII character. auto: what the file's name \
      says, unless the rows show another; of tagged sentences a tab, or else blanks. (default: as in training, which takes auto)
      """)
  var delimiter: DelimiterChoice?

  /// - Throws: `RecurrentError.invalidArgument` if any was given.
  func refuse(_ reason: String) throws {
    try requireUse(header == nil, "--header", reason, remedy: "leave it out")
    try requireUse(delimiter == nil, "--delimiter", reason, remedy: "leave it out")
  }
}

/// Whether there is a header.
enum HeaderChoice: String, Codable, CaseIterable, ExpressibleByArgument {
  case auto, yes, no

  init(_ hasHeader: Bool) { self = hasHeader ? .yes : .no }

  /// Nil to find out.
  var isThere: Bool? { self == .auto ? nil : self == .yes }
}

/// What separates columns.
enum DelimiterChoice: Hashable {
  case auto
  case character(Character)

  /// Nil to find it.
  var character: Character? { if case .character(let character) = self { character } else { nil } }

  fileprivate static let names: KeyValuePairs<String, Character> = [
    "comma": ",", "tab": "\t", "semicolon": ";", "pipe": "|", "space": " ",
  ]
}

extension DelimiterChoice: ExpressibleByArgument {
  init?(argument: String) {
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
}

extension DelimiterChoice: Codable {
  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    guard let choice = Self(argument: try value.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: value, debugDescription: "not a delimiter")
    }
    self = choice
  }

  func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    try value.encode(character.map { String($0) } ?? "auto")
  }
}

extension TableLayout {
  /// What is given on the command line, and else what a model was trained on.
  init(_ header: HeaderChoice?, _ delimiter: DelimiterChoice?, else remembered: TableLayout?) {
    self.init(
      delimiter: delimiter.map(\.character) ?? remembered?.delimiter,
      header: header.map(\.isThere) ?? remembered?.header)
  }
}
