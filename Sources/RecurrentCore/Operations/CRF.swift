/// The operands of a linear-chain conditional random field (Lafferty et al. 2001): per row, a sequence of emissions and
/// tags.
///
/// The score of the tags `y` of a row of L steps is `start[y₀] + Σₜ emissions[t, yₜ] + Σₜ transitions[yₜ₋₁, yₜ] +
/// end[y_L₋₁]`, and their likelihood is `e^score` divided by the sum of `e^score` over all Kᴸ sequences.
public struct CRFSequence {
  /// `[T·N, K]`, time first.
  package let emissions: Region
  /// T·N tags below K; those past a row's length are ignored.
  package let tags: Indices
  /// N lengths from 0 to T; nil if all steps are valid.
  package let lengths: Indices?
  /// `[K, K]`: the score of the transition from one tag (row) to the next (column).
  package let transitions: Region
  /// `[1, K]`, the score of each first tag.
  package let start: Region
  /// `[1, K]`, the score of each last tag.
  package let end: Region
  /// `[T·N, 2·K]`, saved by the forward pass for the gradient; the content is up to the backend.
  package let alphas: Region
  /// The batch size, N.
  package let batch: Int

  /// The operands of a CRF.
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
      "emissions \(emissions.shape) , batch \(batch), \(tags.count) tags, transitions \(transitions.shape), "
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

  /// The number of steps T.
  package var steps: Int { emissions.rows / batch }
  /// The number of tags K.
  package var tagCount: Int { emissions.columns }
}

/// `losses[n]` = the negative log-likelihood of the tags of row n, in nats; 0 for a row of length 0.
public struct ApplyCRF {
  /// Emissions, tags and parameters.
  package let sequence: CRFSequence
  /// `[N, 1]`.
  package let losses: Region

  /// The loss of a CRF for each row.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public init(_ sequence: CRFSequence, losses: Region) throws {
    try require(losses.isColumn(sequence.batch), "CRF", "batch \(sequence.batch), losses \(losses.shape)")
    self.sequence = sequence
    self.losses = losses
  }
}

/// The gradients of `ApplyCRF`: the marginal probability of each tag at each step, or of each pair of tags at adjacent
/// steps, minus 1 for the row's own tags; summed over steps and rows for the parameters. 0 past a row's length.
public struct ApplyCRFBackward {
  /// The operands, with the values saved by the forward pass.
  package let sequence: CRFSequence
  /// `[N, 1]`, the gradient of each loss.
  package let upstream: Region
  /// `[T·N, K]`, or nil if not wanted.
  package let dEmissions: Output?
  /// `[K, K]`, or nil if not wanted.
  package let dTransitions: Output?
  /// `[1, K]`, or nil if not wanted.
  package let dStart: Output?
  /// `[1, K]`, or nil if not wanted.
  package let dEnd: Output?

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
      "batch \(sequence.batch), upstream \(upstream.shape), into "
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
