import RecurrentCore
import RecurrentData
import RecurrentModel

extension Translator {
  /// The codecs of both sides.
  /// - Throws: `RecurrentError.invalidModel` if there are none.
  func codecs() throws -> (source: TextCodec, target: TextCodec) {
    guard let source, let target else {
      throw RecurrentError(
        .invalidModel, "the model has no vocabularies", at: "Translator", remedy: "set its source and target first")
    }
    return (source, target)
  }

  /// The context of a conversation that has not begun; nil if sources are not dialogue.
  var dialogue: DialogueContext? {
    context.map { DialogueContext(lines: $0, tokens: source?.vocabulary.kind ?? .words) }
  }

  /// The pairs of a table, of a file of sources and one of targets, or of dialogue.
  func pairs(of path: String, targets: String? = nil, _ table: TableOptions, say: (String) -> Void) throws -> [TextPair]
  {
    var format = dataFormat ?? PairFormat()
    format.layout = TableLayout(table.header, table.delimiter, else: format.layout)
    if context != nil { try requireDialogue([("--target", targets != nil)], table) }
    return try TextPairs.contents(of: path, targets: targets, format, dialogue: dialogue, say: say).pairs
  }

  /// Tokenized pairs.
  /// - Throws: `RecurrentError.invalidModel` if the model has no vocabularies, `.invalidData` as `EncodedPairs`.
  package func encoded(_ pairs: [TextPair]) throws -> EncodedPairs {
    let (source, target) = try codecs()
    return try EncodedPairs(pairs, source, target, limit: nil)
  }
}

/// Rejects options for other data than lines of dialogue.
/// - Throws: `RecurrentError.invalidArgument` that names the first that was given.
func requireDialogue(_ options: [(name: String, isGiven: Bool)], _ table: TableOptions) throws {
  try requireNoColumns(options, table, "dialogue is one file of lines, each the target of those before it")
}

extension TextPairs {
  /// The pairs of a file of dialogue, of a file of sources and one of targets, or of a table if there are no targets; notes go to
  /// `say`.
  /// - Parameter dialogue: The context of a conversation that has not begun; nil if the file is not dialogue.
  static func contents(
    of path: String, targets: String?, _ format: PairFormat, dialogue: DialogueContext?, say: (String) -> Void
  ) throws -> Contents {
    let contents =
      try dialogue.map { try Self.dialogue(of: path, $0) }
      ?? targets.map { try Self.contents(ofSources: path, targets: $0) } ?? Self.contents(of: path, format: format)
    contents.notes.forEach(say)
    return contents
  }
}
