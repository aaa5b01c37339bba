import RecurrentCore

/// A language model that reads one token at a time, for generation and live scoring. Batch size N, vocabulary size V.
///
/// A recurrent stream between what the encoding gives and the head. The products of an embedding's rows with the first
/// layer's W are computed once, so that a token gathers one. The model must not change while the stream is in use, or a step throws.
public final class TokenStream {
  private let rnn: RecurrentStream
  private let vocabularySize: Int
  private let tokens: Indices
  private let encode: Encode?
  /// The product with the head's weight, by the slot that holds the layers' state.
  private let heads: [() throws -> Void]
  private let bias: AddBias?
  private let logits: Region
  private let versions: ParameterVersions

  /// A stream of a model's layers, starting from a zero state; see `init(_:batchSize:)`.
  package init(
    encoding: InputEncoding, embedding: Embedding?, rnn layers: RecurrentStack, head: Dense, batchSize: Int
  ) throws {
    try requireSizes([("the batch size", batchSize)], at: "TokenStream")
    let backend = try head.device().backend
    let vocabularySize = head.weight.shape[0]
    let tokens = try backend.upload([Int32](repeating: 0, count: batchSize))
    let input: CellInput
    if let embedding {
      let w = try layers.cells[0][0].weights(on: backend).weightIH
      let table = try backend.allocate(rows: vocabularySize, columns: w.rows)
      try backend.matmul(Matmul(embedding.weight.region(on: backend), w, transposesB: true, into: .set(table)))
      input = .lookup(table: table, indices: tokens, occurrences: nil)
      encode = nil
    } else {
      let x = try backend.allocate(rows: batchSize, columns: layers.inputSize)
      input = .features(x)
      encode = try Encode(encoding == .oneHot ? .oneHot : .integer, tokens, into: x)
    }
    rnn = try RecurrentStream(layers, batchSize: batchSize, on: backend, input: input)
    let logits = try backend.allocate(rows: batchSize, columns: vocabularySize)
    let weight = try head.weight.region(on: backend)
    heads = try backend.prepare(rnn.outputs.map { try Matmul($0, weight, transposesB: true, into: .set(logits)) })
    bias = try head.bias.map { try AddBias(logits, $0.region(on: backend), into: .set(logits)) }
    versions = ParameterVersions([embedding?.weight, head.weight, head.bias].compactMap { $0 })
    (self.tokens, self.logits, self.vocabularySize) = (tokens, logits, vocabularySize)
  }

  /// Reads a token of each row and writes the logits of the next token, `[N, V]`, to the host.
  /// - Throws: `RecurrentError.invalidData` if a token is not in the vocabulary, `.shapeMismatch` if there are not N, or
  ///   not N·V places.
  public func callAsFunction(_ values: [Int32], logits scores: inout [Float]) throws {
    if let wrong = values.first(where: { $0 < 0 || Int($0) >= vocabularySize }) {
      throw RecurrentError(
        .invalidData, "token \(wrong) is out of range (vocabulary size \(vocabularySize))", at: "TokenStream",
        remedy: "use the vocabulary of the model")
    }
    guard values.count == tokens.count, scores.count == logits.count else {
      throw RecurrentError(
        .shapeMismatch, "\(values.count) tokens and space for \(scores.count) scores", at: "TokenStream",
        remedy: "give one token for each of \(tokens.count) rows, and space for \(logits.count) scores")
    }
    try versions.check(since: ParameterVersions.inUse, at: "TokenStream", remedy: ParameterVersions.newStream)
    let backend = rnn.backend
    try backend.upload(values, to: tokens)
    if let encode { try backend.encode(encode) }
    try rnn.step()
    try heads[rnn.slot]()
    if let bias { try backend.addBias(bias) }
    try scores.withUnsafeMutableBufferPointer { try backend.download(logits, into: $0) }
  }

  /// Resets the state to 0.
  /// - Throws: Errors of the device.
  public func reset() throws { try rnn.reset() }

  /// Continues from the final state of whole sequences.
  /// - Throws: `RecurrentError.shapeMismatch` if it is for other layers or rows.
  public func resume(from state: RecurrentState) throws { try rnn.resume(from: state) }
}
