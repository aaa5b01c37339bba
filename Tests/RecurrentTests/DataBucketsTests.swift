import Recurrent
import Testing

/// Batches of similar lengths.
struct DataBucketsTests {
  /// As lengths of texts are: many short, few long.
  private static let lengths: [Int] = {
    var random = RandomSource(seed: 5)
    return (0..<5000).map { _ in 20 + Int(200 * random.uniform() * random.uniform() / (0.05 + random.uniform())) }
  }()

  @Test(arguments: [1, 7, 32, 5000, .max])
  func everyExampleOnceAnEpoch(batch: Int) throws {
    let buckets = try LengthBuckets(lengths: Self.lengths, batch: batch, seed: 3)
    let far = 8 * Self.lengths.sorted()[2499]
    for batches in [buckets.batches(epoch: 0), buckets.batches(epoch: 1)] {
      #expect(batches.count == buckets.count)
      #expect(batches.joined().sorted() == Array(Self.lengths.indices))
      // All but the last are whole; in the largest there is nothing that is far longer than most.
      let whole = batch < 5000 ? batches : batches.filter { $0.contains { Self.lengths[$0] <= far } }
      #expect(whole.count { $0.count != min(batch, 5000) } <= 1)
    }
    #expect(buckets.sorted.joined().sorted() == Array(Self.lengths.indices))
    #expect(buckets.sorted.allSatisfy { $0.count <= batch })
  }

  /// One long example does not make others as long.
  @Test func longExamplesAreMeasuredAlone() throws {
    let lengths = [3, 200_000, 2, 100_000, 1, 4]
    let buckets = try LengthBuckets(lengths: lengths, batch: 50)
    #expect(buckets.sorted == [[4, 2, 0, 5], [3], [1]])
  }

  /// Nor does it in training, where all others still meet by chance, in whole batches.
  @Test func longExamplesAreTrainedOnAlone() throws {
    let (far, near) = ([70_000, 3000, 60_000, 200_000], Array(repeating: 10, count: 95) + [80])
    let buckets = try LengthBuckets(lengths: near + far, batch: 50)
    for batches in [buckets.batches(epoch: 0), buckets.batches(epoch: 1)] {
      #expect(batches.count == buckets.count && batches.joined().sorted() == Array(0..<100))
      #expect(Set(batches.filter { $0.count < 46 }) == [[97, 98], [96], [99]])
    }
    #expect(buckets.padding < 0.2)
    // Where most are long, a batch is as large as it is said to be.
    let long = try LengthBuckets(lengths: Array(repeating: 5000, count: 60) + near[..<40], batch: 50)
    #expect(long.batches(epoch: 0).map(\.count) == [50, 50])
  }

  @Test func aSeedAndAnEpochGiveTheSameBatches() throws {
    let buckets = try LengthBuckets(lengths: Self.lengths, batch: 32, seed: 3)
    #expect(try LengthBuckets(lengths: Self.lengths, batch: 32, seed: 3).batches(epoch: 4) == buckets.batches(epoch: 4))
    #expect(buckets.batches(epoch: 4) != buckets.batches(epoch: 5))
    #expect(try LengthBuckets(lengths: Self.lengths, batch: 32, seed: 4).batches(epoch: 4) != buckets.batches(epoch: 4))
    // The first batches are not those of the shortest.
    let means = buckets.batches(epoch: 0).prefix(20).map { batch in
      batch.reduce(0) { $0 + Self.lengths[$1] } / batch.count
    }
    #expect(means != means.sorted() && means != means.sorted(by: >))
  }

  @Test func littleIsPadding() throws {
    let buckets = try LengthBuckets(lengths: Self.lengths, batch: 32, seed: 3)
    let unsorted = stride(from: 0, to: 5000, by: 32).map { Array($0..<min($0 + 32, 5000)) }
    #expect(buckets.padding(of: unsorted) > 0.6)
    #expect(buckets.padding < 0.25)
    #expect(buckets.padding(of: buckets.sorted) < 0.05)
    #expect(try LengthBuckets(lengths: [2, 4], batch: 2).padding == 0.25)
  }

  @Test func nothingAndBadSizes() throws {
    let none = try LengthBuckets(lengths: [], batch: 4)
    #expect(none.batches(epoch: 0).isEmpty && none.sorted.isEmpty && none.count == 0 && none.padding == 0)
    #expect(try LengthBuckets(lengths: [0, 0], batch: 4).padding == 0)
    #expect(
      message { _ = try LengthBuckets(lengths: [1], batch: 0) } == "LengthBuckets: batch is 0; it must be at least 1")
  }
}
