import Recurrent
import RecurrentReference
import TestSupport
import Testing

@testable import RecurrentData
@testable import RecurrentModel
@testable import RecurrentTasks

@Suite struct TaggerTests {
  typealias Sentences = (words: [Int32], characters: [[Int32]], lengths: [Int32], tags: [Int32])

  private func letters() throws -> CharacterEncoder {
    try CharacterEncoder(characters: 5, embedding: 2, rnn: LSTM(input: 2, hidden: 2, bidirectional: true))
  }

  /// Sentences of 3, 0 and 2 words, one of them twice, one of them of a single letter.
  private let sentences: Sentences = (
    [1, 5, 2, 0, -1, 3, 4, 0, 5], [[0, 1], [], [2], [3, 4, 0], [], [0, 1], [4, 4, 4, 4], [], []], [3, 0, 2],
    [0, -1, 2, 1, -1, 1, 2, -1, -1]
  )

  private func batch(on tape: Tape) throws -> (words: Tokens, characters: WordCharacters) {
    (
      try tape.tokens(sentences.words, steps: 3, batchSize: 3, lengths: sentences.lengths),
      try tape.characters(of: sentences.characters, steps: 3, batchSize: 3)
    )
  }

  @Test func gradientsThroughACRFAreExact() throws {
    let model = try Tagger(
      vocabularySize: 6, encoding: .embedding(2), characters: letters(),
      rnn: LSTM(input: 6, hidden: 2, bidirectional: true), tags: 3, hasCRF: true)
    #expect(model.namedParameters.suffix(3).map(\.name).contains("crf.transitions"))
    try checkGradients(of: [model]) { tape, _ in
      let batch = try batch(on: tape)
      let result = try model.loss(of: batch.words, characters: batch.characters, tags: sentences.tags)
      #expect(result.weight == 2)
      return [result.loss]
    }
  }

  @Test func gradientsAreExact() throws {
    let model = try Tagger(
      vocabularySize: 6, encoding: .embedding(2), characters: letters(),
      rnn: GRU(input: 6, hidden: 2, bidirectional: true), tags: 3, dropout: 0.2)
    try checkGradients(of: [model]) { tape, _ in
      let batch = try batch(on: tape)
      let logits = try model(batch.words, characters: batch.characters)
      return [try crossEntropy(logits, tape.labels(sentences.tags, shape: [3, 3])), logits]
    }
  }

  @Test func gradientsOfTheBaselineAreExact() throws {
    let model = try Tagger(
      vocabularySize: 6, encoding: .embedding(2), characters: letters(), window: 1, hidden: 3, tags: 3)
    try checkGradients(of: [model]) { tape, _ in
      let batch = try batch(on: tape)
      return [try model(batch.words, characters: batch.characters)]
    }
  }

