import RecurrentCore

/// A text split into B parallel rows, read T steps at a time (truncated backpropagation through time).
///
/// Row `b` is the contiguous piece of the text that starts at token `b · length`, so that the state after a batch is the
/// state before the next. Targets are the tokens one step later. Iterating again starts from the beginning.
public struct Streams: Sequence, Sendable {
  /// The batch size, B.
  public let batchSize: Int
  /// The steps per batch, T; the last batch may have fewer if the remainder is kept.
  public let steps: Int
  /// The number of tokens read of each row.
  public let length: Int

  private let tokens: ArraySlice<Int32>
  private let rowLength: Int

  /// Splits tokens into streams.
  /// - Parameters:
  ///   - tokens: The text.
  ///   - batchSize: B.
  ///   - steps: T.
  ///   - keepsRemainder: Whether a last, shorter batch holds the steps that are left: to measure, not to train.
  ///   - location: The source of the text, for errors.
  /// - Throws: `RecurrentError` if a number is below 1, or the text is too short for one batch; the error gives sizes that fit.
  public init(
    _ tokens: ArraySlice<Int32>, batchSize: Int, steps: Int, keepsRemainder: Bool = false, location: String = "text"
  ) throws {
    guard batchSize >= 1, steps >= 1 else {
      throw RecurrentError(
        .invalidArgument, "a batch size of \(batchSize) and \(steps.counted("step"))", at: location,
        remedy: "use at least 1 of each"
      )
    }
    let rowLength = Swift.max(tokens.count - 1, 0) / batchSize
    guard rowLength >= (keepsRemainder ? 1 : steps) else {
      throw Self.tooShort(tokens.count, batchSize, keepsRemainder ? 1 : steps, location)
    }
    self.tokens = tokens
    self.batchSize = batchSize
    self.steps = steps
    self.rowLength = rowLength
    self.length = keepsRemainder ? rowLength : rowLength / steps * steps
  }

  /// Splits an array of tokens into streams.
  /// - Throws: `RecurrentError` if a number is below 1, or the text is too short for one batch; the error gives sizes that fit.
  public init(
    _ tokens: [Int32], batchSize: Int, steps: Int, keepsRemainder: Bool = false, location: String = "text"
  ) throws {
    try self.init(tokens[...], batchSize: batchSize, steps: steps, keepsRemainder: keepsRemainder, location: location)
  }

  /// The number of batches.
  public var count: Int { length == 0 ? 0 : (length - 1) / steps + 1 }

  /// The batches, from the first.
  public func makeIterator() -> AnyIterator<SequenceBatch> {
    AnyIterator((0..<count).lazy.map(batch).makeIterator())
  }

  /// A batch by index: `[T, B]` tokens, and the targets, one step later.
  public func batch(_ number: Int) -> SequenceBatch {
    let start = tokens.startIndex + number * steps
    let steps = Swift.min(steps, length - number * self.steps)
    func slice(from start: Int) -> [Int32] {
      (0..<steps * batchSize).map { tokens[$0 % batchSize * rowLength + start + $0 / batchSize] }
    }
    return SequenceBatch(
      inputs: slice(from: start), targets: slice(from: start + 1), steps: steps, batchSize: batchSize,
      continues: number > 0)
  }

  private static func tooShort(_ count: Int, _ batchSize: Int, _ steps: Int, _ location: String) -> RecurrentError {
    // Fewer rows, or shorter ones, than this teach little.
    let least = 5
    let needed = batchSize.saturatingTimes(steps)
    let (mostRows, mostSteps) = ((count - 1) / steps, (count - 1) / batchSize)
    var fit = [
      mostRows >= least ? "a `batchSize` of at most \(mostRows.grouped)" : nil,
      mostSteps >= least ? "`steps` of at most \(mostSteps.grouped)" : nil,
    ].compactMap(\.self)
    if fit.isEmpty, count > least {
      fit = ["a `batchSize` of 1 with `steps` of at most \(Swift.min(count - 1, steps).grouped)"]
    }
    return RecurrentError(
      .invalidData,
      "has \(count.counted("token")), fewer than the \((needed + 1).grouped) that "
        + (needed == 1 ? "a loss" : "a batch of \(batchSize.grouped) sequences of \(steps.grouped)") + " needs",
      at: location, remedy: "use " + (fit + ["a longer text"]).joined(separator: ", or "))
  }
}
