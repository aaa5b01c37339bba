import RecurrentCore

// Dialogue: a file with an utterance per line, and empty lines between conversations.
extension TextPairs {
  /// The pairs of a file of dialogue: each line but the first of a conversation is the target of those before it.
  /// - Parameters:
  ///   - path: The file.
  ///   - context: The context of a conversation that has not begun.
  /// - Throws: `RecurrentError.invalidData` for a conversation of one line, a table, and files that are empty, damaged or not
  ///   UTF-8 text.
  package static func dialogue(of path: String, _ context: DialogueContext) throws -> Contents {
    try dialogue(Files.readText(path, limit: .examples), from: path, context)
  }

  /// The pairs of the text of a file of dialogue.
  package static func dialogue(_ text: String, from path: String, _ context: DialogueContext) throws -> Contents {
    let conversations = try utterances(text, from: path).split { $0.text.isEmpty }
    var contents = Contents(pairs: [], conversations: [])
    for lines in conversations {
      guard lines.count > 1 else {
        throw RecurrentError(
          .invalidData, "is a conversation of one line", at: lines.first?.location ?? path,
          remedy: "add a reply, or remove the empty line before or behind it")
      }
      let start = contents.pairs.count
      var context = context
      for (line, reply) in zip(lines, lines.dropFirst()) {
        context.append(line.text)
        contents.pairs.append(
          TextPair(
            source: context.source, target: reply.text, location: line.location, targetLocation: reply.location))
      }
      contents.conversations?.append(start..<contents.pairs.count)
    }
    return contents
  }

  /// The sources of a file of dialogue: each line with those before it. Empty lines keep their place.
  /// - Parameters:
  ///   - path: The file.
  ///   - context: The context of a conversation that has not begun.
  /// - Throws: As `dialogue(of:_:)`; a conversation may have one line.
  package static func dialogueSources(of path: String, _ context: DialogueContext) throws -> Sources {
    var context = context
    let lines = try utterances(Files.readText(path, limit: .examples), from: path)
    return Sources(
      examples: lines.map {
        context.append($0.text)
        return TextExample(text: context.source, location: $0.location)
      })
  }

  private static func utterances(_ text: String, from path: String) throws -> [TextExample] {
    let lines = TextExamples.lines(of: text, from: path)
    let filled = lines.filter { !$0.text.isEmpty }
    guard !filled.isEmpty else { throw TextExamples.isEmpty(path) }
    guard TableLayout.delimiter(byNameOf: path) == nil, !filled.allSatisfy({ $0.text.utf8.contains(.tab) }) else {
      throw RecurrentError(
        .invalidData, "is a table, not lines of dialogue", at: path,
        remedy: "use a text file with an utterance per line and empty lines between conversations")
    }
    return lines
  }
}
