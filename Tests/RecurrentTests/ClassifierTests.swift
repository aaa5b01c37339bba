import Recurrent
import RecurrentReference
import TestSupport
import Testing

@testable import RecurrentModel

@Suite struct ClassifierTests {
  /// Sequences of 4, 0 and 2 tokens; what is past them is of no account.
  private func tokens(on tape: Tape) throws -> Tokens {
    try tape.tokens([1, 5, 2, 0, -1, 3, 4, 0, 5, 2, 1, 0], steps: 4, rows: 3, lengths: [4, 0, 2])
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

  @Test(arguments: [InputEncoding.embedding(2), .oneHot, .integer])
  func gradientsOfTheBaselineAreExact(_ encoding: InputEncoding) throws {
    let model = try Classifier(
      vocabularySize: 6, encoding: encoding, window: 5, hidden: 4, classes: 2, dropout: 0.2, isBinary: true)
    try checkGradients(of: [model]) { tape, _ in [try model(tokens(on: tape))] }
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
      let places = try tape.tokens([3, 0, -1, 3, 3, 1], steps: 3, rows: 2)
      let looked = try x[0].rows(at: places)
      return [looked, try looked * x[0].rows(at: places), x[0]]
    }
    let tape = referenceTape()
    let x = try tape.tensor([1, 2, 3, 4], shape: [2, 2])
    #expect(try x.rows(at: tape.labels([1, -1, 0])).values() == [3, 4, 0, 0, 1, 2])
    #expect(message { _ = try x.rows(at: tape.labels([2])) } == "rows: index 2 where there are 2; count rows from 0")
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
        == "Classifier: the recurrent layers read 3 features, they get 5; make them with input: 5")
    #expect(
      message { _ = try Classifier(vocabularySize: 5, encoding: .embedding(3), rnn: gru(true), classes: 2) }?
        .contains("time first") == true)
    #expect(
      message {
        _ = try Classifier(vocabularySize: 5, encoding: .embedding(3), rnn: gru(false), classes: 3, isBinary: true)
      } == "Classifier: one logit for 3 classes; one logit decides between two")
    let baseline = try Classifier(vocabularySize: 5, encoding: .oneHot, window: 2, hidden: 2, classes: 2)
    let tape = referenceTape()
    try baseline.move(to: Device(tape.backend))
    #expect(
      message { _ = try baseline(tape.tokens([1, 2, 3], steps: 3, rows: 1)) }
        == "Classifier: 3 steps for a window of 2 tokens; cut the sequences to the window first")
  }
}
