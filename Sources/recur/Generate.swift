import ArgumentParser
import Recurrent
import RecurrentTasks

/// `recur generate`
struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Let a trained model write text, as it comes.")

  @Option(help: "The model's folder.")
  var model: String

  @Option(help: "What the text starts with; its tokens must be in the vocabulary. (default: a line break)")
  var prompt = ""

  @Option(parsing: .unconditional, help: "How many tokens to write.")
  var length = 500

  @Option(parsing: .unconditional, help: "How freely to draw; 0 always takes the likeliest token.")
  var temperature: Float = 0.8

  @Option(parsing: .unconditional, help: "Draw from this many of the likeliest tokens only.")
  var topK: Int?

  @Option(parsing: .unconditional, help: "Draw from the likeliest tokens that together have this probability only.")
  var topP: Float?

  @Flag(help: "Never draw <unk>, the symbol for rare tokens.")
  var noUnknown = false

  @Option(parsing: .unconditional, help: "The same seed writes the same text.")
  var seed: UInt64 = 0

  @Flag(help: "One JSON object at the end, on standard output, instead of the text.")
  var json = false

  @OptionGroup(title: "Device") var device: DeviceOptions

  func run() throws {
    try require(length >= 1, "--length", length, "take 1 or more")
    let sampler = try Sampler(temperature: temperature, topK: topK, topP: topP, seed: seed)
    let folder = ModelFolder(model)
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
