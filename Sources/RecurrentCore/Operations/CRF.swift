/// What a linear-chain conditional random field (Lafferty et al. 2001) scores: for each row a sequence of tags, each with an
/// emission of its step.
///
/// The score of the tags `y` of a row of L steps is
/// `start[y₀] + Σₜ emissions[t, yₜ] + Σₜ transitions[yₜ₋₁, yₜ] + end[y_L₋₁]`, and their likelihood `e^score` over the sum of
/// `e^score` of all Kᴸ sequences.
public struct CRFSequence {
  /// `[T·N, K]`, time first.
  public let emissions: Region
  /// T·N tags below K; past a row's length they count nothing.
  public let tags: Indices
  /// N lengths from 0 to T, or nil for all steps.
  public let lengths: Indices?
  /// `[K, K]`: the score of going from a tag, the row, to a tag, the column.
  public let transitions: Region
  /// `[1, K]`, the score of starting with a tag.
  public let start: Region
  /// `[1, K]`, the score of ending with a tag.
  public let end: Region
  /// `[T·N, 2·K]`, saved by the forward pass for the gradient; what it holds is the backend's own affair.
  public let alphas: Region
  /// N.
  public let batch: Int

  /// Sequences of tags.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public init(
    batch: Int, emissions: Region, tags: Indices, lengths: Indices? = nil, transitions: Region, start: Region,
    end: Region, alphas: Region
  ) throws {
    let (rows, tagCount) = (emissions.rows, emissions.columns)
    try require(
      batch > 0 && rows.isMultiple(of: batch) && tagCount > 0 && tags.count == rows
        && lengths.map { $0.count == batch } ?? true && transitions.hasShape(rows: tagCount, columns: tagCount)
        && [start, end].allSatisfy { $0.hasShape(rows: 1, columns: tagCount) }
        && alphas.hasShape(rows: rows, columns: 2 * tagCount),
      "CRF",
      "emissions \(emissions.shape) in \(batch) rows, \(tags.count) tags, transitions \(transitions.shape), "
        + "start \(start.shape), end \(end.shape), alphas \(alphas.shape)")
    self.batch = batch
    self.emissions = emissions
    self.tags = tags
    self.lengths = lengths
    self.transitions = transitions
    self.start = start
    self.end = end
    self.alphas = alphas
  }

  /// T.
  public var steps: Int { emissions.rows / batch }
  /// K.
  public var tagCount: Int { emissions.columns }
}

/// `losses[n]` = the negative logarithm of the likelihood of row n's tags, in nats; 0 for a row of length 0.
public struct ApplyCRF {
  /// What is scored.
  public let sequence: CRFSequence
  /// `[N, 1]`.
  public let losses: Region

  /// The loss of a CRF for each row.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public init(_ sequence: CRFSequence, losses: Region) throws {
    try require(losses.isColumn(sequence.batch), "CRF", "\(sequence.batch) rows, losses \(losses.shape)")
    self.sequence = sequence
    self.losses = losses
  }
}

/// The gradients of `ApplyCRF`: how likely a tag is at a step, or a pair of tags at two, given the emissions, less 1 where it
/// is the row's own; summed over all steps and rows for the parameters. Past a row's length it is 0.
public struct ApplyCRFBackward {
  /// What was scored, with what the forward pass saved.
  public let sequence: CRFSequence
  /// `[N, 1]`, the gradients of the losses.
  public let upstream: Region
  /// `[T·N, K]`, or nil if not wanted.
  public let dEmissions: Output?
  /// `[K, K]`, or nil.
  public let dTransitions: Output?
  /// `[1, K]`, or nil.
  public let dStart: Output?
  /// `[1, K]`, or nil.
  public let dEnd: Output?

  /// The gradients of a CRF.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public init(
    _ sequence: CRFSequence, upstream: Region, dEmissions: Output? = nil, dTransitions: Output? = nil,
    dStart: Output? = nil, dEnd: Output? = nil
  ) throws {
    let pairs = [
      (dEmissions, sequence.emissions), (dTransitions, sequence.transitions), (dStart, sequence.start),
      (dEnd, sequence.end),
    ]
    try require(
      upstream.isColumn(sequence.batch) && pairs.allSatisfy { $0?.region.hasShape($1) ?? true }, "CRF backward",
      "\(sequence.batch) rows, upstream \(upstream.shape), into "
        + pairs.map { $0.0?.region.shape ?? "nothing" }.joined(separator: ", "))
    self.sequence = sequence
    self.upstream = upstream
    self.dEmissions = dEmissions
    self.dTransitions = dTransitions
    self.dStart = dStart
    self.dEnd = dEnd
  }
}

extension Region {
  fileprivate func hasShape(rows: Int, columns: Int) -> Bool { self.rows == rows && self.columns == columns }
}
