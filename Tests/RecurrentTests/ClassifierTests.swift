import Foundation
import Recurrent
import RecurrentReference
import TestSupport
import Testing

@testable import RecurrentModel
@testable import RecurrentTasks

@Suite struct ClassifierTests {
  /// Sequences of 4, 0 and 2 tokens; what is past them is of no account.
  private func tokens(on tape: Tape) throws -> Tokens {
    try tape.tokens([1, 5, 2, 0, -1, 3, 4, 0, 5, 2, 1, 0], steps: 4, batchSize: 3, lengths: [4, 0, 2])
  }

  @Test(arguments: Pooling.allCases) func gradientsOfEveryPoolingAreExact(_ pooling: Pooling) throws {
    let model = try Classifier(
      vocabularySize: 6, encoding: .embedding(3), rnn: GRU(input: 3, hidden: 2, bidirectional: true),
      pooling: pooling, classes: 3, dropout: 0.3)
    try checkGradients(of: [model]) { tape, _ in
      let logits = try model(tokens(on: tape))
      return [try crossEntropy(logits, tape.labels([2, 0, 1])), logits]
    }
  }

  @Test func gradientsThroughCharactersAreExact() throws {
    let model = try Classifier(
      vocabularySize: 6, encoding: .embedding(3),
      characters: CharacterEncoder(characters: 5, embedding: 2, rnn: LSTM(input: 2, hidden: 2, bidirectional: true)),
      rnn: GRU(input: 7, hidden: 2), pooling: .max, classes: 3, dropout: 0.3)
    let words: [[Int32]] = [[0, 1], [], [2], [3, 4, 0], [], [0, 1], [4, 4, 4, 4], [], [], [1], [], []]
    try checkGradients(of: [model]) { tape, _ in
      [try model(tokens(on: tape), characters: tape.characters(of: words, steps: 4, batchSize: 3))]
    }
    let tape = referenceTape()
    try model.move(to: Device(tape.backend))
    #expect(message { _ = try model(tokens(on: tape)) }?.contains("tape.characters(of:)") == true)
  }

  @Test(arguments: [InputEncoding.embedding(2), .oneHot, .integer])
  func gradientsOfTheBaselineAreExact(_ encoding: InputEncoding) throws {
    let model = try Classifier(
      vocabularySize: 6, encoding: encoding, window: 5, hidden: 4, classes: 2, dropout: 0.2, isBinary: true)
    try checkGradients(of: [model]) { tape, _ in [try model(tokens(on: tape))] }
  }

  /// Keras' `pad_sequences` fills with the number 0, and a network that reads numbers reads that.
  @Test(arguments: ["elman", "lstm", "gru", "feed-forward"], SequencePadding.End.allCases)
  func fillingIsTheNumberZero(_ cell: String, fill: SequencePadding.End) throws {
    let model = try numberReader(cell)
    let tape = referenceTape()
    try model.move(to: Device(tape.backend))
    let sequences: [[Int32]] = [[3, 1], [2, 5, 4, 1], [4]]
    let batch = try SequencePadding(limit: 4, padding: fill).batch(sequences)
    let tokens = try tape.tokens(batch.tokens, steps: 4, batchSize: 3, lengths: batch.lengths)
    let zeros = batch.tokens.map { Float(max($0, 0)) }
    #expect(batch.tokens.contains(-1))
    #expect(try tokens.asNumbers().values() == zeros)
    let logits = try model(tokens).values()
    for (row, sequence) in sequences.enumerated() {
      // Filled at the end, a recurrent layer stops at the last token; what is read is 0.
      let missing = [Int32](repeating: 0, count: 4 - sequence.count)
      let isRead = fill == .start || cell == "feed-forward"
      let read = !isRead ? sequence : fill == .start ? missing + sequence : sequence + missing
      let alone = try model(tape.tokens(read, steps: read.count, batchSize: 1)).values()
      #expect(Array(logits[2 * row..<2 * row + 2]) == alone)
    }
  }

