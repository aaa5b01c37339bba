import RecurrentData
import RecurrentCore
import RecurrentModel

/// Examples as a model reads them: texts with labels, or sentences with tags.
protocol EncodedExamples {
  associatedtype Batch

  /// The steps of each example.
  var lengths: [Int] { get }
  /// Tells the examples from others.
  var fingerprint: String { get }

  /// Some of the examples side by side.
  func batch(_ places: [Int]) -> Batch
}

extension EncodedExamples {
  /// Batches of all examples by length, to measure with.
  func batches(ofRows rows: Int) throws -> some Sequence<Batch> {
    try LengthBuckets(lengths: lengths, batch: rows).sorted.lazy.map(batch)
  }

  /// What a model gives for each example, in their order; they are read in batches by length.
  func inOrder<Element>(rows: Int, of model: (Batch) throws -> [[Element]]) throws -> [[Element]] {
    var results = [[Element]](repeating: [], count: lengths.count)
    for places in try LengthBuckets(lengths: lengths, batch: rows).sorted {
      for (place, result) in zip(places, try model(batch(places))) { results[place] = result }
    }
    return results
  }
}

extension LabelledTexts: EncodedExamples {
  var fingerprint: String {
    RecurrentTasks.fingerprint(
      of: (tokens + (spellings?.parts ?? []) + [classes, tokens.map { Int32($0.count) }]).joined())
  }
}

extension TaggedTexts: EncodedExamples {
  var fingerprint: String {
    RecurrentTasks.fingerprint(of: (words + (spellings?.parts ?? []) + tags + [words.map { Int32($0.count) }]).joined())
  }
}

extension Spellings {
  /// All that they are.
  fileprivate var parts: [[Int32]] { words + texts }
}

/// What a run on examples trains and validates on.
struct ExampleData<Examples: EncodedExamples> {
  let training: Examples
  let validation: Examples
  private let buckets: LengthBuckets
  private let rows: Int

  init(training: Examples, validation: Examples, _ options: TrainingOptions) throws {
    (self.training, self.validation, rows) = (training, validation, options.batch)
    buckets = try LengthBuckets(lengths: training.lengths, batch: options.batch, seed: options.seed)
  }

  /// Whether something is set apart to validate on.
  var validates: Bool { !validation.lengths.isEmpty }

  /// The batches of an epoch.
  var stepsPerEpoch: Int { buckets.count }

  /// The share of a batch's steps that is padding, as people read it.
  var paddingText: String { "\((buckets.padding * 100).text(1)) % of a batch is padding" }

  /// How many examples the model is validated on, as people read it.
  var validationText: String { validates ? " (and \(validation.lengths.count.grouped) to validate on)" : "" }

  /// The batches of an epoch, from 0, to train on.
  func batches(epoch: Int) -> AnySequence<Examples.Batch> {
    AnySequence(buckets.batches(epoch: epoch).lazy.map(training.batch))
  }

  /// The batches to validate on.
  func validationBatches() throws -> some Sequence<Examples.Batch> { try validation.batches(ofRows: rows) }
}

extension TrainingSettings {
  /// The settings with the fingerprints of the examples that were read.
  /// - Throws: `RecurrentError.invalidData` if they are not those of the run that goes on.
  func checked(_ examples: ExampleData<some EncodedExamples>) throws -> Self {
    try checked([
      (data, examples.training.fingerprint), (validation ?? data, examples.validation.fingerprint),
    ])
  }
}
