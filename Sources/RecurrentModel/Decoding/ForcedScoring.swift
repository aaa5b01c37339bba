import RecurrentCore

extension BeamSearch {
  /// Scores given sequences as the search scores its own: the log probability of each token, and the score.
  /// - Parameters:
  ///   - targets: The tokens of a sequence for each source, without the boundary. Constraints do not apply.
  /// - Throws: `RecurrentError.shapeMismatch` if the number of targets is not that of sources; `.invalidArgument` if a token
  ///   is out of range; `.diverged` if a log probability is NaN or +∞.
  package func score(_ targets: [[Int32]], by model: inout some DecodedModel) throws -> [Hypothesis] {
    let lengths = model.sourceLengths
    guard targets.count == lengths.count else {
      throw RecurrentError(.shapeMismatch, "\(targets.count) targets for \(lengths.count) sources", at: "scoring")
    }
    let boundary = Int32(model.tokenCount - 1)
    for token in targets.joined() where token < 0 || token >= boundary {
      throw RecurrentError(
        .invalidArgument, "token \(token) is out of range (\(boundary) tokens and the boundary)", at: "scoring")
    }
    var searches = zip(targets, lengths).map {
      ForcedSource(search: self, target: $0, sourceLength: $1, boundary: boundary)
    }
    try model.run(&searches)
    return searches.compactMap(\.hypothesis)
  }
}

/// A source whose target is given.
private struct ForcedSource: SourceSearch {
  private let search: BeamSearch
  private let target: [Int32]
  private var tree: HypothesisTree
  private var node = HypothesisTree.root
  private var length = 0
  private var logProbability = 0.0
  private(set) var continuations: [Continuation]
  /// The scored target; nil before the end.
  private(set) var hypothesis: Hypothesis?

  init(search: BeamSearch, target: [Int32], sourceLength: Int, boundary: Int32) {
    self.search = search
    self.target = target
    tree = HypothesisTree(sourceLength: sourceLength)
    continuations = [Continuation(token: boundary, parent: 0)]
  }

  mutating func advance(_ rows: SourceRows) throws {
    try search.check(rows)
    if let weights = rows.attention(0) { tree.setAttention(weights, after: node) }
    let token = length < target.count ? target[length] : rows.boundary
    let value = rows.logProbabilities(0)[Int(token)]
    guard value < .infinity else { throw divergence(token: token, logProbability: value) }
    logProbability += Double(value)
    length += 1
    if token == rows.boundary {
      hypothesis = tree.hypothesis(
        through: node, boundaryLogProbability: value,
        score: search.score(logProbability, length: length, tree, through: node))
      continuations = []
    } else {
      node = tree.append(token, logProbability: value, to: node)
      continuations = [Continuation(token: token, parent: 0)]
    }
  }
}
