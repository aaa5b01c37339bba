import RecurrentCore
import RecurrentData

/// Pairs whose words are split into subwords anew in each epoch, by only some of the merges: BPE dropout (Provilkov, Emelianenko
/// and Voita 2020).
struct SubwordDropout {
  let source: TextCodec
  let target: TextCodec
  private let pairs: [TextPair]
  private let probability: Double
  private let seed: UInt64

  /// - Parameters:
  ///   - probability: The probability with which a merge is left out.
  ///   - seed: The random seed; the same seed and epoch give the same subwords.
  /// - Throws: `RecurrentError.invalidModel` if a vocabulary of subwords has no unknown symbol.
  init(_ pairs: [TextPair], _ source: TextCodec, _ target: TextCodec, probability: Double, seed: UInt64) throws {
    guard [source, target].allSatisfy({ $0.subwords == nil || $0.vocabulary.unknown != nil }) else {
      throw RecurrentError(
        .invalidModel, "a vocabulary of subwords has no unknown symbol, so no merge can be left out",
        remedy: "train without subword dropout")
    }
    (self.pairs, self.source, self.target, self.probability, self.seed) = (pairs, source, target, probability, seed)
  }

  /// The tokens of both sides in an epoch, from 0, without boundaries.
  func tokens(epoch: Int) -> (sources: [[Int32]], targets: [[Int32]]) {
    var random = RandomSource(seed: seed, stream: RandomSource.subwordStream(epoch: epoch))
    do {
      return (
        try source.encode(pairs.map { ($0.source, $0.location) }, dropout: probability, from: &random),
        try target.encode(pairs.map { ($0.target, $0.targetLocation) }, dropout: probability, from: &random)
      )
    } catch {
      preconditionFailure(
        "subwords that are not in the vocabulary are its unknown symbol, and the texts were encoded before")
    }
  }
}
