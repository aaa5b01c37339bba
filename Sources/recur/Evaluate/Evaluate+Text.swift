import Recurrent

extension Evaluate {
  /// A language model, on a text.
  func evaluateText(_ folder: ModelFolder) throws {
    let model = try folder.load()
    let text = try TextDataset(contentsOf: data, vocabulary: folder.vocabulary())
    let streams = try TextTask.measuring(text, rows: batch, steps: sequence ?? 50)
    for note in noteOfUnknown([text.tokens], in: text.vocabulary, data) { Console.say(note) }
    try model.move(to: device.open())
    let loss = try model.meanLoss(over: streams)
    let result = LanguageModelResult(loss: loss, over: text.size)
    let tokens = streams.rows * streams.length
    guard !json else { return try Console.put(json: TextOutput(result, tokens: tokens)) }
    Console.put(
      "loss \(loss.text(4)) nats a token, perplexity \(result.perplexity.text(3)), \(tokens.grouped) tokens\n"
        + "\(result.bitsPerCharacter.text(4)) bits per character, \(result.bitsPerByte.text(4)) bits per byte\n")
  }
}

/// What is measured of a language model.
private struct TextOutput: Encodable {
  let loss: Double, perplexity: Double, bitsPerCharacter: Double, bitsPerByte: Double, tokens: Int

  init(_ result: LanguageModelResult, tokens: Int) {
    (loss, perplexity, self.tokens) = (result.loss, result.perplexity, tokens)
    (bitsPerCharacter, bitsPerByte) = (result.bitsPerCharacter, result.bitsPerByte)
  }
}
