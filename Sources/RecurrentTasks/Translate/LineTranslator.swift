import RecurrentCore
import RecurrentData
import RecurrentModel

/// Translates lines as `recur translate` does.
package struct LineTranslator {
  private let model: Translator
  private let search: BeamSearch
  private let sampler: SequenceSampler?
  private let replacesUnknown: Bool

  /// - Parameters:
  ///   - nBest: The number of translations of a line.
  ///   - sampler: Draws translations in place of the search; nil for the search.
  /// - Throws: `RecurrentError.invalidArgument` that names an option that does not fit the model or another one.
  package init(_ model: Translator, _ options: SearchOptions, nBest: Int, sampler: SequenceSampler?) throws {
    try options.check(model)
    try requireUse(
      sampler != nil || nBest <= options.beam, "--n-best", "\(nBest) are more than the beam of \(options.beam)",
      remedy: "use a wider --beam")
    (self.model, self.sampler, replacesUnknown) = (model, sampler, options.replaceUnknown)
    search = try options.search(model, nBest: min(nBest, options.beam))
  }

  /// The sources of a file, including empty ones: its lines, or, of a file with the name of a table, the source column of the
  /// training data.
  package func sources(of path: String, say: (String) -> Void) throws -> [TextExample] {
    let sources = try TextPairs.sources(of: path, ofTables: model.dataFormat)
    sources.notes.forEach(say)
    return sources.examples
  }

  /// The translations of lines, best first; none of an empty line.
  /// - Parameter first: The number of the first line, from 0, which selects the random streams of samples.
  package func translate(_ lines: [TextExample], batch: Int, from first: Int, on tape: Tape) throws -> [[Translation]] {
    try model.translations(of: lines, batch: batch, replacesUnknown: replacesUnknown, on: tape) { model, indices in
      try sampler.map { try $0.decode(&model, numbers: indices.map { first + $0 }) } ?? search.decode(&model)
    }
  }
}
