import Recurrent

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension Evaluate {
  /// A language model, on a text.
  func evaluateText(_ folder: ModelFolder) throws {
    let model = try folder.load()
    let text = try TextDataset(contentsOf: data, vocabulary: folder.vocabulary())
    let streams = try TextTask.measuring(text, rows: batch, steps: sequence ?? 50)
    for note in noteOfUnknown([text.tokens], in: text.vocabulary, data) { Console.say(note) }
    try model.move(to: device.open())
    let loss = try model.meanLoss(over: streams)
    let output = TextOutput(loss: loss, perplexity: exp(loss), tokens: streams.rows * streams.length)
    guard !json else { return try Console.put(json: output) }
    Console.put(
      "loss \(loss.text(4)) nats a token, perplexity \(output.perplexity.text(3)), \(output.tokens.grouped) tokens\n")
  }
}

/// What is measured of a language model.
private struct TextOutput: Encodable {
  let loss: Double, perplexity: Double, tokens: Int
}
