import RecurrentCore

/// How sequences of different lengths become one array of T steps: what longer ones lose, and where shorter ones are filled.
///
/// Keras' `pad_sequences` has both at the start by default; PyTorch's `pad_sequence` fills at the end.
public struct SequencePadding: Codable, Sendable, Hashable {
  /// One of the two ends of a sequence.
  public enum End: String, Codable, Sendable, Hashable, CaseIterable {
    /// Before the first step: "pre".
    case start
    /// After the last step: "post".
    case end
  }

  /// A batch of sequences. T steps, N rows, time first: step t of row n is element `t·N + n`.
  public struct Batch: Sendable, Hashable {
    /// T·N tokens; those that fill are −1, of which an embedding makes rows of 0.
    public var tokens: [Int32]
    /// T.
    public var steps: Int
    /// N.
    public var rows: Int
    /// The steps that count of each row, where rows are filled at their ends; nil where they are filled at the start: a
    /// recurrent layer then reads the filling like any step, as Keras' do without a mask.
    public var lengths: [Int32]?
  }

  /// The most steps that a sequence keeps, or nil for all.
  public var limit: Int?
  /// Where longer sequences are cut.
  public var cut: End
  /// Where shorter sequences are filled.
  public var fill: End

  /// Nothing is cut, and shorter sequences are filled at the end.
  public init() { (limit, cut, fill) = (nil, .start, .end) }

  /// By default nothing is cut, and shorter sequences are filled at the end.
  /// - Throws: `RecurrentError.invalidArgument` if the limit is not positive.
  public init(limit: Int?, cut: End = .start, fill: End = .end) throws {
    if let limit { try requirePositive([("the limit of steps", limit)], at: "padding") }
    (self.limit, self.cut, self.fill) = (limit, cut, fill)
  }

  /// What is left of a sequence: its first steps where the end is cut, else its last.
  public func kept(_ sequence: [Int32]) -> ArraySlice<Int32> {
    guard let limit else { return sequence[...] }
    return cut == .start ? sequence.suffix(limit) : sequence.prefix(limit)
  }

  /// Sequences side by side.
  /// - Parameter steps: T, of which longer sequences lose the rest; nil for the longest that is left.
  public func batch(_ sequences: [[Int32]], steps: Int? = nil) -> Batch {
    let rows = sequences.map(kept)
    let steps = max(0, steps ?? rows.map(\.count).max() ?? 0)
    var tokens = [Int32](repeating: -1, count: steps * rows.count)
    for (n, row) in rows.enumerated() {
      let row = cut == .start ? row.suffix(steps) : row.prefix(steps)
      let first = fill == .start ? steps - row.count : 0
      for (t, token) in row.enumerated() { tokens[(first + t) * rows.count + n] = token }
    }
    let lengths = rows.map { Int32(min($0.count, steps)) }
    return Batch(tokens: tokens, steps: steps, rows: rows.count, lengths: fill == .end ? lengths : nil)
  }
}
