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
    let unknown = text.vocabulary.percentUnknown(of: [text.tokens])
    guard !json else { return try Console.put(json: TextOutput(result, tokens: tokens, unknown: unknown / 100)) }
    Console.put(
      "loss \(loss.text(4)) nats a token, perplexity \(result.perplexity.text(3)), \(tokens.grouped) tokens\n"
        + "\(result.bitsPerCharacter.text(4)) bits per character, \(result.bitsPerByte.text(4)) bits per byte\n"
        + (unknown > 0
          ? "\(unknown.text(1)) % of the tokens are <unk>, easier to predict than what they stand for\n" : ""))
  }
}

/// What is measured of a language model.
private struct TextOutput: Encodable {
  let loss: Double, perplexity: Double, bitsPerCharacter: Double, bitsPerByte: Double, tokens: Int
  /// The share of the tokens that are unknown.
  let unknownShare: Double

  init(_ result: LanguageModelResult, tokens: Int, unknown: Double) {
    (loss, perplexity, self.tokens, unknownShare) = (result.loss, result.perplexity, tokens, unknown)
    (bitsPerCharacter, bitsPerByte) = (result.bitsPerCharacter, result.bitsPerByte)
  }
}
