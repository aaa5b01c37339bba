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

  @Option(
    parsing: .unconditional,
    help: .number("Sampling temperature, which divides the logits; 0 always selects the most likely token.", Float.self)
  )
  var temperature: Float = 0.8

  @Option(parsing: .unconditional, help: .number("Sample only from the N most likely tokens. (default: all)", Int.self))
  var topK: Int?

  @Option(
    parsing: .unconditional,
    help: .number("Sample only from the most likely tokens with a total probability of X. (default: all)", Float.self))
  var topP: Float?

  @Flag(help: "Never sample <unk>, the unknown symbol.")
  var noUnknown = false

  @Option(parsing: .unconditional, help: .number("Random seed; the same seed gives the same text.", UInt64.self))
  var seed: UInt64 = 0

  @Flag(help: "Print one JSON object at the end instead of the text.")
  var json = false

  @OptionGroup(title: "Device") var device: DeviceOptions

  func run() throws {
    let sampler = try Sampler(temperature: temperature, topK: topK, topP: topP, seed: seed)
    let folder = try source.folder()
    try folder.require(TextTask.self)
    let model = try folder.load(LanguageModel.self)
    try requireUse(
      !noUnknown || model.vocabulary?.unknown != nil, "--no-unknown", "the model's vocabulary has no <unk>",
      remedy: "leave it out")
    try model.move(to: device.open())
    let generator = try TextGenerator(model, prompt: prompt, sampler: sampler, drawsUnknown: !noUnknown)
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
