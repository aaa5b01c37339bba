import RecurrentCore

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension ReferenceBackend {
  /// The forward algorithm.
  package func crf(_ operation: ApplyCRF) throws {
    let (chain, losses) = (Chain(operation.sequence), OracleMatrix(operation.losses))
    for row in 0..<losses.rows {
      chain.fillAlphas(row)
      losses[row, 0] = chain.loss(row)
    }
  }

  /// The forward–backward algorithm.
  package func crfBackward(_ operation: ApplyCRFBackward) throws {
    let chain = Chain(operation.sequence)
    var gradients = ChainGradients(operation)
    for row in 0..<operation.sequence.batch { chain.backward(row, into: &gradients) }
    gradients.finish(operation)
  }
}

/// The tag sequences of a batch. Scores of other paths are relative to that of a row's own tags, which is thus 0 at
/// every step: sums stay as exact as the loss.
private struct Chain {
  let batch: Int
  let steps: Int
  let tagCount: Int
  private let emissions, transitions, start, end, alphas: OracleMatrix
  private let tags: UnsafeMutablePointer<Int32>
  private let lengths: UnsafeMutablePointer<Int32>?

  init(_ sequence: CRFSequence) {
    (batch, steps, tagCount) = (sequence.batch, sequence.steps, sequence.tagCount)
    emissions = OracleMatrix(sequence.emissions)
    transitions = OracleMatrix(sequence.transitions)
    (start, end, alphas) = (OracleMatrix(sequence.start), OracleMatrix(sequence.end), OracleMatrix(sequence.alphas))
    (tags, lengths) = (sequence.tags.start, sequence.lengths?.start)
  }

  func length(_ row: Int) -> Int { lengths.map { Int($0[row]) } ?? steps }
  private func tag(_ step: Int, _ row: Int) -> Int { Int(tags[step * batch + row]) }

  /// The score that a step adds to the row's own path.
  private func gain(_ step: Int, _ row: Int) -> Double {
    let to = tag(step, row)
    return (step == 0 ? start[0, to] : transitions[tag(step - 1, row), to]) + emissions[step * batch + row, to]
  }

  /// The log of the sum over all paths to each tag at each step.
  func fillAlphas(_ row: Int) {
    for step in 0..<length(row) {
      let (place, gain) = (step * batch + row, gain(step, row))
      for to in 0..<tagCount {
        let arriving =
          step == 0 ? start[0, to] : logSum(tagCount) { alphas[place - batch, $0] + transitions[$0, to] }
        alphas[place, to] = arriving + emissions[place, to] - gain
      }
    }
  }

  func loss(_ row: Int) -> Double {
    let last = length(row) - 1
    guard last >= 0 else { return 0 }
    return logSum(tagCount) { alphas[last * batch + row, $0] + end[0, $0] } - end[0, tag(last, row)]
  }

  func backward(_ row: Int, into gradients: inout ChainGradients) {
    let (length, loss) = (length(row), loss(row))
    for step in length..<max(steps, length) { gradients.putNothing(step * batch + row) }
    guard length > 0 else { return }
    var betas = (0..<tagCount).map { end[0, $0] - end[0, tag(length - 1, row)] }
    for step in (0..<length).reversed() {
      let (place, own) = (step * batch + row, tag(step, row))
      let marginals = (0..<tagCount).map { exp(alphas[place, $0] + betas[$0] - loss) }
      gradients.put(marginals, place, row, own, isFirst: step == 0, isLast: step == length - 1)
      guard step > 0 else { continue }
      let gain = gain(step, row)
      let ahead = { [betas] (from: Int, to: Int) in transitions[from, to] + emissions[place, to] + betas[to] - gain }
      for from in 0..<tagCount {
        for to in 0..<tagCount {
          let likelihood = exp(alphas[place - batch, from] + ahead(from, to) - loss)
          gradients.put(likelihood, row, from, to, isOwn: from == tag(step - 1, row) && to == own)
        }
      }
      betas = (0..<tagCount).map { from in logSum(tagCount) { ahead(from, $0) } }
    }
  }
}

/// The accumulated gradients of a backward pass.
private struct ChainGradients {
  private let upstream: OracleMatrix
  private let emissions: Sink?
  private let tagCount: Int
  private var transitions: [Double]
  private var start: [Double]
  private var end: [Double]

  init(_ operation: ApplyCRFBackward) {
    upstream = OracleMatrix(operation.upstream)
    emissions = operation.dEmissions.map { Sink($0) }
    tagCount = operation.sequence.tagCount
    transitions = [Double](repeating: 0, count: tagCount * tagCount)
    start = [Double](repeating: 0, count: tagCount)
    end = start
  }

  /// The gradient of a step past a row's length: 0.
  func putNothing(_ place: Int) {
    for tag in 0..<tagCount { emissions?.put(0, place, tag) }
  }

  /// The gradient of the tags of a step.
  mutating func put(_ marginals: [Double], _ place: Int, _ row: Int, _ own: Int, isFirst: Bool, isLast: Bool) {
    for (tag, marginal) in marginals.enumerated() {
      let gradient = upstream[row, 0] * (marginal - (tag == own ? 1 : 0))
      emissions?.put(gradient, place, tag)
      if isFirst { start[tag] += gradient }
      if isLast { end[tag] += gradient }
    }
  }

  /// The gradient of a pair of tags.
  mutating func put(_ likelihood: Double, _ row: Int, _ from: Int, _ to: Int, isOwn: Bool) {
    transitions[from * tagCount + to] += upstream[row, 0] * (likelihood - (isOwn ? 1 : 0))
  }

  func finish(_ operation: ApplyCRFBackward) {
    for (sums, output) in [
      (transitions, operation.dTransitions), (start, operation.dStart), (end, operation.dEnd),
    ] {
      guard let sink = output.map({ Sink($0) }) else { continue }
      sink.matrix.forEach { sink.put(sums[$0 * tagCount + $1], $0, $1) }
    }
  }
}

/// `log Σ exp(terms)`; −∞ if all terms are.
private func logSum(_ count: Int, _ term: (Int) -> Double) -> Double {
  let terms = (0..<count).map(term)
  let largest = terms.max() ?? -.infinity
  guard largest > -.infinity else { return largest }
  return largest + log(terms.reduce(0) { $0 + exp($1 - largest) })
}
