// How data is stored, as `config.json` has it: the key `data` of a classifier, a tagger or a translator.

import RecurrentCore

extension TableFormat: Codable {
  private enum CodingKeys: String, CodingKey {
    case text = "text_column"
    case label = "label_column"
  }

  /// Reads the columns and the layout.
  /// - Throws: `DecodingError` or `RecurrentError.invalidModel` if a key is missing or has no such value.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    text = try values.decode(Column.self, forKey: .text)
    label = try values.decodeIfPresent(Column.self, forKey: .label)
    layout = try TableLayout(from: decoder)
  }

  /// Writes the columns and the layout, in one object.
  /// - Throws: Errors of the encoder.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(text, forKey: .text)
    try values.encodeIfPresent(label, forKey: .label)
    try layout.encode(to: encoder)
  }
}

extension TableFormat.Column: Codable {
  /// Reads a number or a name.
  /// - Throws: `DecodingError` or `RecurrentError.invalidModel` if a key is missing or has no such value.
  public init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    self = try (try? value.decode(Int.self)).map(Self.number) ?? .name(value.decode(String.self))
  }

  /// Writes a number or a name.
  /// - Throws: Errors of the encoder.
  public func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    switch self {
    case .name(let name): try value.encode(name)
    case .number(let number): try value.encode(number)
    }
  }
}

extension TableLayout: Codable {
  private enum CodingKeys: String, CodingKey {
    case delimiter, header
    case isForAnyFileName = "any_name"
  }

  /// Reads the given settings; missing ones are detected.
  /// - Throws: `DecodingError` or `RecurrentError.invalidModel` if a key is missing or has no such value.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    header = try values.decodeIfPresent(Bool.self, forKey: .header)
    isForAnyFileName = try values.decodeIfPresent(Bool.self, forKey: .isForAnyFileName) ?? false
    delimiter = try values.decodeIfPresent(String.self, forKey: .delimiter).map { text in
      guard text.count == 1, let delimiter = text.first else {
        throw DecodingError.dataCorruptedError(forKey: .delimiter, in: values, debugDescription: "not one character")
      }
      return delimiter
    }
  }

  /// Writes the given settings.
  /// - Throws: Errors of the encoder.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encodeIfPresent(header, forKey: .header)
    try values.encodeIfPresent(delimiter.map { String($0) }, forKey: .delimiter)
    if isForAnyFileName { try values.encode(true, forKey: .isForAnyFileName) }
  }
}

extension TaggedFormat: Codable {
  private enum CodingKeys: String, CodingKey {
    case comments
    case word = "word_column"
    case tag = "tag_column"
    case partOfSpeech = "pos"
  }

  /// Reads a part of speech of CoNLL-U, or columns and their layout.
  /// - Throws: `DecodingError` or `RecurrentError.invalidModel` if a key is missing or has no such value.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    if let part = try values.decodeIfPresent(PartOfSpeech.self, forKey: .partOfSpeech) {
      self = .conllu(part)
    } else {
      self = .columns(
        word: try values.decode(Int.self, forKey: .word), tag: try values.decode(TagColumn.self, forKey: .tag),
        comments: try values.decode(Bool.self, forKey: .comments), layout: try TableLayout(from: decoder))
    }
  }

  /// Writes a part of speech of CoNLL-U, or columns and their layout.
  /// - Throws: `RecurrentError.invalidArgument` of `.sentences`, which have no tags to train on.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .conllu(let part): try values.encode(part, forKey: .partOfSpeech)
    case .columns(let word, let tag, let comments, let layout):
      try values.encode(word, forKey: .word)
      try values.encode(tag, forKey: .tag)
      try values.encode(comments, forKey: .comments)
      try layout.encode(to: encoder)
    case .sentences:
      throw RecurrentError(
        .invalidArgument, "a model cannot be trained on sentences without tags", at: "Tagger.dataFormat",
        remedy: "give columns, CoNLL-U or nil")
    }
  }
}

extension TaggedFormat.PartOfSpeech: Codable {}

extension TaggedFormat.TagColumn: Codable {
  /// Reads a number, `last` or `none`.
  /// - Throws: `DecodingError` or `RecurrentError.invalidModel` if a key is missing or has no such value.
  public init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if let number = try? value.decode(Int.self) {
      self = .number(number)
      return
    }
    switch try value.decode(String.self) {
    case "last": self = .last
    case "none": self = .unread
    default: throw DecodingError.dataCorruptedError(in: value, debugDescription: "no column")
    }
  }

  /// Writes a number, `last` or `none`.
  /// - Throws: Errors of the encoder.
  public func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    switch self {
    case .number(let number): try value.encode(number)
    case .last: try value.encode("last")
    case .unread: try value.encode("none")
    }
  }
}

extension PairFormat: Codable {
  private enum CodingKeys: String, CodingKey {
    case source = "source_column"
    case target = "target_column"
  }

  /// Reads the columns and the layout.
  /// - Throws: `DecodingError` or `RecurrentError.invalidModel` if a key is missing or has no such value.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    source = try values.decode(TableFormat.Column.self, forKey: .source)
    target = try values.decode(TableFormat.Column.self, forKey: .target)
    layout = try TableLayout(from: decoder)
  }

  /// Writes the columns and the layout, in one object.
  /// - Throws: Errors of the encoder.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(source, forKey: .source)
    try values.encode(target, forKey: .target)
    try layout.encode(to: encoder)
  }
}
