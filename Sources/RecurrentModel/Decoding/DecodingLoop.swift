import RecurrentCore

/// The search of one source. It sees the rows of its own hypotheses only, so its result does not depend on the batch.
protocol SourceSearch {
  /// The hypotheses of the next step; empty once the search has ended. At first the boundary.
  var continuations: [Continuation] { get }
  /// Reads a step of `continuations`, and decides the next ones.
  mutating func advance(_ rows: SourceRows) throws
}

/// A hypothesis of the next step.
struct Continuation {
  /// Its last token.
  var token: Int32
  /// The index of the hypothesis of the step before that it continues.
  var parent: Int
}

/// The rows of a step that belong to the hypotheses of a source.
struct SourceRows {
  fileprivate let values: UnsafeBufferPointer<Float>
  fileprivate let weights: UnsafeBufferPointer<Float>?
  fileprivate let rowCount: Int
  fileprivate let sourceCount: Int
  fileprivate let source: Int
  fileprivate let sourceLength: Int

  /// The number of tokens.
  var tokenCount: Int { values.count / rowCount }
  /// The boundary.
  var boundary: Int32 { Int32(tokenCount - 1) }

  /// The log probabilities of the tokens that follow a hypothesis.
  func logProbabilities(_ index: Int) -> UnsafeBufferPointer<Float> {
    let start = (index * sourceCount + source) * tokenCount
    return UnsafeBufferPointer(rebasing: values[start..<(start + tokenCount)])
  }

  /// The weights of attention of a hypothesis, for the valid steps of the source; nil without attention.
  func attention(_ index: Int) -> UnsafeBufferPointer<Float>? {
    weights.map { weights in
      let start = (index * sourceCount + source) * (weights.count / rowCount)
      return UnsafeBufferPointer(rebasing: weights[start..<(start + sourceLength)])
    }
  }
}

extension DecodedModel {
  /// Runs a search for each source until all have ended. Sources that have ended are dropped once they are a quarter.
  mutating func run<Search: SourceSearch>(_ searches: inout [Search]) throws {
    let lengths = sourceLengths
    // The sources with rows. Of those that have ended and are not dropped yet, the rows are computed and not read.
    var active = Array(searches.indices)
    var kept: [Int]?
    var tokens = [Int32](repeating: Int32(tokenCount - 1), count: active.count)
    var parents = active.map(Int32.init)
    while searches.contains(where: { !$0.continuations.isEmpty }) {
      let step = try step(tokens: tokens, parents: parents, kept: kept?.map(Int32.init))
      try require(step, rows: tokens.count, sourceSteps: active.map { lengths[$0] }.max() ?? 0)
      try step.logProbabilities.withUnsafeBufferPointer { values in
        try (step.attention ?? []).withUnsafeBufferPointer { weights in
          for (source, search) in active.enumerated() where !searches[search].continuations.isEmpty {
            try searches[search].advance(
              SourceRows(
                values: values, weights: step.attention.map { _ in weights }, rowCount: tokens.count,
                sourceCount: active.count, source: source, sourceLength: lengths[search]))
          }
        }
      }
      let remaining = active.indices.filter { !searches[active[$0]].continuations.isEmpty }
      kept = 4 * remaining.count <= 3 * active.count ? remaining : nil
      let sources = kept ?? Array(active.indices)
      (tokens, parents) = ([], [])
      for index in 0..<(sources.map { searches[active[$0]].continuations.count }.max() ?? 0) {
        for source in sources {
          let continuations = searches[active[source]].continuations
          let continuation =
            index < continuations.count
            ? continuations[index] : Continuation(token: Int32(tokenCount - 1), parent: 0)
          tokens.append(continuation.token)
          parents.append(Int32(continuation.parent * active.count + source))
        }
      }
      active = sources.map { active[$0] }
    }
  }

  /// Throws unless a step has the shapes of its rows.
  private func require(_ step: DecoderStep, rows: Int, sourceSteps: Int) throws {
    guard step.logProbabilities.count == rows * tokenCount else {
      throw RecurrentError(
        .shapeMismatch, "\(step.logProbabilities.count) log probabilities for \(rows) rows of \(tokenCount) tokens",
        at: "decoding")
    }
    if let attention = step.attention {
      guard attention.count % rows == 0, attention.count / rows >= sourceSteps else {
        throw RecurrentError(
          .shapeMismatch, "\(attention.count) weights of attention for \(rows) rows of \(sourceSteps) source steps",
          at: "decoding")
      }
    }
  }
}
