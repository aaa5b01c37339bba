import Recurrent
import RecurrentReference
import TestSupport
import Testing

@testable import RecurrentModel

@Suite struct TaggerTests {
  // The suite of user models has a tagger of its own.
  private typealias Tagger = RecurrentModel.Tagger

  typealias Sentences = (words: [Int32], spelling: [[Int32]], lengths: [Int32], tags: [Int32])

  private func letters() throws -> CharacterEncoder {
    try CharacterEncoder(characters: 5, embedding: 2, rnn: LSTM(input: 2, hidden: 2, bidirectional: true))
  }

  /// Sentences of 3, 0 and 2 words, one of them twice, one of them of a single letter.
  private let sentences: Sentences = (
    [1, 5, 2, 0, -1, 3, 4, 0, 5], [[0, 1], [], [2], [3, 4, 0], [], [0, 1], [4, 4, 4, 4], [], []], [3, 0, 2],
    [0, -1, 2, 1, -1, 1, 2, -1, -1]
  )

  private func batch(on tape: Tape) throws -> (words: Tokens, spelling: WordCharacters) {
    (
      try tape.tokens(sentences.words, steps: 3, rows: 3, lengths: sentences.lengths),
      try tape.characters(of: sentences.spelling, steps: 3, rows: 3)
    )
  }

  @Test func gradientsAreExact() throws {
    let model = try Tagger(
      vocabularySize: 6, encoding: .embedding(2), characters: letters(),
      rnn: GRU(input: 6, hidden: 2, bidirectional: true), tags: 3, dropout: 0.2)
    try checkGradients(of: [model]) { tape, _ in
      let batch = try batch(on: tape)
      let logits = try model(batch.words, spelling: batch.spelling)
      return [try crossEntropy(logits, tape.labels(sentences.tags)), logits]
    }
  }

  @Test func gradientsOfTheBaselineAreExact() throws {
    let model = try Tagger(
      vocabularySize: 6, encoding: .embedding(2), characters: letters(), window: 1, hidden: 3, tags: 3)
    try checkGradients(of: [model]) { tape, _ in
      let batch = try batch(on: tape)
      return [try model(batch.words, spelling: batch.spelling)]
    }
  }

  @Test func eachDistinctWordIsReadOnce() throws {
    let spelling = try batch(on: referenceTape()).spelling
    #expect(spelling.places.host == [0, -1, 1, 2, -1, 0, 3, -1, -1])
    #expect(spelling.characters.shape == [4, 4] && spelling.characters.lengths?.host == [2, 1, 3, 4])
    let short = try referenceTape().characters(of: sentences.spelling, steps: 3, rows: 3, limit: 2)
    #expect(short.characters.shape == [2, 4] && short.places.host == spelling.places.host)
    let (encoder, tape) = (try letters(), referenceTape())
    try encoder.move(to: Device(tape.backend))
    #expect(try encoder(tape.characters(of: [[], []], steps: 2, rows: 1)).values().allSatisfy { $0 == 0 })
    #expect(message { _ = try encoder(tape.characters(of: [[5]], steps: 1, rows: 1)) }?.contains("index 5") == true)
  }

  @Test func partsThatDoNotFitAreRefused() throws {
    #expect(
      message {
        _ = try Tagger(
          vocabularySize: 6, encoding: .embedding(2), characters: letters(), rnn: GRU(input: 2, hidden: 2), tags: 3)
      } == "Tagger: the recurrent layers read 2 features, they get 6; make them with input: 6")
    let model = try Tagger(
      vocabularySize: 6, encoding: .embedding(2), characters: letters(), window: 0, hidden: 3, tags: 3)
    let tape = referenceTape()
    try model.move(to: Device(tape.backend))
    #expect(message { _ = try model(batch(on: tape).words) }?.contains("tape.characters(of:)") == true)
    #expect(throws: RecurrentError.self) {
      try Tagger(vocabularySize: 6, encoding: .oneHot, window: -1, hidden: 3, tags: 3)
    }
  }

  /// The tag of a word is whether the next one starts with letter 0: who reads only backwards or only words cannot know.
  @Test(arguments: TestDevice.all) func wordsAndCharactersTrain(_ device: TestDevice) throws {
    try device.run { backend in
      let spelling: [[Int32]] = (0..<24).map { [Int32($0 * 7 % 3), Int32($0 % 5)] }
      let tags = (0..<24).map { $0 < 20 ? Int32(spelling[$0 + 4][0] == 0 ? 1 : 0) : -1 }
      let model = try Tagger(
        vocabularySize: 2, encoding: .embedding(3), characters: letters(),
        rnn: LSTM(input: 7, hidden: 8, bidirectional: true), tags: 2)
      let trainer = try Trainer(model, optimizer: Adam(learningRate: 0.05), device: Device(backend)) {
        (model, batch: Sentences, _, tape) in
        let words = try tape.tokens(batch.words, steps: 6, rows: 4, lengths: batch.lengths)
        let logits = try model(words, spelling: tape.characters(of: batch.spelling, steps: 6, rows: 4))
        return BatchLoss(try crossEntropy(logits, tape.labels(batch.tags)), weight: 20)
      }
      let batch: Sentences = (Array(repeating: 1, count: 24), spelling, [6, 6, 6, 6], tags)
      try trainer.fit([batch], epochs: 80) { _ in }
      #expect(try trainer.evaluate([batch]) < 0.05)
    }
  }
}
