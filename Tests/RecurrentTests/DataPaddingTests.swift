import Recurrent
import Testing

/// Sequences of different lengths in one array, as Keras and PyTorch fill and cut them.
struct DataPaddingTests {
  private static let sequences: [[Int32]] = [[1, 2, 3], [], [4]]

  @Test func filledAtTheEnd() {
    let batch = SequencePadding().batch(Self.sequences)
    #expect(batch.tokens == [1, -1, 4, 2, -1, -1, 3, -1, -1])
    #expect(batch.steps == 3 && batch.batchSize == 3 && batch.lengths == [3, 0, 1])
  }

  @Test func cutAndFilledAtTheStart() throws {
    let padding = try SequencePadding(limit: 2, padding: .start)
    let batch = padding.batch(Self.sequences)
    #expect(batch.tokens == [2, -1, -1, 3, -1, 4])
    #expect(batch.steps == 2 && batch.lengths == nil)
    #expect(padding.batch([[5]], steps: 3).tokens == [-1, -1, 5])
    #expect(padding.kept([1, 2, 3]) == [2, 3])
  }

  @Test func cutAtTheEnd() throws {
    let padding = try SequencePadding(limit: 2, truncating: .end)
    #expect(padding.batch(Self.sequences).tokens == [1, -1, 4, 2, -1, -1])
    #expect(padding.batch(Self.sequences, steps: 1).tokens == [1, -1, 4])
    #expect(padding.batch(Self.sequences, steps: 1).lengths == [1, 0, 1])
  }

  @Test func nothingAndBadLimits() {
    let none = SequencePadding().batch([])
    #expect(none.tokens.isEmpty && none.steps == 0 && none.batchSize == 0 && none.lengths == [])
    #expect(message { _ = try SequencePadding(limit: 0) } == "padding: the limit of steps is 0; it must be at least 1")
  }

  private static let frames: [[[Float]]] = [[[1, 2], [3, 4], [5, 6]], [], [[7, 8]]]

  @Test func sequencesOfNumbersAreFilledAndCut() throws {
    let batch = try SequencePadding().batch(Self.frames)
    #expect(batch.values == [1, 2, 0, 0, 7, 8, 3, 4, 0, 0, 0, 0, 5, 6, 0, 0, 0, 0])
    #expect(batch.steps == 3 && batch.batchSize == 3 && batch.features == 2 && batch.lengths == [3, 0, 1])
    let start = try SequencePadding(limit: 2, padding: .start).batch(Self.frames)
    #expect(start.values == [3, 4, 0, 0, 0, 0, 5, 6, 0, 0, 7, 8] && start.lengths == nil)
    let end = try SequencePadding(limit: 2, truncating: .end).batch(Self.frames, steps: 1)
    #expect(end.values == [1, 2, 0, 0, 7, 8] && end.lengths == [1, 0, 1])
    #expect(try SequencePadding().batch([[]], features: 2, steps: 2).values == [0, 0, 0, 0])
    let tape = referenceTape()
    #expect(try batch.tensor(on: tape).shape == [3, 3, 2] && batch.lengths(on: tape)?.values == [3, 0, 1])
    #expect(
      message { _ = try SequencePadding().batch([[[1, 2]], [[1, 2], [3]]]) }
        == "padding: step 1 of sequence 1 has 1 features, not 2; every step needs the same number of features")
  }
}
