import ArgumentParser
import Recurrent
import RecurrentTasks

/// `recur generate`
struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Generate text with a language model.")

  @OptionGroup var source: ModelFolderOptions

  @Option(
    help: ArgumentHelp(
      "Text to continue; each token must be in the vocabulary or be <unk>. (default: a line break)",
      valueName: "text"))
  var prompt = ""

  @Option("Number of tokens to generate. (default: 500, and with --suggestions a word)", .atLeast(1))
  var length: Int?

  @Option(
    "List the N likeliest next words with their probabilities instead; with --length N continuations of so many tokens.",
    .range(1...LanguageModel.mostSuggestions))
  var suggestions: Int?

  @Option(
    "Sampling temperature, which divides the logits; 0 always selects the most likely token. (default: 0.8)",
    .atLeast(0))
  var temperature: Float?

  @Option("Sample only from the N most likely tokens. (default: all)", .atLeast(1))
  var topK: Int?

  @Option(
    "Sample only from the most likely tokens with a total probability of X. (default: all)", .above(0, atMost: 1))
  var topP: Float?

  @Flag(help: "Never sample or suggest the unknown token <unk>.")
  var noUnknown = false

  @Option("Random seed; the same seed gives the same text. (default: 0)", .atLeast(0))
  var seed: UInt64?

  @Flag(help: "Print one JSON object at the end instead of the text.")
  var json = false

  @OptionGroup(title: "Device") var device: DeviceOptions

  func run() throws {
    if suggestions != nil {
      for (option, isGiven) in [
        ("--temperature", temperature != nil), ("--top-k", topK != nil), ("--top-p", topP != nil),
        ("--seed", seed != nil),
      ] {
        try requireUse(!isGiven, option, "with --suggestions nothing is sampled", remedy: "leave it out")
      }
    }
    let sampler = try Sampler(temperature: temperature ?? 0.8, topK: topK, topP: topP, seed: seed ?? 0)
    let folder = try source.folder()
    try folder.require(TextTask.self) { "use \(folder.call($0.usage))" }
    let model = try folder.load(LanguageModel.self)
    try requireUse(
      !noUnknown || model.vocabulary?.unknown != nil, "--no-unknown", "the model's vocabulary has no <unk>",
      remedy: "leave it out")
    try model.move(to: device.open())
    if let suggestions { return try suggest(suggestions, model) }
    let generator = try renaming("prompt", "--prompt") {
      try TextGenerator(model, prompt: prompt, sampler: sampler, drawsUnknown: !noUnknown)
    }
    let (start, length) = (ContinuousClock.now, length ?? 500)
    var text = ""
    if !json { Console.put(prompt) }
    for _ in 0..<length {
      let piece = try generator.next()
      if json { text += piece } else { Console.put(piece) }
    }
    guard json else { return Console.put("\n") }
    try Console.put(
      json: Output(prompt: prompt, text: text, tokens: length, seconds: start.duration(to: .now).seconds))
  }

  private func suggest(_ count: Int, _ model: LanguageModel) throws {
    let found = try renaming("prompt", "--prompt") {
      try renaming("suggestions", "--suggestions") {
        try model.suggestions(after: prompt, count: count, length: length, allowsUnknown: !noUnknown)
      }
    }
    guard !json else { return try Console.put(json: Suggestions(prompt: prompt, found)) }
    for suggestion in found {
      Console.put("\(suggestion.probability.text(4))\t\(suggestion.text.withoutControls)\n")
    }
  }

  private struct Output: Encodable {
    let prompt: String, text: String, tokens: Int, seconds: Double
  }

  private struct Suggestions: Encodable {
    struct Result: Encodable { let text: String, continuation: String, probability: Double }
    let prompt: String, suggestions: [Result]

    init(prompt: String, _ suggestions: [Suggestion]) {
      self.prompt = prompt
      self.suggestions = suggestions.map {
        Result(text: $0.text, continuation: $0.continuation, probability: $0.probability)
      }
    }
  }
}
