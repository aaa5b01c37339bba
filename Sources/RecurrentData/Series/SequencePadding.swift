import RecurrentCore

/// Truncation and padding of sequences of different lengths to T steps: at which end each is applied.
///
/// Keras' `pad_sequences` applies both at the start by default; PyTorch's `pad_sequence` pads at the end.
public struct SequencePadding: Codable, Sendable, Hashable {
  /// An end of a sequence.
  public enum End: String, Codable, Sendable, Hashable, CaseIterable {
    /// Before the first step; Keras: "pre".
    case start
    /// After the last step; Keras: "post".
    case end
  }

  /// A batch of token sequences. T steps, batch size N, time first: step t of row n is element `t·N + n`.
  public struct Batch: Sendable, Hashable {
    /// T·N tokens; padding tokens are −1, which an embedding maps to zeros.
    public var tokens: [Int32]
    /// The number of steps T.
    public var steps: Int
    /// The batch size N.
    public var batchSize: Int
    /// The number of valid steps per row, if rows are padded at the end; nil if they are padded at the start: a
    /// recurrent layer then reads the padding like any step, as in Keras without a mask.
    public var lengths: [Int32]?
  }

  /// The largest number of steps to keep; nil for all.
  public var limit: Int?
  /// The end at which longer sequences are truncated.
  public var truncating: End
  /// The end at which shorter sequences are padded.
  public var padding: End

  /// The keys of `config.json`.
  private enum CodingKeys: String, CodingKey {
    case limit
    case truncating = "cut"
    case padding = "fill"
  }

  /// No truncation; padding at the end.
  public init() { (limit, truncating, padding) = (nil, .start, .end) }

  /// By default, no truncation; padding at the end.
  /// - Throws: `RecurrentError.invalidArgument` if the limit is not positive.
  public init(limit: Int?, truncating: End = .start, padding: End = .end) throws {
    if let limit { try requirePositive([("the limit of steps", limit)], at: "padding") }
    (self.limit, self.truncating, self.padding) = (limit, truncating, padding)
  }

  /// The steps of a sequence that are kept: the first ones if the end is truncated, else the last.
  public func kept<Element>(_ sequence: [Element]) -> ArraySlice<Element> {
    guard let limit else { return sequence[...] }
    return truncating == .start ? sequence.suffix(limit) : sequence.prefix(limit)
  }

  /// A batch of token sequences.
  /// - Parameters:
  ///   - sequences: The tokens of each row.
  ///   - steps: T, to which longer sequences are truncated; nil for the longest after the limit.
  public func batch(_ sequences: [[Int32]], steps: Int? = nil) -> Batch {
    let layout = Layout(sequences.map(kept), steps: steps, self)
    var tokens = [Int32](repeating: -1, count: layout.steps * layout.rows.count)
    layout.forEach { place, token in tokens[place] = token }
    return Batch(tokens: tokens, steps: layout.steps, batchSize: layout.rows.count, lengths: layout.lengths)
  }

  /// Truncated rows, and the positions of their elements.
  private struct Layout<Element> {
    let rows: [ArraySlice<Element>]
    let steps: Int
    /// Nil if rows are padded at the start.
    let lengths: [Int32]?
    private let padding: End

    init(_ rows: [ArraySlice<Element>], steps wanted: Int?, _ padding: SequencePadding) {
      let steps = max(0, wanted ?? rows.map(\.count).max() ?? 0)
      self.rows = rows.map { padding.truncating == .start ? $0.suffix(steps) : $0.prefix(steps) }
      self.steps = steps
      self.padding = padding.padding
      lengths = padding.padding == .end ? self.rows.map { Int32($0.count) } : nil
    }

    func forEach(_ body: (_ place: Int, _ element: Element) throws -> Void) rethrows {
      for (n, row) in rows.enumerated() {
        let first = padding == .start ? steps - row.count : 0
        for (t, element) in row.enumerated() { try body((first + t) * rows.count + n, element) }
      }
    }
  }
}

// MARK: - Sequences of feature vectors

extension SequencePadding {
  /// A batch of sequences of feature vectors. T steps, batch size N, D features, time first: feature d of step t of row
  /// n is element `(t·N + n)·D + d`.
  public struct NumberBatch: Sendable, Hashable {
    /// `[T, N, D]`; padding is 0.
    public var values: [Float]
    /// The number of steps T.
    public var steps: Int
    /// The batch size N.
    public var batchSize: Int
    /// The number of features D.
    public var features: Int
    /// The number of valid steps per row, if rows are padded at the end; nil if they are padded at the start: a
    /// recurrent layer then reads the padding like any step.
    public var lengths: [Int32]?
  }

  /// A batch of sequences of feature vectors.
  /// - Parameters:
  ///   - sequences: The steps of each row, with D features per step.
  ///   - features: D; nil for that of the first step.
  ///   - steps: T, to which longer sequences are truncated; nil for the longest after the limit.
  /// - Throws: `RecurrentError.shapeMismatch`, with row and step, if the number of features differs.
  public func batch(_ sequences: [[[Float]]], features: Int? = nil, steps: Int? = nil) throws -> NumberBatch {
    let features = features ?? sequences.lazy.compactMap(\.first).first?.count ?? 0
    for (row, sequence) in sequences.enumerated() {
      guard let step = sequence.firstIndex(where: { $0.count != features }) else { continue }
      throw RecurrentError(
        .shapeMismatch, "step \(step) of sequence \(row) has \(sequence[step].count) features, not \(features)",
        at: "padding", remedy: "every step needs the same number of features")
    }
    let layout = Layout(sequences.map(kept), steps: steps, self)
    var values = [Float](repeating: 0, count: layout.steps * layout.rows.count * features)
    layout.forEach { place, step in
      values.replaceSubrange(place * features..<(place + 1) * features, with: step)
    }
    return NumberBatch(
      values: values, steps: layout.steps, batchSize: layout.rows.count, features: features, lengths: layout.lengths)
  }
}
