import RecurrentCore
import RecurrentModel

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A decoder whose next token depends on the source and the two tokens before. It checks the rows that a search asks for.
struct DecodedTrigrams: DecodedModel {
  struct RowError: Error {}

  var tokenCount = 4
  /// The random stream of each source: the same number gives the same probabilities in any batch.
  var sources: [Int] = [0]
  var sourceLengths: [Int]
  /// Attention in step with the tokens, or none.
  var attends = true
  /// Set on a log probability, if any.
  var replaced: (token: Int, value: Float)?

  /// The sources and number of rows of each step so far.
  private(set) var steps: [(sources: [Int], rows: Int)] = []
  private var histories: [(source: Int, tokens: [Int32])] = []

  init(tokenCount: Int = 4, sources: [Int] = [0], sourceLengths: [Int]? = nil, attends: Bool = true) {
    self.tokenCount = tokenCount
    self.sources = sources
    self.sourceLengths = sourceLengths ?? sources.map { 2 + $0 % 3 }
    self.attends = attends
  }

  /// The log probabilities after some tokens, the first of which is the boundary.
  func logProbabilities(source: Int, after tokens: [Int32]) -> [Float] {
    let context = tokens.suffix(2).reduce(source) { ($0 + 1) * 31 + Int($1) }
    var random = RandomSource(seed: 5, stream: UInt32(context))
    let logits = (0..<tokenCount).map { _ in 1.5 * random.normal() }
    let total = log(logits.reduce(0) { $0 + exp($1) })
    return logits.map { Float($0 - total) }
  }

  /// The weights of attention after some tokens.
  func attention(source: Int, after tokens: [Int32], steps: Int) -> [Float] {
    var random = RandomSource(seed: 6, stream: UInt32(1000 * source + tokens.reduce(0) { $0 * 3 + Int($1) } % 1000))
    let weights = (0..<steps).map { _ in random.uniform() }
    return weights.map { Float($0 / weights.reduce(0, +)) }
  }

  mutating func step(tokens: [Int32], parents: [Int32], kept: [Int32]?) throws -> DecoderStep {
    let former = steps.last?.sources ?? sources
    let active = kept.map { $0.map { former[Int($0)] } } ?? former
    if histories.isEmpty { histories = sources.map { ($0, []) } }
    guard tokens.count == parents.count, tokens.count % active.count == 0 else { throw RowError() }
    steps.append((active, tokens.count))
    histories = zip(tokens, parents).map { token, parent in
      (histories[Int(parent)].source, histories[Int(parent)].tokens + [token])
    }
    for (row, history) in histories.enumerated() where history.source != active[row % active.count] {
      throw RowError()
    }
    var result = DecoderStep(logProbabilities: [], attention: attends ? [] : nil)
    let width = sourceLengths.max()! + 1
    for (source, tokens) in histories {
      var values = logProbabilities(source: source, after: tokens)
      if let replaced { values[replaced.token] = replaced.value }
      result.logProbabilities += values
      let steps = sourceLengths[sources.firstIndex(of: source)!]
      // Beyond the valid steps there are weights that must not be read.
      result.attention? +=
        attention(source: source, after: tokens, steps: steps) + Array(repeating: .nan, count: width - steps)
    }
    return result
  }

  /// All sequences of a source with the log probabilities of their tokens and the boundary.
  func sequences(source: Int, lengths: ClosedRange<Int>) -> [(tokens: [Int32], logProbabilities: [Float])] {
    var found: [(tokens: [Int32], logProbabilities: [Float])] = []
    var open: [(tokens: [Int32], logProbabilities: [Float])] = [([], [])]
    for length in 0...lengths.upperBound {
      var longer: [(tokens: [Int32], logProbabilities: [Float])] = []
      for (tokens, values) in open {
        let next = logProbabilities(source: source, after: [Int32(tokenCount - 1)] + tokens)
        if lengths.contains(length) { found.append((tokens, values + [next[tokenCount - 1]])) }
        for token in 0..<(tokenCount - 1) { longer.append((tokens + [Int32(token)], values + [next[token]])) }
      }
      open = longer
    }
    return found
  }
}
