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

  /// The pairs of a table, or of a file of sources and one of targets.
  func pairs(of path: String, targets: String? = nil, _ table: TableOptions, say: (String) -> Void) throws -> [TextPair]
  {
    var format = dataFormat ?? PairFormat()
    format.layout = TableLayout(table.header, table.delimiter, else: format.layout)
    return try TextPairs.contents(of: path, targets: targets, format, say: say).pairs
  }

  /// Tokenized pairs.
  func encoded(_ pairs: [TextPair]) throws -> EncodedPairs {
    let (source, target) = try codecs()
    return try EncodedPairs(pairs, source, target, limit: nil)
  }
}

extension TextPairs {
  /// The pairs of a file of sources and one of targets, or of a table if there are no targets; notes go to `say`.
  static func contents(of path: String, targets: String?, _ format: PairFormat, say: (String) -> Void) throws
    -> Contents
  {
    let contents =
      try targets.map { try Self.contents(ofSources: path, targets: $0) } ?? Self.contents(of: path, format: format)
    contents.notes.forEach(say)
    return contents
  }
}