  private func numberReader(_ cell: String) throws -> Classifier {
    func classifier(_ rnn: RecurrentStack) throws -> Classifier {
      try Classifier(vocabularySize: 6, encoding: .integer, rnn: rnn, classes: 2)
    }
    return switch cell {
    case "elman": try classifier(Elman(input: 1, hidden: 3))
    case "lstm": try classifier(LSTM(input: 1, hidden: 3))
    case "gru": try classifier(GRU(input: 1, hidden: 3))
    default: try Classifier(vocabularySize: 6, encoding: .integer, window: 4, hidden: 3, classes: 2)
    }
  }

  @Test func aMeanOverTimeSkipsWhatIsPastALength() throws {
    let tape = referenceTape()
    let x = try tape.tensor((0..<12).map { Float($0) }, shape: [3, 2, 2])
    #expect(try x.meanOverTime(lengths: tape.lengths([2, 0])).values() == [2, 3, 0, 0])
    #expect(try x.meanOverTime().values() == [4, 5, 6, 7])
    try checkGradients(inputs: [[3, 2, 2]]) { tape, x in
      [try x[0].meanOverTime(lengths: tape.lengths([2, 0])), try x[0].meanOverTime()]
    }
    #expect(message { _ = try x.step(0).meanOverTime() }?.contains("[T, N, F]") == true)
    #expect(message { _ = try x.meanOverTime(lengths: tape.lengths([2])) }?.contains("1 lengths") == true)
  }

  @Test func attentionWeighsOnlyStepsThatCount() throws {
    let (attention, tape) = (try AttentionPooling(2), referenceTape())
    try attention.move(to: Device(tape.backend))
    let x = try tape.tensor((0..<12).map { Float($0) / 9 }, shape: [3, 2, 2])
    let weights = try attention.weights(x, lengths: tape.lengths([2, 0])).values()
    #expect(abs(weights[0] + weights[1] - 1) < 1e-6 && weights[0] > 0 && weights[2...] == [0, 0, 0, 0])
    try checkGradients(inputs: [[3, 2, 2]], of: [attention]) { tape, x in
      [try attention(x[0], lengths: tape.lengths([2, 0])), try attention(x[0])]
    }
  }

