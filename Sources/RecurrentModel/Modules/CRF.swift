import RecurrentCore

/// A linear-chain conditional random field (Lafferty et al. 2001) as the output layer of a tagger: it scores whole
/// sequences of K tags.
///
/// The score of a row's tags is the sum of an emission per step, a transition per pair of adjacent tags, and a score
/// each for the first and the last tag. Parameters, with the names of pytorch-crf: `start_transitions [K]`,
/// `end_transitions [K]` and `transitions [K, K]`, from the row's tag to the column's.
public final class CRF: Module {
  /// `[K]`, the score of each first tag.
  public let start: Parameter
  /// `[K]`, the score of each last tag.
  public let end: Parameter
  /// `[K, K]`, the score of the transition from one tag (row) to the next (column).
  public let transitions: Parameter
  /// The number of tags K.
  public let tags: Int

  /// A CRF of `tags` tags, its scores initialized uniform within ±0.1.
  /// - Throws: `RecurrentError.invalidArgument` if `tags` is not positive.
  public init(tags: Int) throws {
    try requireSizes([("tags", tags)], at: "CRF")
    self.tags = tags
    start = Parameter([tags], .uniform(0.1))
    end = Parameter([tags], .uniform(0.1))
    transitions = Parameter([tags, tags], .uniform(0.1))
  }

  /// The parameters, with pytorch-crf's names and order.
  public var members: [Member] {
    [
      .parameter("start_transitions", start), .parameter("end_transitions", end),
      .parameter("transitions", transitions),
    ]
  }

  /// `CRF(9)`.
  public var summary: String { "CRF(\(tags))" }

  /// The negative log-likelihood of tags, in nats: the mean over the rows with at least one step.
  /// - Parameters:
  ///   - emissions: `[T, N, K]`, a score per step and tag.
  ///   - tags: `[T, N]`, below K; those past a row's length are ignored.
  ///   - lengths: The number of valid steps per row; nil if all are valid.
  /// - Throws: `RecurrentError` if the shapes do not match, or a tag is not in `0 ..< K`.
  public func negativeLogLikelihood(emissions: Tensor, tags: Tokens, lengths: Lengths? = nil) throws -> Tensor {
    let tape = emissions.tape
    let (steps, rows) = try check(emissions, lengths)
    let counts = lengths?.values ?? [Int32](repeating: Int32(steps), count: rows)
    try check(tags, steps, counts, on: tape)
    let (a, b, c) = (try transitions.tensor(on: tape), try start.tensor(on: tape), try end.tensor(on: tape))
    let sequence = try CRFSequence(
      batch: rows, emissions: emissions.region, tags: tags.indices, lengths: lengths?.indices, transitions: a.region,
      start: b.region, end: c.region, alphas: tape.allocate(rows: steps * rows, columns: 2 * self.tags))
    let losses = try tape.allocate(rows: rows, columns: 1)
    try tape.backend.crf(ApplyCRF(sequence, losses: losses))
    let each = try tape.recordWriting(losses, shape: [rows, 1], from: [emissions, a, b, c]) { tape, upstream, outputs in
      try tape.backend.crfBackward(
        ApplyCRFBackward(
          sequence, upstream: upstream, dEmissions: outputs[0], dTransitions: outputs[1], dStart: outputs[2],
          dEnd: outputs[3]))
    }
    return try each.sum().scaled(by: 1 / Float(max(counts.count { $0 > 0 }, 1)))
  }

  /// The most likely tags of each row (Viterbi 1967), as many as its length; ties go to the lowest tag. Waits for the
  /// device.
  /// - Parameters:
  ///   - emissions: `[T, N, K]`.
  ///   - lengths: The number of valid steps per row; nil if all are valid.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public func decode(_ emissions: Tensor, lengths: Lengths? = nil) throws -> [[Int32]] {
    let (steps, rows) = try check(emissions, lengths)
    let chain = Viterbi(
      scores: try emissions.values(), transitions: try transitions.values(), start: try start.values(),
      end: try end.values(), rows: rows)
    return (0..<rows).map { row in chain.best(row, length: lengths.map { Int($0.values[row]) } ?? steps) }
  }

  private func check(_ emissions: Tensor, _ lengths: Lengths?) throws -> (steps: Int, batchSize: Int) {
    let shape = emissions.shape
    guard shape.count == 3, shape[1] > 0, shape[2] == tags else {
      throw RecurrentError(
        .shapeMismatch, "emissions of shape \(shape) for \(tags) tags", at: "CRF",
        remedy: "give one score per step, row and tag: [steps, rows, \(tags)]")
    }
    try emissions.tape.check([emissions])
    try lengths?.check(steps: shape[0], batchSize: shape[1], on: emissions.tape, at: "CRF")
    return (shape[0], shape[1])
  }

  private func check(_ tokens: Tokens, _ steps: Int, _ lengths: [Int32], on tape: Tape) throws {
    guard tokens.indices.count == steps * lengths.count else {
      throw RecurrentError(
        .shapeMismatch, "\(tokens.indices.count) tags for \(steps) steps of \(lengths.count) rows", at: "CRF",
        remedy: "give one tag per step and row, time first")
    }
    try tokens.check(
      below: tags, on: tape, at: "CRF", remedy: "create the CRF with the number of tags of the data; tags start at 0")
    for (place, tag) in try tokens.values().enumerated()
    where tag < 0 && place / lengths.count < lengths[place % lengths.count] {
      throw RecurrentError(
        .invalidData, "tag \(tag) at step \(place / lengths.count) of row \(place % lengths.count)", at: "CRF",
        remedy: "every step within a row's length needs a tag of at least 0")
    }
  }
}

/// The most likely path through a row's scores, in Double.
private struct Viterbi {
  let scores: [Float]
  let transitions: [Float]
  let start: [Float]
  let end: [Float]
  let rows: Int

  func best(_ row: Int, length: Int) -> [Int32] {
    guard length > 0 else { return [] }
    let tags = start.count
    var best = (0..<tags).map { Double(start[$0]) + score(0, row, $0) }
    var before: [[Int]] = []
    for step in 1..<max(length, 1) {
      let from = (0..<tags).map { to in first(ofLargest: tags) { best[$0] + Double(transitions[$0 * tags + to]) } }
      best = (0..<tags).map { best[from[$0]] + Double(transitions[from[$0] * tags + $0]) + score(step, row, $0) }
      before.append(from)
    }
    var path = [first(ofLargest: tags) { best[$0] + Double(end[$0]) }]
    for from in before.reversed() { path.append(from[path[path.count - 1]]) }
    return path.reversed().map { Int32($0) }
  }

  private func score(_ step: Int, _ row: Int, _ tag: Int) -> Double {
    Double(scores[(step * rows + row) * start.count + tag])
  }

  private func first(ofLargest count: Int, _ value: (Int) -> Double) -> Int {
    var (best, largest) = (0, value(0))
    for place in 1..<max(count, 1) {
      let value = value(place)
      if value > largest { (best, largest) = (place, value) }
    }
    return best
  }
}
