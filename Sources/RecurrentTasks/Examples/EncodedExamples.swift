import RecurrentCore
import RecurrentData
import RecurrentModel

/// Tokenized examples with labels.
protocol EncodedExamples {
  associatedtype Batch

  /// The steps of each example.
  var lengths: [Int] { get }
  /// The steps of what is predicted of each example, by which examples of the same length are sorted; empty if there are none.
  var otherLengths: [Int] { get }
  /// A hash of the examples.
  var fingerprint: String { get }

  /// The examples of an epoch, from 0, as many as these: the examples themselves, or drawn at random anew.
  func drawn(epoch: Int) -> Self

  /// A batch of some of the examples.
  func batch(_ places: [Int]) -> Batch
}

extension EncodedExamples {
  var otherLengths: [Int] { [] }

  func drawn(epoch: Int) -> Self { self }

  /// Batches of all examples, sorted by length, for evaluation.
  func batches(ofRows rows: Int) throws -> some Sequence<Batch> {
    try LengthBuckets(lengths: lengths, others: otherLengths, batch: rows).sorted.lazy.map(batch)
  }

  /// The results of a model for all examples, in their order; batches are sorted by length.
  func inOrder<Element>(rows: Int, of model: (Batch) throws -> [[Element]]) throws -> [[Element]] {
    var results = [[Element]](repeating: [], count: lengths.count)
    for places in try LengthBuckets(lengths: lengths, batch: rows).sorted {
      for (place, result) in zip(places, try model(batch(places))) { results[place] = result }
    }
    return results
  }
}

extension WordCharacterLists {
  /// All characters, for the hash.
  var parts: [[Int32]] { words + texts }
}

/// The training and validation examples of a run.
struct ExampleData<Examples: EncodedExamples> {
  let training: Examples
  let validation: Examples
  private let buckets: LengthBuckets
  private let rows: Int

  init(training: Examples, validation: Examples, _ options: TrainingOptions<some CellChoice>) throws {
    (self.training, self.validation, rows) = (training, validation, options.batch)
    buckets = try LengthBuckets(
      lengths: training.lengths, others: training.otherLengths, batch: options.batch, seed: options.seed)
  }

  /// Whether there are validation examples.
  var validates: Bool { !validation.lengths.isEmpty }

  /// The number of batches per epoch.
  var stepsPerEpoch: Int { buckets.count }

  /// The percentage of padding in a batch, as text.
  var paddingText: String { "\((buckets.padding * 100).text(1)) % of a batch is padding" }

  /// The number of validation examples, as text.
  var validationText: String { validates ? " (and \(validation.lengths.count.grouped) to validate on)" : "" }

  /// The training batches of an epoch, from 0.
  func batches(epoch: Int) -> AnySequence<Examples.Batch> {
    let drawn = training.drawn(epoch: epoch)
    let batches = buckets.batches(epoch: epoch, lengths: drawn.lengths, others: drawn.otherLengths)
    return AnySequence(batches.lazy.map(drawn.batch))
  }

  /// The validation batches.
  func validationBatches() throws -> some Sequence<Examples.Batch> { try validation.batches(ofRows: rows) }
}

extension TrainingSettings {
  /// The settings with the fingerprints of the examples that were read.
  /// - Throws: `RecurrentError.invalidData` if they are not those of the resumed run.
  func checked(_ examples: ExampleData<some EncodedExamples>) throws -> Self {
    try checked([
      (data, examples.training.fingerprint), (validation ?? data, examples.validation.fingerprint),
    ])
  }
}
