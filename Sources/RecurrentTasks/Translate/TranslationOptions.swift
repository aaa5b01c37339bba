import ArgumentParser
import RecurrentCore
import RecurrentData
import RecurrentModel

/// The options of `recur translate`: how lines are translated, and what is printed of the translations.
package struct TranslationOptions: ParsableArguments {
  @OptionGroup package var search: SearchOptions

  @Option("Number of translations of a line, at most the beam size.", .atLeast(1))
  package var nBest = 1

  @Flag(help: "Score the targets of --data, a table or with --target, in place of translating (forced decoding).")
  package var scoreTargets = false

  @Option(help: .file("File of targets, one per line, with --score-targets; --data then is a file of sources."))
  package var target: String?

  @Flag(help: "Draw translations at random instead of searching the best ones.")
  package var sample = false

  @Option("Sampling temperature, with --sample.", .atLeast(0))
  package var temperature: Float = 1

  @Option("Sample only from the N most likely tokens. (default: all)", .atLeast(1))
  package var topK: Int?

  @Option(
    "Sample only from the most likely tokens with a total probability of X. (default: all)", .above(0, atMost: 1))
  package var topP: Float?

  @Option("Random seed of --sample; the same seed gives the same translations. (default: 0)", .atLeast(0))
  package var seed: UInt64?

  @Flag(help: "Print the score of each translation.")
  package var scores = false

  @Flag(
    help:
      "Print the alignment of each translation: for each target token (word, character or subword) the source token that it attends to most, 0-0 1-2."
  )
  package var alignments = false

  @Flag(help: "Draw the attention of each best translation on standard error.")
  package var attention = false

  @Option(help: .file("Draw the attention of the best translation of the first line as SVG."))
  package var svg: String?

  @Flag(help: "Print one JSON object per line on standard output.")
  package var json = false

  package init() {}

  /// Whether a line has columns: its number, the score, the translation, and the alignment.
  package var hasColumns: Bool { nBest > 1 || scores || alignments || scoreTargets }

  /// - Parameter data: The file of sources; nil for standard input.
  /// - Throws: `RecurrentError.invalidArgument` that names an option that does not fit another one.
  package func check(data: String?) throws {
    try search.check()
    try requireUse(!scoreTargets || data != nil, "--score-targets", "there are no targets", remedy: "add --data")
    try requireUse(scoreTargets || target == nil, "--target", "nothing is scored", remedy: "add --score-targets")
    for (option, isGiven) in [
      ("--sample", sample), ("--n-best", nBest > 1), ("--replace-unknown", search.replaceUnknown),
    ] {
      try requireUse(!scoreTargets || !isGiven, option, "targets are given", remedy: "leave out it or --score-targets")
    }
    for (option, isGiven) in [
      ("--temperature", temperature != 1), ("--top-k", topK != nil), ("--top-p", topP != nil), ("--seed", seed != nil),
    ] {
      try requireUse(sample || !isGiven, option, "nothing is sampled", remedy: "add --sample, or leave it out")
    }
    for (option, isGiven) in [("--scores", scores), ("--alignments", alignments)] {
      try requireUse(!json || !isGiven, option, "--json has them", remedy: "leave it out")
    }
    try requireUse(
      sample || nBest <= search.beam, "--n-best", "\(nBest) are more than the beam of \(search.beam)",
      remedy: "use a wider --beam")
    if let svg { try Files.requireOutput(svg) }
  }

  /// - Throws: `RecurrentError.invalidArgument` that names an option that does not fit the model.
  func check(_ model: Translator) throws {
    try search.check(model)
    for (option, isGiven) in [("--alignments", alignments), ("--attention", attention), ("--svg", svg != nil)] {
      try requireUse(
        !isGiven || model.network.hasAttention, option, "the model has no attention", remedy: "leave it out")
    }
  }

  /// Draws translations in place of the search; nil for the search.
  func sampler(_ model: Translator) throws -> SequenceSampler? {
    guard sample else { return nil }
    return try SequenceSampler(
      count: nBest, temperature: temperature, topK: topK, topP: topP, seed: seed ?? 0,
      constraints: search.constraints(model))
  }
}