  @Test func eachDistinctWordIsReadOnce() throws {
    let characters = try batch(on: referenceTape()).characters
    #expect(try characters.places.values() == [0, -1, 1, 2, -1, 0, 3, -1, -1])
    #expect(characters.characters.shape == [4, 4] && characters.characters.lengths?.values == [2, 1, 3, 4])
    let short = try referenceTape().characters(of: sentences.characters, steps: 3, batchSize: 3, limit: 2)
    #expect(try short.characters.shape == [2, 4] && short.places.values() == characters.places.values())
    let (encoder, tape) = (try letters(), referenceTape())
    try encoder.move(to: Device(tape.backend))
    #expect(try encoder(tape.characters(of: [[], []], steps: 2, batchSize: 1)).values().allSatisfy { $0 == 0 })
    #expect(
      message { _ = try encoder(tape.characters(of: [[5]], steps: 1, batchSize: 1)) }?.contains("index 5") == true)
  }

  @Test func partsThatDoNotFitAreRefused() throws {
    #expect(
      message {
        _ = try Tagger(
          vocabularySize: 6, encoding: .embedding(2), characters: letters(), rnn: GRU(input: 2, hidden: 2), tags: 3)
      } == "Tagger: the recurrent layers have 2 input features, their input has 6; create them with input: 6")
    let model = try Tagger(
      vocabularySize: 6, encoding: .embedding(2), characters: letters(), window: 0, hidden: 3, tags: 3)
    let tape = referenceTape()
    try model.move(to: Device(tape.backend))
    #expect(message { _ = try model(batch(on: tape).words) }?.contains("tape.characters(of:)") == true)
    #expect(throws: RecurrentError.self) {
      try Tagger(vocabularySize: 6, encoding: .oneHot, window: -1, hidden: 3, tags: 3)
    }
  }

  @Test func aLossIsTheMeanOverWordsOrSentences() throws {
    let tape = referenceTape()
    let model = try Tagger(vocabularySize: 6, encoding: .embedding(2), window: 1, hidden: 3, tags: 3)
    try model.move(to: Device(tape.backend))
    let words = try tape.tokens(sentences.words, steps: 3, batchSize: 3, lengths: sentences.lengths)
    let plain = try model.loss(of: words, tags: sentences.tags)
    let due = try crossEntropy(model(words), tape.labels(sentences.tags, shape: words.shape))
    #expect(try plain.weight == 5 && plain.loss.values() == due.values())
    #expect(try model.loss(of: words, tags: sentences.tags, weights: [2, 1, 3]).weight == 10)
    #expect(message { _ = try model.loss(of: words, tags: sentences.tags, weights: [1]) }?.contains("weight") == true)
    #expect(try model.tags(of: words).map(\.count) == [3, 0, 2])
    // What is measured is what is trained.
    let trained = try model.loss(of: words, tags: sentences.tags, weights: [2, 1, 3], smoothing: 0.1).loss.item()
    let batch = TaggedBatch(
      words: SequencePadding.Batch(tokens: sentences.words, steps: 3, batchSize: 3, lengths: sentences.lengths),
      tags: sentences.tags)
    let measured = try model.evaluate([batch], weights: [2, 1, 3], smoothing: 0.1, on: Tape(Device(tape.backend)))
    #expect(abs(measured.loss - Double(trained)) < 1e-6)
    let crf = try Tagger(vocabularySize: 6, encoding: .embedding(2), window: 1, hidden: 3, tags: 3, hasCRF: true)
    try crf.move(to: Device(tape.backend))
    #expect(try crf.tags(of: words).map(\.count) == [3, 0, 2])
    #expect(
      message { _ = try crf.loss(of: words, tags: sentences.tags, smoothing: 0.1) }
        == "Tagger: weights of tags or label smoothing with a CRF; leave them out: a CRF scores whole sentences")
  }

  /// Sentences may have no tags, and are predicted; entities are counted in the others.
  @Test func sentencesWithoutTagsDoNotCount() throws {
    let tape = referenceTape()
    let model = try Tagger(vocabularySize: 6, encoding: .embedding(2), window: 1, hidden: 3, tags: 2)
    model.labels = ["B-X", "O"]
    try model.move(to: Device(tape.backend))
    let words = SequencePadding().batch([[1, 2], [3]])
    let result = try model.evaluate([TaggedBatch(words: words, tags: [0, -1, 1, -1])], on: tape)
    #expect(result.confusion.count == 2 && result.entities?.words == 2)
    #expect(
      message { _ = try model.evaluate([TaggedBatch(words: words, tags: [-1, -1, -1, -1])], on: tape) }
        == "evaluation: nothing to evaluate: no word has a tag; give tagged sentences")
  }

  /// A tag that the model does not have is a miss, of a word and of an entity; the loss leaves it out, that of a CRF its sentence.
  @Test(arguments: [false, true]) func unseenTagsAreMisses(hasCRF: Bool) throws {
    let tape = referenceTape()
    let model = try Tagger(
      vocabularySize: 6, encoding: .embedding(2), window: 1, hidden: 3, tags: 2, hasCRF: hasCRF)
    model.labels = ["B-X", "O"]
    try model.move(to: Device(tape.backend))
    // Two sentences, of 2 words and of 1; tag 2 is B-Y.
    let words = SequencePadding().batch([[1, 2], [3]])
    func measure(_ tags: [Int32]) throws -> TaggingResult {
      try model.evaluate([TaggedBatch(words: words, tags: tags)], unseen: ["B-Y"], on: tape)
    }
    let (known, some) = try (measure([0, 0, 1, -1]), measure([0, 2, 1, -1]))
    #expect(some.confusion.labels == ["B-X", "O", "B-Y"] && some.confusion.count == 3)
    #expect(some.confusion.support(of: 2) == 1 && some.confusion.recall(of: 2) == 0)
    #expect(some.entities?.types["Y"] == EntityScores.Score(expected: 1, found: 0, correct: 0))
    let first = try model.evaluate(
      [TaggedBatch(words: SequencePadding().batch([[1, 2]]), tags: [0, 1])], on: tape)
    #expect(abs(some.loss - first.loss) < 1e-6 && known.loss.isFinite && known.loss != some.loss)
    let none = try measure([2, 2, 2, -1])
    #expect(none.loss.isNaN && none.confusion.accuracy == 0 && none.confusion.count == 3)
  }

  /// The tag of a word is whether the next one starts with letter 0: who reads only forward or only words cannot know.
  @Test(arguments: TestDevice.all, [false, true])
  func wordsAndCharactersTrain(_ device: TestDevice, hasCRF: Bool) throws {
    try device.run { backend in
      let characters: [[Int32]] = (0..<24).map { [Int32($0 * 7 % 3), Int32($0 % 5)] }
      let tags = (0..<24).map { $0 < 20 ? Int32(characters[$0 + 4][0] == 0 ? 1 : 0) : 0 }
      let model = try Tagger(
        vocabularySize: 2, encoding: .embedding(3), characters: letters(),
        rnn: LSTM(input: 7, hidden: 8, bidirectional: true), tags: 2, hasCRF: hasCRF)
      let batch: Sentences = (Array(repeating: 1, count: 24), characters, [6, 6, 5, 6], tags)
      let inputs = { (batch: Sentences, tape: Tape) in
        (
          try tape.tokens(batch.words, steps: 6, batchSize: 4, lengths: batch.lengths),
          try tape.characters(of: batch.characters, steps: 6, batchSize: 4)
        )
      }
      let trainer = try Trainer(model, optimizer: Adam(learningRate: 0.05), device: Device(backend)) {
        (model, batch: Sentences, _, tape) in
        let (words, letters) = try inputs(batch, tape)
        return try model.loss(of: words, characters: letters, tags: batch.tags)
      }
      try trainer.fit([batch], epochs: 80) { _ in }
      #expect(try trainer.evaluate([batch]) < 0.05)
      let tape = Tape(Device(backend), mode: .evaluation)
      let (words, letters) = try inputs(batch, tape)
      let due = (0..<4).map { row in (0..<Int(batch.lengths[row])).map { tags[$0 * 4 + row] } }
      #expect(try model.tags(of: words, characters: letters) == due)
    }
  }
}
