import ArgumentParser
import Recurrent
import RecurrentData
import RecurrentModel
import RecurrentTasks

/// `recur translate`
struct Translate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Translate lines with a translator.",
    discussion: """
      Prints a line for each line of --data, or of standard input, each as soon as it is read. With --n-best, --scores or \
      --alignments a line has columns separated by tabs: the number of the source line, the score, the translation, and the alignment.
      """)

  @OptionGroup var source: ModelFolderOptions

  @Option(help: .file("Lines to translate, or a table with the source column. (default: standard input, line by line)"))
  var data: String?

  @Option("Batch size; it does not affect the results.", .range(1...1_000_000))
  var batch = 50

  @OptionGroup var search: SearchOptions

  @Option("Number of translations of a line, at most the beam size.", .atLeast(1))
  var nBest = 1

  @Flag(help: "Score the targets of --data, a table or with --target, in place of translating (forced decoding).")
  var scoreTargets = false

  @Option(help: .file("File of targets, one per line, with --score-targets; --data then is a file of sources."))
  var target: String?

  @Flag(help: "Draw translations at random instead of searching the best ones.")
  var sample = false

  @Option("Sampling temperature, with --sample.", .atLeast(0))
  var temperature: Float = 1

  @Option("Sample only from the N most likely tokens. (default: all)", .atLeast(1))
  var topK: Int?

  @Option(
    "Sample only from the most likely tokens with a total probability of X. (default: all)", .above(0, atMost: 1))
  var topP: Float?

  @Option("Random seed of --sample; the same seed gives the same translations. (default: 0)", .atLeast(0))
  var seed: UInt64?

  @Flag(help: "Print the score of each translation.")
  var scores = false

  @Flag(
    help:
      "Print the alignment of each translation: for each target token (word, character or subword) the source token that it attends to most, 0-0 1-2."
  )
  var alignments = false

  @Flag(help: "Draw the attention of each best translation on standard error.")
  var attention = false

  @Option(help: .file("Draw the attention of the best translation of the first line as SVG."))
  var svg: String?

  @Flag(help: "Print one JSON object per line on standard output.")
  var json = false

  @OptionGroup(title: "Device") var device: DeviceOptions

  func run() throws {
    let folder = try source.folder()
    try folder.require(TranslateTask.self) { "use \(folder.call($0.usage))" }
    for (option, isGiven) in [
      ("--temperature", temperature != 1), ("--top-k", topK != nil), ("--top-p", topP != nil), ("--seed", seed != nil),
    ] {
      try requireUse(sample || !isGiven, option, "nothing is sampled", remedy: "add --sample, or leave it out")
    }
    for (option, isGiven) in [("--scores", scores), ("--alignments", alignments)] {
      try requireUse(!json || !isGiven, option, "--json has them", remedy: "leave it out")
    }
    try requireUse(!scoreTargets || data != nil, "--score-targets", "there are no targets", remedy: "add --data")
    try requireUse(scoreTargets || target == nil, "--target", "nothing is scored", remedy: "add --score-targets")
    for (option, isGiven) in [("--sample", sample), ("--n-best", nBest > 1)] {
      try requireUse(!scoreTargets || !isGiven, option, "targets are given", remedy: "leave out it or --score-targets")
    }
    if let svg { try Files.requireOutput(svg) }
    let model = try folder.load(Translator.self)
    for (option, isGiven) in [("--alignments", alignments), ("--attention", attention), ("--svg", svg != nil)] {
      try requireUse(
        !isGiven || model.network.hasAttention, option, "the model has no attention", remedy: "leave it out")
    }
    let translator = try LineTranslator(
      model, search, nBest: nBest,
      sampler: sample
        ? SequenceSampler(
          count: nBest, temperature: temperature, topK: topK, topP: topP, seed: seed ?? 0,
          constraints: search.constraints(model)) : nil)
    guard let data else {
      let tape = try device.evaluationTape(for: model)
      var number = 0
      while let line = readLine(strippingNewline: true) {
        let examples = [TextExample(text: line, location: "line \(number + 1)")]
        try show(translator.translate(examples, batch: batch, from: number, on: tape), of: examples, from: number)
        number += 1
      }
      return
    }
    guard !scoreTargets else {
      let scored = try translator.scored(data, targets: target, batch: batch, say: Console.say) {
        try device.evaluationTape(for: model)
      }
      return try show(scored.translations, of: scored.sources, from: 0)
    }
    let examples = try translator.sources(of: data, say: Console.say)
    let tape = try device.evaluationTape(for: model)
    try show(translator.translate(examples, batch: batch, from: 0, on: tape), of: examples, from: 0)
  }

  private func show(_ translations: [[Translation]], of examples: [TextExample], from first: Int) throws {
    if first == 0, let svg {
      if let chart = translations.first?.first?.attention {
        try Files.replace(svg, with: Array(chart.svg.utf8))
      } else {
        Console.say("\(svg) is not written: the first line is empty.")
      }
    }
    for (index, (own, example)) in zip(translations, examples).enumerated() {
      if attention, let chart = own.first?.attention {
        Console.tell(chart.text(style: .environment(isTerminal: Console.isTerminal)) + "\n")
      }
      guard !json else {
        try Console.put(json: Output(line: first + index + 1, source: example.text, own))
        continue
      }
      let hasColumns = nBest > 1 || scores || alignments || scoreTargets
      if own.isEmpty { Console.put(hasColumns ? "\(first + index + 1)\t0\t\(alignments ? "\t" : "")\n" : "\n") }
      for translation in own {
        let head = hasColumns ? "\(first + index + 1)\t\(translation.hypothesis.score.text(4))\t" : ""
        let tail = alignments ? "\t\(translation.alignment ?? "")" : ""
        Console.put(head + translation.text + tail + "\n")
      }
    }
  }

  private struct Output: Encodable {
    struct Result: Encodable { let text: String, score: Double, logProbability: Double, alignment: String? }
    let line: Int, source: String, translations: [Result]

    init(line: Int, source: String, _ translations: [Translation]) {
      (self.line, self.source) = (line, source)
      self.translations = translations.map {
        Result(
          text: $0.text, score: $0.hypothesis.score, logProbability: $0.hypothesis.logProbability,
          alignment: $0.alignment)
      }
    }
  }
}
