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

  @Option("Number of tokens to generate.", .atLeast(1))
  var length = 500

  @Option("Sampling temperature, which divides the logits; 0 always selects the most likely token.", .atLeast(0))
  var temperature: Float = 0.8

  @Option("Sample only from the N most likely tokens. (default: all)", .atLeast(1))
  var topK: Int?

  @Option(
    "Sample only from the most likely tokens with a total probability of X. (default: all)", .above(0, atMost: 1))
  var topP: Float?

  @Flag(help: "Never sample the unknown token <unk>.")
  var noUnknown = false

  @Option("Random seed; the same seed gives the same text.", .atLeast(0))
  var seed: UInt64 = 0

  @Flag(help: "Print one JSON object at the end instead of the text.")
  var json = false

  @OptionGroup(title: "Device") var device: DeviceOptions

  func run() throws {
    let sampler = try Sampler(temperature: temperature, topK: topK, topP: topP, seed: seed)
    let folder = try source.folder()
    try folder.require(TextTask.self) { "use \(folder.call($0.usage))" }
    let model = try folder.load(LanguageModel.self)
    try requireUse(
      !noUnknown || model.vocabulary?.unknown != nil, "--no-unknown", "the model's vocabulary has no <unk>",
      remedy: "leave it out")
    try model.move(to: device.open())
    let generator = try renaming("prompt", "--prompt") {
      try TextGenerator(model, prompt: prompt, sampler: sampler, drawsUnknown: !noUnknown)
    }
    let start = ContinuousClock.now
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

  private struct Output: Encodable {
    let prompt: String, text: String, tokens: Int, seconds: Double
  }
}
