import Recurrent
import TestSupport
import Testing

@testable import RecurrentModel

/// Reads tokens through an embedding, and the embedding's rows once more beside the recurrent layers.
private final class Reader: Module {
  let embedding: Embedding
  let rnn: RecurrentStack
  let head: Dense
  /// Whether the layers read the rows as they are, and so may read the table instead.
  var folds = true

  init(_ kind: CellKind, tokens: Int = 5, bidirectional: Bool = false, bias: CellBias = .both) throws {
    embedding = try Embedding(tokens: tokens, size: 3)
    rnn = try RecurrentStackTests.stack(kind, bidirectional: bidirectional, bias: bias)
    head = Dense(tiedTo: embedding.weight)
  }

  func callAsFunction(_ tokens: Tokens, lengths: Lengths? = nil, resets: Resets? = nil) throws -> [Tensor] {
    let rows = try embedding(tokens)
    let output = try rnn(folds ? rows : rows.scaled(by: 1), lengths: lengths, resets: resets)
    return [output.outputs, output.state.h, try head(rows)] + [output.state.c].compactMap { $0 }
  }
}

@Suite struct EmbeddingTests {
  /// Of 5 tokens; the negative ones count nothing.
  private static let tokens: [Int32] = [4, 0, 1, -1, 1, 1, 3, 0, 4, -1, 1, 4, 0, 3, 1]

  /// Loss and gradients of a pass with lengths and one with resets.
  private func pass(_ model: Reader, on tape: Tape) throws -> (loss: Float, gradients: [[Float]]) {
    try model.zeroGradients()
    tape.reset()
    let tokens = try tape.tokens(Self.tokens, steps: 5, rows: 3)
    let resets = try tape.resets((0..<15).map { [0, 4, 11].contains($0) })
    let results = try model(tokens, lengths: tape.lengths([5, 0, 3])) + model(tokens, resets: resets)
    let losses = try results.map { try ($0 * $0).mean() }
    let loss = try losses.dropFirst().reduce(losses[0]) { try $0 + $1 }
    try loss.backward()
    let parameters = model.namedParameters.map(\.parameter)
    return (try loss.item(), try parameters.map { try $0.gradient() ?? [] })
  }

  @Test(arguments: TestDevice.all) func aTableReadInPlaceOfItsRowsGivesTheSame(_ device: TestDevice) throws {
    try device.run { backend in
      for kind in RecurrentStackTests.kinds {
        for (isBidirectional, bias) in [(false, CellBias.both), (true, .single), (true, .none)] {
          let model = try Reader(kind, bidirectional: isBidirectional, bias: bias)
          try model.move(to: Device(backend))
          let tape = Tape(Device(backend))
          for frozen in [nil, model.embedding.weight, model.rnn.namedParameters[0].parameter] {
            frozen?.isFrozen = true
            model.folds = true
            let folded = try pass(model, on: tape)
            model.folds = false
            let plain = try pass(model, on: tape)
            frozen?.isFrozen = false
            #expect(abs(folded.loss - plain.loss) <= 1e-6 * plain.loss, "\(kind)")
            for (found, expected) in zip(folded.gradients, plain.gradients) {
              let error = zip(found, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
              #expect(error <= 1e-11 * expected.reduce(0) { $0 + $1 * $1 }, "\(kind)")
            }
          }
        }
      }
    }
  }

  @Test(arguments: RecurrentStackTests.kinds, [false, true])
  func theTablesGradientsAreRight(_ kind: CellKind, bidirectional: Bool) throws {
    let model = try Reader(kind, bidirectional: bidirectional)
    try checkGradients(of: [model]) { tape, _ in
      let tokens = try tape.tokens(Self.tokens, steps: 5, rows: 3)
      return try model(tokens, lengths: tape.lengths([5, 0, 3]))
        + model(tokens, resets: tape.resets((0..<15).map { $0 == 4 }))
    }
  }

  /// The rows that the tape multiplies by W, 16 × 3, for the layer to look up.
  private func inputRows(tokens: Int, mode: Tape.Mode = .training, _ read: (Tensor) throws -> Tensor) throws -> [Int] {
    let backend = CountingBackend(referenceTape().backend)
    let model = try Reader(.lstm, tokens: tokens)
    try model.move(to: Device(backend))
    let tape = Tape(Device(backend), mode: mode)
    _ = try model.rnn(read(model.embedding(tape.tokens(Self.tokens, steps: 5, rows: 3))))
    return backend.products.filter { $0.columns == 16 && $0.depth == 3 }.map(\.rows)
  }

  @Test func onlyATableMuchShorterThanTheRowsIsReadInTheirPlace() throws {
    #expect(try inputRows(tokens: 7) { $0 } == [7])
    #expect(try inputRows(tokens: 7, mode: .evaluation) { $0 } == [7])
    #expect(try inputRows(tokens: 8) { $0 } == [])
    #expect(try inputRows(tokens: 7) { try $0.dropout(0.5) } == [])
    #expect(try inputRows(tokens: 7) { try $0.reshaped([5, 3, 3]) } == [])
  }

  @Test func theGradientOfRowsThatWereNotReadIsRefused() throws {
    let model = try Reader(.lstm)
    let tape = referenceTape()
    try model.move(to: Device(tape.backend))
    let rows = try model.embedding(tape.tokens(Self.tokens, steps: 5, rows: 3))
    let copy = try rows.scaled(by: 1)
    try (model.rnn(rows).outputs.sum() + model.rnn(copy).outputs.sum()).backward()
    #expect(message { _ = try rows.gradient() }?.contains("scaled(by: 1)") == true)
    #expect(try copy.gradient()?.count == 45)
  }
}
