import RecurrentCore
import RecurrentModel

/// How the target sequences of sources are found.
enum SequenceSearch {
  /// The best ones.
  case best(BeamSearch)
  /// Random ones; the first source has this number, which selects its random streams.
  case sampled(SequenceSampler, from: Int)
  /// A given one for each source, which is scored as the search scores its own.
  case given([[Int32]], BeamSearch)

  /// The largest number of hypotheses of a source.
  var width: Int {
    switch self {
    case .best(let search): search.beam
    case .sampled(let sampler, _): sampler.count
    case .given: 1
    }
  }

  /// The hypotheses of some sources, best first.
  /// - Parameter indices: The indices of the sources among all.
  func decode(_ model: inout some DecodedModel, indices: [Int]) throws -> [[Hypothesis]] {
    switch self {
    case .best(let search): try search.decode(&model)
    case .sampled(let sampler, let first): try sampler.decode(&model, numbers: indices.map { first + $0 })
    case .given(let targets, let search): try search.score(indices.map { targets[$0] }, by: &model).map { [$0] }
    }
  }
}
