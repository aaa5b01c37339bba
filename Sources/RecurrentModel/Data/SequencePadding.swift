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

    /// The tokens `[T, N]` with their lengths, on the device for a pass.
    /// - Throws: `RecurrentError.shapeMismatch` if the number of tokens is not T·N, or a length is not in `0 ... T`.
    public func tokens(on tape: Tape) throws -> Tokens {
      try tape.tokens(tokens, steps: steps, rows: rows, lengths: lengths)
    }
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
  public func kept<Element>(_ sequence: [Element]) -> ArraySlice<Element> {
    guard let limit else { return sequence[...] }
    return cut == .start ? sequence.suffix(limit) : sequence.prefix(limit)
  }

  /// Sequences of tokens side by side.
  /// - Parameters:
  ///   - sequences: Of each row the tokens.
  ///   - steps: T, of which longer sequences lose the rest; nil for the longest that is left.
  public func batch(_ sequences: [[Int32]], steps: Int? = nil) -> Batch {
    let layout = Layout(sequences.map(kept), steps: steps, self)
    var tokens = [Int32](repeating: -1, count: layout.steps * layout.rows.count)
    layout.forEach { place, token in tokens[place] = token }
    return Batch(tokens: tokens, steps: layout.steps, rows: layout.rows.count, lengths: layout.lengths)
  }

  /// Rows that are cut, and the places of their elements.
  private struct Layout<Element> {
    let rows: [ArraySlice<Element>]
    let steps: Int
    /// nil where rows are filled at the start.
    let lengths: [Int32]?
    private let fill: End

    init(_ rows: [ArraySlice<Element>], steps wanted: Int?, _ padding: SequencePadding) {
      let steps = max(0, wanted ?? rows.map(\.count).max() ?? 0)
      self.rows = rows.map { padding.cut == .start ? $0.suffix(steps) : $0.prefix(steps) }
      self.steps = steps
      fill = padding.fill
      lengths = padding.fill == .end ? self.rows.map { Int32($0.count) } : nil
    }

    func forEach(_ body: (_ place: Int, _ element: Element) throws -> Void) rethrows {
      for (n, row) in rows.enumerated() {
        let first = fill == .start ? steps - row.count : 0
        for (t, element) in row.enumerated() { try body((first + t) * rows.count + n, element) }
      }
    }
  }
}

// MARK: - Sequences of numbers

extension SequencePadding {
  /// A batch of sequences of numbers. T steps, N rows, D features, time first: feature d of step t of row n is element
  /// `(t·N + n)·D + d`.
  public struct NumberBatch: Sendable, Hashable {
    /// `[T, N, D]`; what fills is 0.
    public var values: [Float]
    /// T.
    public var steps: Int
    /// N.
    public var rows: Int
    /// D.
    public var features: Int
    /// The steps that count of each row, where rows are filled at their ends; nil where they are filled at the start: a
    /// recurrent layer then reads the filling like any step.
    public var lengths: [Int32]?

    /// The numbers on the device for a pass, `[T, N, D]`.
    /// - Throws: `RecurrentError.shapeMismatch` if the number of values is not T·N·D.
    public func tensor(on tape: Tape) throws -> Tensor { try tape.tensor(values, shape: [steps, rows, features]) }

    /// The lengths on the device for a pass; nil where rows have none.
    /// - Throws: `RecurrentError.outOfMemory`; what the device throws.
    public func lengths(on tape: Tape) throws -> Lengths? { try lengths.map { try tape.lengths($0) } }
  }

  /// Sequences of numbers side by side.
  /// - Parameters:
  ///   - sequences: Of each row the steps, of each step its D features.
  ///   - features: D; nil for that of the first step that there is.
  ///   - steps: T, of which longer sequences lose the rest; nil for the longest that is left.
  /// - Throws: `RecurrentError.shapeMismatch`, which names the row and the step, if one has another number of features.
  public func batch(_ sequences: [[[Float]]], features: Int? = nil, steps: Int? = nil) throws -> NumberBatch {
    let features = features ?? sequences.lazy.compactMap(\.first).first?.count ?? 0
    for (row, sequence) in sequences.enumerated() {
      guard let step = sequence.firstIndex(where: { $0.count != features }) else { continue }
      throw RecurrentError(
        .shapeMismatch, "step \(step) of sequence \(row) has \(sequence[step].count) features, not \(features)",
        at: "padding", remedy: "give every step the same features")
    }
    let layout = Layout(sequences.map(kept), steps: steps, self)
    var values = [Float](repeating: 0, count: layout.steps * layout.rows.count * features)
    layout.forEach { place, step in
      values.replaceSubrange(place * features..<(place + 1) * features, with: step)
    }
    return NumberBatch(
      values: values, steps: layout.steps, rows: layout.rows.count, features: features, lengths: layout.lengths)
  }
}
