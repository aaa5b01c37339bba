import Recurrent
import Testing

/// A text cut into rows and batches.
struct TextStreamsTests {
  @Test func rowsAreContiguousAndTargetsAreOneLater() throws {
    let streams = try Streams(Array(0..<25), batchSize: 3, steps: 4)
    #expect(streams.count == 2)
    let batches = Array(streams)
    #expect(batches[0].inputs == [0, 8, 16, 1, 9, 17, 2, 10, 18, 3, 11, 19])
    #expect(batches[1].inputs == [4, 12, 20, 5, 13, 21, 6, 14, 22, 7, 15, 23])
    #expect(batches.map(\.continues) == [false, true])
    for batch in batches { #expect(batch.targets == batch.inputs.map { $0 + 1 }) }
    #expect(Array(streams) == batches, "walking them again gives the same")
  }

  @Test func aRemainderIsKeptToMeasureAndDroppedToTrain() throws {
    let tokens = Array(Int32(0)..<24)
    #expect(try Streams(tokens, batchSize: 2, steps: 4).map(\.steps) == [4, 4])
    let all = try Streams(tokens, batchSize: 2, steps: 4, keepsRemainder: true)
    #expect(all.map(\.steps) == [4, 4, 3])
    #expect(Set(all.flatMap(\.targets)) == Set(tokens.dropFirst()).subtracting([23]))
    #expect(all.reduce(0) { $0 + $1.inputs.count } == all.length * all.batchSize)
  }

  @Test func aShortTextIsRefusedWithWhatFits() throws {
    #expect(try Streams(Array(0..<13), batchSize: 3, steps: 4).count == 1)
    let error = #expect(throws: RecurrentError.self) {
      try Streams(Array(0..<12), batchSize: 3, steps: 4, location: "x.txt")
    }
    #expect(error?.what == "has 12 tokens, fewer than the 13 that a batch of 3 sequences of 4 needs")
    #expect(error?.remedy == "use a `batchSize` of 1 with `steps` of at most 4, or a longer text")
    let wide = #expect(throws: RecurrentError.self) { try Streams(Array(0..<2000), batchSize: 50, steps: 50) }
    #expect(wide?.what == "has 2,000 tokens, fewer than the 2,501 that a batch of 50 sequences of 50 needs")
    #expect(wide?.remedy == "use a `batchSize` of at most 39, or `steps` of at most 39, or a longer text")
    let one = #expect(throws: RecurrentError.self) { try Streams([1], batchSize: 1, steps: 50, keepsRemainder: true) }
    #expect(one?.what == "has 1 token, fewer than the 2 that a loss needs")
    #expect(throws: RecurrentError.self) { try Streams([], batchSize: 3, steps: 4) }
    #expect(throws: RecurrentError.self) { try Streams([1, 2, 3], batchSize: 0, steps: 1) }
    #expect(throws: RecurrentError.self) { try Streams([1, 2, 3], batchSize: 1, steps: -1) }
  }

  @Test func aSplitTakesTheEnd() throws {
    let text = try TextDataset("abcdefghij", from: "x")
    let (training, validation) = try text.split(validationFraction: 0.3)
    #expect(Array(training.tokens) == Array(0..<7))
    #expect(Array(validation.tokens) == [7, 8, 9])
    #expect(validation.vocabulary == text.vocabulary)
    for fraction in [0, 1, -0.5, 0.01, .nan] {
      #expect(throws: RecurrentError.self) { try text.split(validationFraction: fraction) }
    }
    #expect(throws: RecurrentError.self) { try TextDataset("", from: "x") }
  }
}
