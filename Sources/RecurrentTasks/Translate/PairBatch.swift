import RecurrentCore
import RecurrentData
import RecurrentModel

/// Tokenized pairs.
package struct EncodedPairs: EncodedExamples {
  /// The tokens of each source, with the boundary at the end.
  package let sources: [[Int32]]
  /// The tokens of each target, without boundaries.
  package let targets: [[Int32]]
  private let boundary: Int32
  /// How the subwords of each epoch are drawn; nil if they are the same in all of them.
  private let dropout: SubwordDropout?

  /// Tokenizes pairs for a translator.
  /// - Parameters:
  ///   - limit: The maximum number of tokens of a side, without the boundary; longer pairs are left out, as are those with a
  ///     side without tokens.
  ///   - dropout: The probability with which a merge of subwords is left out in an epoch.
  ///   - seed: The random seed of the draws.
  /// - Throws: `RecurrentError.invalidData` that names a token that is not in a vocabulary without an unknown symbol;
  ///   `.invalidModel` if subwords are to be drawn for such a vocabulary.
  package init(
    _ pairs: [TextPair], _ source: TextCodec, _ target: TextCodec, limit: Int?, dropout: Double = 0, seed: UInt64 = 0
  ) throws {
    let sources = try source.encode(pairs.map { ($0.source, $0.location) })
    let targets = try target.encode(pairs.map { ($0.target, $0.targetLocation) })
    let kept = pairs.indices.filter {
      let lengths = [sources[$0].count, targets[$0].count]
      return lengths.allSatisfy { (1...(limit ?? .max)).contains($0) }
    }
    self.init(
      kept.map { sources[$0] }, kept.map { targets[$0] }, source, target,
      dropout: try dropout > 0
        ? SubwordDropout(kept.map { pairs[$0] }, source, target, probability: dropout, seed: seed) : nil)
  }

  private init(
    _ sources: [[Int32]], _ targets: [[Int32]], _ source: TextCodec, _ target: TextCodec, dropout: SubwordDropout?
  ) {
    self.sources = sources.map { $0 + [source.boundary] }
    (self.targets, boundary, self.dropout) = (targets, target.boundary, dropout)
  }

  /// The pairs with the subwords of an epoch.
  package func drawn(epoch: Int) -> Self {
    guard let dropout else { return self }
    let (sources, targets) = dropout.tokens(epoch: epoch)
    return Self(sources, targets, dropout.source, dropout.target, dropout: dropout)
  }

  /// The number of source steps of each pair.
  package var lengths: [Int] { sources.map(\.count) }
  /// The number of target steps of each pair.
  package var otherLengths: [Int] { targets.map { $0.count + 1 } }

  package var fingerprint: String {
    RecurrentTasks.fingerprint(of: (sources + targets + [lengths.map(Int32.init)]).joined())
  }

  package func batch(_ places: [Int]) -> PairBatch {
    PairBatch(places.map { sources[$0] }, places.map { targets[$0] }, boundary: boundary)
  }
}

/// A batch of pairs on the host. S target steps, batch size N.
package struct PairBatch {
  /// The sources.
  package let sources: SequencePadding.Batch
  /// The number of target steps, S.
  package let steps: Int
  /// The token before each step, `[S, N]`; the boundary where a target has ended.
  package let inputs: [Int32]
  /// The indices of the steps in `[S, N]` that count, those of a row after those of another.
  package let countedSteps: [Int32]
  /// The token after each of them.
  package let targets: [Int32]

  init(_ sources: [[Int32]], _ targets: [[Int32]], boundary: Int32) {
    self.sources = SequencePadding().batch(sources)
    let rows = targets.count
    steps = (targets.map(\.count).max() ?? 0) + 1
    var inputs = [Int32](repeating: boundary, count: steps * rows)
    var (counted, outputs): ([Int32], [Int32]) = ([], [])
    for (row, target) in targets.enumerated() {
      for (step, token) in (target + [boundary]).enumerated() {
        counted.append(Int32(step * rows + row))
        outputs.append(token)
        if step + 1 < steps { inputs[(step + 1) * rows + row] = token }
      }
    }
    (self.inputs, countedSteps, self.targets) = (inputs, counted, outputs)
  }
}
