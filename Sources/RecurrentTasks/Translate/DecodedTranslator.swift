import RecurrentCore
import RecurrentData
import RecurrentModel

/// A translator as a search sees it.
///
/// Products of up to four rows or columns are summed in another order than larger ones. So there are at least five sources, of which
/// the last are repeated, and, if the scores of the attention are products, at least five source steps and five hypotheses: a
/// source has the same results alone and in any batch.
struct DecodedTranslator: DecodedModel {
  /// The least number of rows and columns of a product whose sums do not depend on it.
  private static let least = 5

  let sourceLengths: [Int]
  private let model: Translator
  private let tape: Tape
  /// The memory of the sources, which outlives the pass; nil without attention.
  private var memory: (keys: Tensor, values: Tensor)?
  /// The valid steps of each source of the memory.
  private var lengths: [Int32]
  private var state: AttentionDecoder.State
  /// The number of sources of the search; the memory has more if they are few.
  private var sources: Int

  /// Reads sources, each with the boundary at its end.
  /// - Throws: `RecurrentError` if a token is not in the vocabulary.
  init(_ model: Translator, _ sources: [[Int32]], on tape: Tape) throws {
    (self.model, self.tape, self.sources) = (model, tape, sources.count)
    sourceLengths = sources.map(\.count)
    let all = Self.padded(Array(sources.indices)).map { sources[$0] }
    lengths = all.map { Int32($0.count) }
    tape.mode = .evaluation
    tape.reset()
    let steps = max(sourceLengths.max() ?? 0, Self.least)
    let encoded = try model.encode(SequencePadding().batch(all, steps: steps).tokens(on: tape))
    memory = try encoded.memory.map { (try $0.keys.detached(), try $0.values.detached()) }
    state = AttentionDecoder.State(try encoded.state.detached())
  }

  /// Indices of sources, the last one repeated until there are enough.
  private static func padded(_ sources: [Int]) -> [Int] {
    sources + [Int](repeating: sources.last ?? 0, count: max(0, least - sources.count))
  }

  var tokenCount: Int { model.decoder.embedding.weight.shape[0] }

  mutating func step(tokens: [Int32], parents: [Int32], kept: [Int32]?) throws -> DecoderStep {
    tape.reset()
    // The number of sources of the memory before and after sources are dropped.
    let (before, all) = (sources, lengths.count)
    if let kept { try drop(all: Self.padded(kept.map(Int.init))) }
    sources = kept?.count ?? sources
    let places = tokens.count / sources
    // Further hypotheses repeat the first one.
    let computed = [.dot, .general].contains(model.decoder.kind) ? max(places, Self.least) : places
    let columns = Self.padded(Array(0..<sources))
    var (inputs, rows): ([Int32], [Int32]) = ([], [])
    for place in (0..<computed).map({ $0 < places ? $0 : 0 }) {
      for column in columns {
        let parent = Int(parents[place * sources + column])
        inputs.append(tokens[place * sources + column])
        rows.append(Int32(parent / before * all + parent % before))
      }
    }
    let memory = try memory.map {
      try AttentionMemory(keys: $0.keys, values: $0.values, lengths: tape.lengths(lengths))
    }
    let output = try model.decoder(
      tape.tokens(inputs, steps: 1, batchSize: inputs.count), state: state.rows(rows, on: tape), memory: memory)
    let values = try model.decoder.logits(of: output.readouts).logSoftmax().values()
    let weights = try output.weights?.values()
    state = try output.state.detached()
    return DecoderStep(
      logProbabilities: withoutRepeated(values, places: places),
      attention: weights.map { ordered($0, places, of: computed) })
  }

  /// Values `[computed places · sources of the memory, tokens]` without those that are repeated.
  private func withoutRepeated(_ values: [Float], places: Int) -> [Float] {
    let (all, row) = (lengths.count, tokenCount)
    guard values.count != places * sources * row else { return values }
    var rows: [Float] = []
    for place in 0..<places { rows += values[place * all * row..<(place * all + sources) * row] }
    return rows
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
    let before = lengths.count
    lengths = kept.map { lengths[$0] }
    guard let (keys, values) = memory else { return }
    let steps = values.shape[0]
    let places = try tape.labels((0..<steps).flatMap { step in kept.map { Int32(step * before + $0) } })
    func gathered(_ part: Tensor) throws -> Tensor {
      let width = part.shape[2]
      return try part.reshaped([steps * before, width]).rows(at: places).reshaped([steps, kept.count, width]).detached()
    }
    memory = (try gathered(keys), try gathered(values))
  }
}

extension AttentionDecoder.State {
  /// The states of some rows.
  fileprivate func rows(_ rows: [Int32], on tape: Tape) throws -> AttentionDecoder.State {
    let gathered = { (part: Tensor) in
      let (layers, count) = (part.shape[0], part.shape[1])
      let places = (0..<layers).flatMap { layer in rows.map { Int32(layer * count) + $0 } }
      return try part.reshaped([layers * count, part.shape[2]]).rows(at: tape.labels(places)).reshaped([
        layers, rows.count, part.shape[2],
      ])
    }
    var state = AttentionDecoder.State(
      RecurrentState(h: try gathered(recurrent.h), c: try recurrent.c.map(gathered)))
    state.readout = try readout?.rows(at: tape.labels(rows))
    return state
  }

  /// A copy that outlives the pass.
  fileprivate func detached() throws -> AttentionDecoder.State {
    var state = AttentionDecoder.State(try recurrent.detached())
    state.readout = try readout?.detached()
    return state
  }
}
