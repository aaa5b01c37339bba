import Recurrent
import RecurrentCore
import RecurrentReference
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

/// Two sparse tables of 9 rows, and a dense parameter between them.
private final class Words: Module {
  let table: Embedding
  let bias = Parameter([4])
  let other: Embedding

  init(columns: Int) throws {
    table = try Embedding(tokens: 9, size: columns, sparse: true)
    other = try Embedding(tokens: 9, size: 2, sparse: true)
  }
}

@Suite struct EmbeddingTests {
  /// Of 5 tokens; the negative ones count nothing.
  private static let tokens: [Int32] = [4, 0, 1, -1, 1, 1, 3, 0, 4, -1, 1, 4, 0, 3, 1]

  /// Loss and gradients of a pass with lengths and one with resets.
  private func pass(_ model: Reader, on tape: Tape) throws -> (loss: Float, gradients: [[Float]]) {
    try model.zeroGradients()
    tape.reset()
    let tokens = try tape.tokens(Self.tokens, steps: 5, batchSize: 3)
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
      let tokens = try tape.tokens(Self.tokens, steps: 5, batchSize: 3)
      return try model(tokens, lengths: tape.lengths([5, 0, 3]))
        + model(tokens, resets: tape.resets((0..<15).map { $0 == 4 }))
    }
  }

  /// The rows that the tape multiplies by W, 16 × 3, for the layer to look up.
  private func inputRows(tokens: Int, mode: Tape.Mode = .training, _ read: (Tensor) throws -> Tensor) throws -> [Int] {
    let counting = Counting(referenceTape().backend)
    let backend = counting.backend
    let model = try Reader(.lstm, tokens: tokens)
    try model.move(to: Device(backend))
    let tape = Tape(Device(backend), mode: mode)
    _ = try model.rnn(read(model.embedding(tape.tokens(Self.tokens, steps: 5, batchSize: 3))))
    return counting.products.filter { $0.columns == 16 && $0.depth == 3 }.map(\.rows)
  }

  @Test func onlyATableMuchShorterThanTheRowsIsReadInTheirPlace() throws {
    #expect(try inputRows(tokens: 7) { $0 } == [7])
    #expect(try inputRows(tokens: 7, mode: .evaluation) { $0 } == [7])
    #expect(try inputRows(tokens: 8) { $0 } == [])
    #expect(try inputRows(tokens: 7) { try $0.dropout(0.5) } == [])
    #expect(try inputRows(tokens: 7) { try $0.reshaped([5, 3, 3]) } == [])
  }

  // MARK: Sparse

  /// A table alone, and one pass of it.
  private func sparse(_ device: any Backend, columns: Int = 3) throws -> (Words, Tape) {
    let model = try Words(columns: columns)
    try model.move(to: Device(device), seed: 1)
    return (model, Tape(Device(device)))
  }

  @Test(arguments: TestDevice.all) func aSparseGradientHasTheRowsThatOccurred(_ device: TestDevice) throws {
    try device.run { backend in
      let (model, tape) = try sparse(backend)
      let dense = try Embedding(tokens: 9, size: 3)
      try dense.move(to: Device(backend))
      // Twice, so that what the step before left shows; in one step two micro-batches, of which one looks up twice.
      for tokens in [[[3, 3, -1, 8]], [[7, 0, 7, 3], [8, 3, 3, -1], [-1, -1]]] as [[[Int32]]] {
        try model.zeroGradients()
        try dense.zeroGradients()
        for batch in tokens {
          for table in [model.table, dense] {
            tape.reset()
            let scale = try tape.tensor((0..<3 * batch.count).map { Float($0) - 4 }, shape: [batch.count, 1, 3])
            let rows = { try table(tape.tokens(batch, steps: batch.count, batchSize: 1)) * scale }
            try (rows() + rows()).sum().backward()
          }
        }
        #expect(try model.table.weight.gradient() == dense.weight.gradient())
      }
      #expect(model.table.weight.place?.rows?.rows == [0, 3, 7, 8])
    }
  }

  @Test func rowsThatDoNotOccurStay() throws {
    for optimizer in [Adam(learningRate: 0.1), SGD(learningRate: 0.1), Adagrad(learningRate: 0.1)] {
      let (model, tape) = try sparse(ReferenceBackend())
      try optimizer.attach(to: model)
      for (step, tokens) in ([[3, 3, 8], [8, 1]] as [[Int32]]).enumerated() {
        let (before, remembered) = (try model.table.weight.values(), try optimizer.stateDictionary())
        try model.zeroGradients()
        tape.reset()
        try model.table(tape.labels(tokens)).sum().backward()
        try optimizer.step()
        let (after, kept) = (try model.table.weight.values(), try optimizer.stateDictionary())
        for row in 0..<9 {
          let range = row * 3..<row * 3 + 3
          let occurred = tokens.contains(Int32(row))
          #expect((before[range] != after[range]) == occurred)
          for (name, state) in remembered where name.hasPrefix("table") && !name.hasSuffix("step") {
            #expect((state.values[range] != kept[name]?.values[range]) == occurred)
          }
        }
        #expect(kept["table.weight.step"]?.values == [Float(step + 1)])
      }
    }
  }

  /// Three steps of torch.optim.SparseAdam 2.13, float32, with an ε that counts.
  @Test func threeStepsAreAsSparseAdams() throws {
    let model = try Words(columns: 2)
    let start: [Float] = [0.5, -1, 2, 0.1, -0.3, 1] + [Float](repeating: 7, count: 12)
    let tape = referenceTape()
    try model.move(to: Device(tape.backend))
    try model.table.weight.setValues(start)
    let adam = Adam(learningRate: 0.1, epsilon: 0.1)
    try adam.attach(to: model)
    let steps: [([Int32], [Float])] = [([0], [0.1, -0.2]), ([1, 0], [0.3, 1, -0.5, 0.4]), ([1], [-0.1, 0.2])]
    for (tokens, gradient) in steps {
      try model.zeroGradients()
      tape.reset()
      let factors = try tape.tensor(gradient, shape: [tokens.count, 2])
      try (model.table(tape.labels(tokens)) * factors).sum().backward()
      try adam.step()
    }
    let expected = [0.505243003, -0.998587251, 1.99043012, 0.0653173998] + start[4...]
    for (value, expected) in zip(try model.table.weight.values(), expected) { #expect(abs(value - expected) < 2e-7) }
  }

  @Test func tablesOfAllShapesAreClippedTogether() throws {
    let (model, tape) = try sparse(ReferenceBackend(), columns: 7)
    try model.zeroGradients()
    let tokens = try tape.labels([3, 3, 8])
    let (first, second) = (try model.table(tokens).sum(), try model.other(tokens).sum())
    try (first + second + model.bias.tensor(on: tape).sum()).backward()
    let norm = try model.clipGradients(norm: 1)
    // A row of 2 and a row of 1 in each table, and the bias.
    let expected = Float(5 * 7 + 5 * 2 + 4).squareRoot()
    #expect(abs(norm - expected) < 1e-5)
    let clipped = try model.parameters.flatMap { try $0.gradient() ?? [] }
    #expect(abs(clipped.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
  }

  @Test func whatASparseTableCannotDoIsNamed() throws {
    let (model, tape) = try sparse(ReferenceBackend())
    for optimizer in [AdamW(), RMSprop(), SGD(momentum: 0.9)] {
      #expect(message { try optimizer.attach(to: model) }?.contains("table.weight is sparse") == true)
    }
    #expect(
      message { try Adam(weightDecay: 0.1).attach(to: model) }?.contains("weight decay is not supported for table")
        == true)
    let groups = [ParameterGroup(prefix: "table", weightDecay: 0), ParameterGroup(prefix: "other", weightDecay: 0)]
    try Adam(weightDecay: 0.1, groups: groups).attach(to: model)
    #expect(message { _ = try Dense(tiedTo: model.table.weight)(tape.full([1, 3], 1)) }?.contains("dense") == true)
    model.freeze()
    _ = try model.table.weight.tensor(on: tape)
  }

  @Test func aSparseTableIsNotReadInPlaceOfItsRows() throws {
    let counting = Counting(referenceTape().backend)
    let backend = counting.backend
    let model = try Reader(.lstm)
    model.embedding.isSparse = true
    try model.move(to: Device(backend))
    let tape = Tape(Device(backend))
    _ = try model.rnn(model.embedding(tape.tokens(Self.tokens, steps: 5, batchSize: 3)))
    #expect(counting.products.isEmpty)
  }

  @Test func theGradientOfRowsThatWereNotReadIsRefused() throws {
    let model = try Reader(.lstm)
    let tape = referenceTape()
    try model.move(to: Device(tape.backend))
    let rows = try model.embedding(tape.tokens(Self.tokens, steps: 5, batchSize: 3))
    let copy = try rows.scaled(by: 1)
    try (model.rnn(rows).outputs.sum() + model.rnn(copy).outputs.sum()).backward()
    #expect(message { _ = try rows.gradient() }?.contains("scaled(by: 1)") == true)
    #expect(try copy.gradient()?.count == 45)
  }
}
