import RecurrentCore
import RecurrentData

/// Encoded sources as a search sees them.
///
/// Products of up to four rows or columns are summed in another order than larger ones. So there are at least five sources, of which
/// the last are repeated, and, if the scores of the attention are products, at least five source steps and, unless each source has
/// a single hypothesis, five hypotheses: a source has the same results alone and in any batch.
package struct DecodedSources: DecodedModel {
  /// The least number of rows and columns of a product whose sums do not depend on it.
  private static let least = 5

  package let sourceLengths: [Int]
  private let network: any EncoderDecoder
  private let tape: Tape
  /// The least number of hypotheses of a source that are computed.
  private let leastPlaces: Int
  /// What the decoder attends to, which outlives the pass.
  private var memory: [Tensor]
  /// The valid steps of each source of the memory.
  private var lengths: [Int32]
  private var state: [Tensor]
  /// The number of sources of the search; the memory has more if they are few.
  private var sources: Int
  /// The log probabilities of the last step, `[computed hypotheses · sources of the memory, tokens]`; the memory is used again.
  private var values: [Float] = []

  /// Reads sources.
  /// - Parameters:
  ///   - network: Is on the device of the tape.
  ///   - sources: The tokens of each, with the boundary at the end.
  ///   - width: The largest number of hypotheses of a source.
  ///   - tape: Is in evaluation mode meanwhile.
  /// - Throws: `RecurrentError` if a token is not in the vocabulary.
  package init(_ network: any EncoderDecoder, _ sources: [[Int32]], width: Int, on tape: Tape) throws {
    (self.network, self.tape, self.sources) = (network, tape, sources.count)
    leastPlaces = network.multipliesQueries && width > 1 ? Self.least : 1
    sourceLengths = sources.map(\.count)
    let all = Self.padded(Array(sources.indices)).map { sources[$0] }
    lengths = all.map { Int32($0.count) }
    tape.mode = .evaluation
    tape.reset()
    let steps = max(sourceLengths.max() ?? 0, Self.least)
    let encoded = try network.encode(SequencePadding().batch(all, steps: steps).tokens(on: tape))
    memory = try encoded.memory.map { try $0.detached() }
    state = try encoded.state.map { try $0.detached() }
  }

  /// Indices of sources, the last one repeated until there are enough.
  private static func padded(_ sources: [Int]) -> [Int] {
    sources + [Int](repeating: sources.last ?? 0, count: max(0, least - sources.count))
  }

  package var tokenCount: Int { network.targetEmbedding.weight.shape[0] }

  package mutating func step(tokens: [Int32], parents: [Int32], kept: [Int32]?) throws -> DecoderStep {
    tape.reset()
    // The number of sources of the memory before and after sources are dropped.
    let (before, all) = (sources, lengths.count)
    if let kept { try drop(all: Self.padded(kept.map(Int.init))) }
    sources = kept?.count ?? sources
    let places = tokens.count / sources
    // Further hypotheses repeat the first one.
    let computed = max(places, leastPlaces)
    let columns = Self.padded(Array(0..<sources))
    var (inputs, rows): ([Int32], [Int32]) = ([], [])
    for place in (0..<computed).map({ $0 < places ? $0 : 0 }) {
      for column in columns {
        let parent = Int(parents[place * sources + column])
        inputs.append(tokens[place * sources + column])
        rows.append(Int32(parent / before * all + parent % before))
      }
    }
    let output = try network.decode(
      network.targetEmbedding(tape.tokens(inputs, steps: 1, batchSize: inputs.count)),
      EncodedSources(memory: memory, lengths: tape.lengths(lengths), state: state.map { try $0.rowsOfSecondAxis(rows) })
    )
    try network.logits(of: output.readouts).logSoftmax().read(into: &values)
    let weights = try output.weights?.values()
    state = try output.state.map { try $0.detached() }
    return DecoderStep(
      logProbabilities: withoutRepeated(places: places), attention: weights.map { ordered($0, places, of: computed) })
  }

  /// The values of a step without those of repeated sources and hypotheses.
  private func withoutRepeated(places: Int) -> [Float] {
    let (all, row) = (lengths.count, tokenCount)
    guard values.count != places * sources * row else { return values }
    return (0..<places).reduce(into: []) { $0 += values[$1 * all * row..<($1 * all + sources) * row] }
  }

  /// The weights `[sources of the memory, computed places, T]` as rows `[places · sources, T]`.
  private func ordered(_ weights: [Float], _ places: Int, of computed: Int) -> [Float] {
    let steps = weights.count / (lengths.count * computed)
    var rows: [Float] = []
    for place in 0..<places {
      for source in 0..<sources {
        let row = source * computed + place
        rows += weights[row * steps..<(row + 1) * steps]
      }
    }
    return rows
  }

  /// Keeps some sources of the memory.
  private mutating func drop(all kept: [Int]) throws {
    lengths = kept.map { lengths[$0] }
    memory = try memory.map { try $0.rowsOfSecondAxis(kept.map(Int32.init)).detached() }
  }
}
