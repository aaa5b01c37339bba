import ArgumentParser
import Recurrent

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// `recur evaluate`
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Measure a model's loss on a text.")

  @Option(help: "The model's folder.")
  var model: String

  @Option(help: "The text, a file of UTF-8.")
  var data: String

  @Option(
    parsing: .unconditional, help: "Rows that are read at once, at most: each is 200 sequences of the text or longer.")
  var batch = 50

  @Option(parsing: .unconditional, help: "Steps that are read at once.")
  var sequence = 50

  @Flag(help: "One JSON object on standard output.")
  var json = false

  @OptionGroup(title: "Device") var device: DeviceOptions

  func run() throws {
    try require((1...1_000_000).contains(batch), "--batch", batch, "take 1 to 1,000,000")
    try require((1...1_000_000).contains(sequence), "--sequence", sequence, "take 1 to 1,000,000")
    let folder = ModelFolder(model)
    let model = try folder.load()
    let text = try TextDataset(contentsOf: data, vocabulary: folder.vocabulary())
    let streams = try TextTask.measuring(text, rows: batch, steps: sequence)
    let device = try device.open()
    try model.move(to: device)
    let loss = try model.meanLoss(over: streams)
    let output = Output(loss: loss, perplexity: exp(loss), tokens: streams.rows * streams.length)
    guard !json else { return try Console.put(json: output) }
    Console.put(
      "loss \(loss.text(4)) nats a token, perplexity \(output.perplexity.text(3)), \(output.tokens.grouped) tokens\n")
  }

  private struct Output: Encodable {
    let loss: Double, perplexity: Double, tokens: Int
  }
}