  @Test func rowsAreLookedUpAndTheirGradientsAddUp() throws {
    try checkGradients(inputs: [[4, 3]]) { tape, x in
      let places = try tape.tokens([3, 0, -1, 3, 3, 1], steps: 3, batchSize: 2)
      let looked = try x[0].rows(at: places)
      return [looked, try looked * x[0].rows(at: places), x[0]]
    }
    let tape = referenceTape()
    let x = try tape.tensor([1, 2, 3, 4], shape: [2, 2])
    #expect(try x.rows(at: tape.labels([1, -1, 0])).values() == [3, 4, 0, 0, 1, 2])
    #expect(
      message { _ = try x.rows(at: tape.labels([2])) } == "rows: index 2 is out of range (2 values); rows start at 0")
  }

  @Test func theNotebooksModelsHaveItsNumberOfParameters() throws {
    for (encoding, count) in [(InputEncoding.embedding(2), 21_153), (.integer, 1_121)] {
      let rnn = try Elman(input: encoding.size(tokens: 10_000), hidden: 32, bias: .single)
      let model = try Classifier(vocabularySize: 10_000, encoding: encoding, rnn: rnn, classes: 2, isBinary: true)
      #expect(model.parameterCount == count)
    }
  }

  @Test func partsThatDoNotFitAreRefused() throws {
    let gru = { try GRU(input: 3, hidden: 2, batchFirst: $0) }
    #expect(
      message { _ = try Classifier(vocabularySize: 5, encoding: .oneHot, rnn: gru(false), classes: 2) }
        == "Classifier: the recurrent layers have 3 input features, their input has 5; create them with input: 5")
    #expect(
      message { _ = try Classifier(vocabularySize: 5, encoding: .embedding(3), rnn: gru(true), classes: 2) }?
        .contains("batch-first") == true)
    #expect(
      message {
        _ = try Classifier(vocabularySize: 5, encoding: .embedding(3), rnn: gru(false), classes: 3, isBinary: true)
      } == "Classifier: one logit for 3 classes; one logit decides between two")
    let baseline = try Classifier(vocabularySize: 5, encoding: .oneHot, window: 2, hidden: 2, classes: 2)
    let tape = referenceTape()
    try baseline.move(to: Device(tape.backend))
    #expect(
      message { _ = try baseline(tape.tokens([1, 2, 3], steps: 3, batchSize: 1)) }
        == "SequenceEncoder: 3 steps exceed the window of 2 tokens; truncate the sequences to the window first")
  }

  @Test func lossesAndProbabilitiesFitEachOther() throws {
    let tape = referenceTape()
    let rnn = { try GRU(input: 2, hidden: 3) }
    let both = try Classifier(vocabularySize: 6, encoding: .embedding(2), rnn: rnn(), classes: 2)
    let one = try Classifier(vocabularySize: 6, encoding: .embedding(2), rnn: rnn(), classes: 2, isBinary: true)
    for model in [both, one] {
      try model.move(to: Device(tape.backend))
      let probabilities = try model.probabilities(of: tokens(on: tape))
      let loss = { (weights: [Float]?, smoothing: Float) in
        try model.loss(of: tokens(on: tape), labels: [1, 0, -1], weights: weights, smoothing: smoothing)
      }
      let (first, second) = (probabilities[0].map { -log($0) }, probabilities[1].map { -log($0) })
      let cases: [([Float]?, Float, Float, Double)] = [
        (nil, 0, (first[1] + second[0]) / 2, 2), ([1, 3], 0, (3 * first[1] + second[0]) / 4, 4),
        (nil, 0.2, (0.9 * (first[1] + second[0]) + 0.1 * (first[0] + second[1])) / 2, 2),
      ]
      for (weights, smoothing, due, weight) in cases {
        let result = try loss(weights, smoothing)
        #expect(try abs(result.loss.item() - due) < 1e-6 && result.weight == weight)
      }
      #expect(message { _ = try loss([1], 0) }?.contains("1 weights for 2 classes") == true)
      #expect(message { _ = try loss(nil, 1) } != nil)
      #expect(message { _ = try model.loss(of: tokens(on: tape), labels: [0, 2, 1]) }?.contains("label 2") == true)
    }
  }

  @Test func textsOfWeightZeroAreMeasuredAllTheSame() throws {
    let tape = referenceTape()
    let model = try Classifier(
      vocabularySize: 6, encoding: .embedding(2), rnn: GRU(input: 2, hidden: 3), classes: 2)
    try model.move(to: Device(tape.backend))
    let batch = { (labels: [Int32]) in
      LabelledBatch(sequences: SequencePadding().batch([[1], [2, 3]]), classes: labels)
    }
    let result = try model.evaluate([batch([1, 1])], weights: [1, 0], on: tape)
    #expect(result.loss == 0 && result.confusion.count == 2)
    #expect(
      message { _ = try model.evaluate([batch([-1, -1])], on: tape) }
        == "evaluation: nothing to evaluate: no text has a label; use labelled texts")
  }

  /// Class 1 where token 3 is anywhere in the sequence.
  @Test(arguments: TestDevice.all, Pooling.allCases)
  func everyPoolingTrains(_ device: TestDevice, pooling: Pooling) throws {
    try device.run { backend in
      var random = RandomSource(seed: 2)
      let (steps, rows) = (7, 16)
      let lengths = (0..<rows).map { Int32(2 + $0 % 6) }
      let tokens = (0..<steps * rows).map { _ in Int32(random.integer(below: 6)) }
      let labels = (0..<rows).map { row in
        (0..<Int(lengths[row])).contains { tokens[$0 * rows + row] == 3 } ? Int32(1) : 0
      }
      let model = try Classifier(
        vocabularySize: 6, encoding: .embedding(4), rnn: LSTM(input: 4, hidden: 8, bidirectional: true),
        pooling: pooling, classes: 2, isBinary: true)
      let trainer = try Trainer(model, optimizer: Adam(learningRate: 0.03), device: Device(backend)) {
        (model, labels: [Int32], _, tape) in
        try model.loss(of: tape.tokens(tokens, steps: steps, batchSize: rows, lengths: lengths), labels: labels)
      }
      try trainer.fit([labels], epochs: 60) { _ in }
      #expect(try trainer.evaluate([labels]) < 0.1)
    }
  }
}
