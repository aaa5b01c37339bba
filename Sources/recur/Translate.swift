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
      --alignments a line has columns separated by tabs: the number of the source line, the score, the translation, and the alignment. \
      A model of dialogue answers each line, given the lines and answers before it; an empty line begins another conversation.
      """)

  @OptionGroup var source: ModelFolderOptions

  @Option(help: .file("Lines to translate, or a table with the source column. (default: standard input, line by line)"))
  var data: String?

  @Option("Batch size; it does not affect the results.", .range(1...1_000_000))
  var batch = 50

  @OptionGroup var options: TranslationOptions

  @OptionGroup(title: "Device") var device: DeviceOptions

  func run() throws {
    let folder = try source.folder()
    try folder.require(TranslateTask.self) { "use \(folder.call($0.usage))" }
    try options.check(data: data)
    let model = try folder.load(Translator.self)
    let translator = try LineTranslator(model, options)
    guard let data else {
      let tape = try device.evaluationTape(for: model)
      var number = 0
      while let line = readLine(strippingNewline: true) {
        let answer = try translator.answer(line, number: number, on: tape)
        try show([answer.translations], of: [answer.source], from: number)
        number += 1
      }
      return
    }
    guard !options.scoreTargets else {
      let scored = try translator.scored(data, targets: options.target, batch: batch, say: Console.say) {
        try device.evaluationTape(for: model)
      }
      return try show(scored.translations, of: scored.sources, from: 0)
    }
    let examples = try translator.sources(of: data, say: Console.say)
    let tape = try device.evaluationTape(for: model)
    try show(translator.translate(examples, batch: batch, from: 0, on: tape), of: examples, from: 0)
  }

  private func show(_ translations: [[Translation]], of examples: [TextExample], from first: Int) throws {
    if first == 0, let svg = options.svg {
      if let chart = translations.first?.first?.attention {
        try Files.replace(svg, with: Array(chart.svg.utf8))
      } else {
        Console.say("\(svg) is not written: the first line is empty.")
      }
    }
    for (index, (own, example)) in zip(translations, examples).enumerated() {
      if options.attention, let chart = own.first?.attention {
        Console.tell(chart.text(style: .environment(isTerminal: Console.isTerminal)) + "\n")
      }
      guard !options.json else {
        try Console.put(json: Output(line: first + index + 1, source: example.text, own))
        continue
      }
      let hasColumns = options.hasColumns
      if own.isEmpty { Console.put(hasColumns ? "\(first + index + 1)\t0\t\(options.alignments ? "\t" : "")\n" : "\n") }
      for translation in own {
        let head = hasColumns ? "\(first + index + 1)\t\(translation.hypothesis.score.text(4))\t" : ""
        let tail = options.alignments ? "\t\(translation.alignment ?? "")" : ""
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
