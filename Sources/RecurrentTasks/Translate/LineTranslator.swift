import RecurrentCore
import RecurrentData
import RecurrentModel

/// Translates lines as `recur translate` does.
package final class LineTranslator {
  private let model: Translator
  private let others: [Translator]
  private let search: BeamSearch
  private let sampler: SequenceSampler?
  private let replacesUnknown: Bool
  /// The packed parameters of the model, kept from line to line.
  private var held: AnyObject?
  /// The conversation with standard input; nil if sources are not dialogue.
  private var dialogue: DialogueContext?

  /// - Throws: `RecurrentError.invalidArgument` that names an option that does not fit the model.
  package init(_ model: Translator, _ options: TranslationOptions) throws {
    try options.check(model)
    (self.model, replacesUnknown, dialogue) = (model, options.search.replaceUnknown, model.dialogue)
    others = try options.search.others()
    sampler = try options.sampler(model)
    search = try options.search.search(model, nBest: min(options.nBest, options.search.beam))
  }

  /// The sources of a file, including empty ones: its lines, of dialogue with those before each, or, of a file with the name of
  /// a table, the source column of the training data.
  package func sources(of path: String, say: (String) -> Void) throws -> [TextExample] {
    let sources =
      try model.dialogue.map { try TextPairs.dialogueSources(of: path, $0) }
      ?? TextPairs.sources(of: path, ofTables: model.dataFormat)
    sources.notes.forEach(say)
    return sources.examples
  }

  /// The translations of lines, best first; none of an empty line.
  /// - Parameter first: The number of the first line, from 0, which selects the random streams of samples.
  package func translate(_ lines: [TextExample], batch: Int, from first: Int, on tape: Tape) throws -> [[Translation]] {
    try translations(of: lines, sampler.map { .sampled($0, from: first) } ?? .best(search), batch: batch, on: tape)
  }

  /// The pairs of a table, or of a file of sources and one of targets, with the target of each as its translation.
  /// - Parameter targets: A file of targets; nil for a table.
  package func scored(
    _ path: String, targets: String?, batch: Int, say: (String) -> Void, makeTape: () throws -> Tape
  ) throws -> (sources: [TextExample], translations: [[Translation]]) {
    let pairs = try model.pairs(of: path, targets: targets, TableOptions.parse([]), say: say)
    let tokens = try model.codecs().target.encode(pairs.map { ($0.target, $0.targetLocation) })
    let sources = pairs.map { TextExample(text: $0.source, location: $0.location) }
    return (sources, try translations(of: sources, .given(tokens, search), batch: batch, on: makeTape()))
  }

  private func translations(
    of lines: [TextExample], _ search: SequenceSearch, batch: Int, on tape: Tape
  ) throws -> [[Translation]] {
    if held == nil { held = try model.holdParameters() }
    return try model.translations(
      of: lines, search, with: others, batch: batch, replacesUnknown: replacesUnknown, on: tape)
  }

  /// The translations of a line, best first. Of dialogue, the source has the lines before it and the best answers to them; an
  /// empty line ends the conversation.
  /// - Parameter number: The number of the line, from 0.
  package func answer(
    _ line: String, number: Int, on tape: Tape
  ) throws -> (source: TextExample, translations: [Translation]) {
    let text = String(example: line)
    dialogue?.append(text)
    let source = TextExample(text: dialogue?.source ?? text, location: "line \(number + 1)")
    let translations = try translate([source], batch: 1, from: number, on: tape)[0]
    if let answer = translations.first?.text, !answer.isEmpty { dialogue?.append(answer) }
    return (source, translations)
  }
}
