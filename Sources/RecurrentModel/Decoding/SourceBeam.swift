import RecurrentCore

/// The beam search of one source.
struct SourceBeam: SourceSearch {
  private struct Live {
    var node: Int
    var logProbability: Double
  }

  private struct Ended {
    var node: Int
    var boundaryLogProbability: Float
    var score: Double
  }

  private let search: BeamSearch
  private let longest: Int
  private var tree: HypothesisTree
  private var live = [Live(node: HypothesisTree.root, logProbability: 0)]
  /// Best first; of equal ones, the one that ended first.
  private var ended: [Ended] = []
  /// The length of the live hypotheses.
  private var length = 0
  private(set) var continuations: [Continuation]

  /// The start of a search.
  init(_ search: BeamSearch, boundary: Int32, sourceLength: Int) {
    self.search = search
    longest = search.constraints.longest(sourceLength: sourceLength)
    tree = HypothesisTree(sourceLength: sourceLength)
    continuations = [Continuation(token: boundary, parent: 0)]
  }

  /// The n best hypotheses that have ended, best first.
  var hypotheses: [Hypothesis] {
    ended.prefix(search.nBest).map {
      tree.hypothesis(
        through: $0.node, boundaryLogProbability: $0.boundaryLogProbability, score: $0.score)
    }
  }

  mutating func advance(_ rows: SourceRows) throws {
    try search.check(rows)
    for (index, hypothesis) in live.enumerated() {
      if let weights = rows.attention(index) { tree.setAttention(weights, after: hypothesis.node) }
    }
    let candidates = try candidates(rows)
    length += 1
    let parents = live
    (live, continuations) = ([], [])
    for (rank, candidate) in candidates.enumerated() {
      let parent = parents[candidate.hypothesis].node
      if candidate.token == rows.boundary {
        if rank < search.beam { end(candidate, after: parent) }
      } else if live.count < search.beam {
        live.append(
          Live(
            node: tree.append(candidate.token, logProbability: candidate.logProbability, to: parent),
            logProbability: candidate.total))
        continuations.append(Continuation(token: candidate.token, parent: candidate.hypothesis))
      }
    }
    if ended.count >= search.beam || !canImprove { continuations = [] }
    guard !ended.isEmpty || !continuations.isEmpty else {
      throw RecurrentError(
        .diverged, "no allowed token has a probability above 0", at: "beam search",
        remedy: "use a checkpoint from before training diverged")
    }
  }

  /// The most probable continuations of the live hypotheses, best first.
  private func candidates(_ rows: SourceRows) throws -> [Candidate] {
    var best = BestCandidates(capacity: 2 * search.beam)
    for (index, hypothesis) in live.enumerated() {
      let values = rows.logProbabilities(index)
      if length == longest {
        let value = values[Int(rows.boundary)]
        try best.add(
          Candidate(
            total: hypothesis.logProbability + Double(value), hypothesis: index, token: rows.boundary,
            logProbability: value))
      } else {
        try best.add(
          values, hypothesis: index, total: hypothesis.logProbability,
          excluding: search.constraints.excludedTokens(
            after: tree.tokens(to: hypothesis.node), length: length, tokenCount: rows.tokenCount))
      }
    }
    return best.sorted()
  }

  /// Adds a hypothesis that has ended.
  private mutating func end(_ candidate: Candidate, after node: Int) {
    let score = search.score(candidate.total, length: length, tree, through: node)
    let index = ended.firstIndex { $0.score < score } ?? ended.count
    ended.insert(Ended(node: node, boundaryLogProbability: candidate.logProbability, score: score), at: index)
  }

  /// Whether a live hypothesis can still enter the n-best list.
  private var canImprove: Bool {
    guard let best = live.first else { return false }
    guard ended.count >= search.nBest else { return true }
    return best.logProbability / search.normalization.divisor(length: longest + 1) > ended[search.nBest - 1].score
  }
}
