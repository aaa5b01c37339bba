import RecurrentCore
import RecurrentData
import RecurrentModel

/// Translates sequences: a network with an encoder and a decoder, and the tokens of both sides.
///
/// Sources end with the boundary. Targets begin and end with it.
///
/// Parameters have the names of the network's.
public final class Translator: Module {
  /// The network.
  public let network: any EncoderDecoder
  /// The tokens of sources; nil if they are not text.
  public var source: TextCodec?
  /// The tokens of targets; nil if they are not text.
  public var target: TextCodec?
  /// The columns of the training data's table; nil if it was not a table.
  public var dataFormat: PairFormat?
  /// The largest number of lines of dialogue that a source has; nil if sources are not dialogue.
  public var context: Int?

  /// A translator.
  public init(_ network: any EncoderDecoder) { self.network = network }

  /// The members of the network.
  public var members: [Member] { network.members }

  /// The logits of the target tokens, each after those before it: `[S, N, K]`.
  /// - Parameters:
  ///   - source: `[T, N]`, with their lengths.
  ///   - inputs: The token before each step, `[S, N]`: the boundary, then the target.
  /// - Throws: `RecurrentError` if a token is not in its vocabulary or the rows do not match.
  public func callAsFunction(_ source: Tokens, inputs: Tokens) throws -> Tensor { try network(source, inputs: inputs) }

  /// The mean cross-entropy of the target tokens, those of the padding left out.
  /// - Parameters:
  ///   - smoothing: The label smoothing.
  ///   - teacherForcing: The probability that a step reads the target's token, and not a predicted one.
  ///   - sampling: The tokens that the output layer computes in place of all; not with label smoothing. Nil for all.
  /// - Throws: `RecurrentError` if a token is not in its vocabulary.
  package func loss(
    of batch: PairBatch, smoothing: Float = 0, teacherForcing: Float = 1, sampling: SampledSoftmax? = nil, on tape: Tape
  ) throws -> BatchLoss {
    let sources = try network.encode(batch.sources.tokens(on: tape))
    let inputs = try tape.tokens(batch.inputs, steps: batch.steps, batchSize: batch.sources.batchSize)
    let all = try network.readouts(inputs, sources, teacherForcing: teacherForcing)
    // The output layer reads only the steps that count.
    let counted = try tape.labels(batch.countedSteps)
    let rows = try all.reshaped([batch.inputs.count, all.shape[2]]).rows(at: counted)
    let (read, targets, head) = (try rows.dropout(network.headDropout), try tape.labels(batch.targets), network.head)
    let loss =
      try sampling.map {
        try sampledCrossEntropy(read, targets, weight: head.weight, bias: head.bias, sampling: $0)
      } ?? crossEntropy(head(read), targets, smoothing: smoothing)
    return BatchLoss(loss, weight: Double(batch.targets.count), items: batch.targets.count)
  }
}
