import ArgumentParser
import RecurrentCore
import RecurrentData
import RecurrentModel

/// `recur evaluate` for language models.
package struct TextEvaluation: TaskEvaluation {
  @Option("Steps per sequence; the state is carried over to the next.", .range(1...1_000_000))
  package var sequence = 50

  package init() {}

  package func evaluate(
    _ model: LanguageModel, on path: String, batch: Int, makeTape: () throws -> Tape, say: (String) -> Void
  ) throws -> EvaluationReport {
    let text = try TextDataset(contentsOf: path, vocabulary: model.vocabulary.required(at: "LanguageModel"))
    let streams = try text.measuringStreams(batchSize: batch, steps: sequence)
    noteOfUnknown([text.tokens], in: text.vocabulary, path).forEach(say)
    _ = try makeTape()
    let result = LanguageModelResult(loss: try model.meanLoss(over: streams), over: text.size)
    let tokens = streams.batchSize * streams.length
    let unknown = text.vocabulary.percentUnknown(of: [text.tokens])
    return EvaluationReport(
      text:
        "loss \(result.loss.text(4)) nats per token, perplexity \(result.perplexity.text(3)), \(tokens.counted("token"))\n"
        + "\(result.bitsPerCharacter.text(4)) bits per character, \(result.bitsPerByte.text(4)) bits per byte\n"
        + (unknown > 0
          ? "\(unknown.text(1)) % of the tokens are <unk>, easier to predict than the words they replace\n" : ""),
      json: Output(result, tokens: tokens, unknown: unknown / 100))
  }

  private struct Output: Encodable {
    let loss: Double, perplexity: Double, bitsPerCharacter: Double, bitsPerByte: Double, tokens: Int
    /// The fraction of unknown tokens.
    let unknownShare: Double

    init(_ result: LanguageModelResult, tokens: Int, unknown: Double) {
      (loss, perplexity, self.tokens, unknownShare) = (result.loss, result.perplexity, tokens, unknown)
      (bitsPerCharacter, bitsPerByte) = (result.bitsPerCharacter, result.bitsPerByte)
    }
  }
}

/// `recur inspect --gradient-flow` for language models.
package struct TextFlow: TaskFlow {
  @Option("Number of steps of a text to backpropagate through.", .range(2...100_000))
  package var sequence = 100

  @OptionGroup package var losses: FlowLossOptions
  package var loss: GradientFlow.Loss? { losses.loss }

  package init() {}

  package func measure(
    _ model: LanguageModel, on path: String, tape: Tape, say: (String) -> Void
  ) throws -> GradientFlow {
    let text = try TextDataset(contentsOf: path, vocabulary: model.vocabulary.required(at: "LanguageModel"))
    let steps = min(sequence, max(1, text.tokens.count - 1))
    // Rows that begin at places spread over the text.
    let streams = try text.streams(
      batchSize: max(1, min(FlowSample.rows, (text.tokens.count - 1) / steps)), steps: steps)
    return try GradientFlow.measure(model, over: streams.prefix(FlowSample.batches), of: losses.loss, on: tape)
  }
}
