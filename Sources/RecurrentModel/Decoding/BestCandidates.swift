import RecurrentCore

/// The error for a log probability that is NaN or +∞.
func divergence(token: Int32, logProbability: Float) -> RecurrentError {
  RecurrentError(
    .diverged, "the log probability of token \(token) is \(logProbability)", at: "decoding",
    remedy: "use a checkpoint from before training diverged")
}

/// A token that continues a hypothesis.
struct Candidate {
  /// The log probability of the hypothesis with the token.
  var total: Double
  /// The index of the hypothesis.
  var hypothesis: Int
  var token: Int32
  var logProbability: Float

  /// Whether it is better: of equal ones, the one of the lower hypothesis, then of the lower token.
  @inline(__always)
  func precedes(_ other: Candidate) -> Bool {
    if total != other.total { return total > other.total }
    return (hypothesis, token) < (other.hypothesis, other.token)
  }
}

/// The most probable candidates of those added: a binary heap with the worst on top.
struct BestCandidates {
  private let capacity: Int
  private var heap: [Candidate] = []

  /// No candidates.
  /// - Parameter capacity: The number of candidates to keep, at least 1.
  init(capacity: Int) {
    self.capacity = capacity
    heap.reserveCapacity(min(capacity, 64))
  }

  /// The candidates, best first.
  func sorted() -> [Candidate] { heap.sorted { $0.precedes($1) } }

  /// Adds a candidate if it is among the best.
  mutating func add(_ candidate: Candidate) throws {
    // Also false for NaN.
    guard candidate.logProbability < .infinity else {
      throw divergence(token: candidate.token, logProbability: candidate.logProbability)
    }
    guard candidate.logProbability > -.infinity else { return }
    if heap.count < capacity {
      heap.append(candidate)
      var child = heap.count - 1
      while child > 0, heap[(child - 1) / 2].precedes(heap[child]) {
        heap.swapAt(child, (child - 1) / 2)
        child = (child - 1) / 2
      }
    } else if candidate.precedes(heap[0]) {
      var parent = 0
      while true {
        var child = 2 * parent + 1
        guard child < heap.count else { break }
        if child + 1 < heap.count, heap[child].precedes(heap[child + 1]) { child += 1 }
        guard candidate.precedes(heap[child]) else { break }
        heap[parent] = heap[child]
        parent = child
      }
      heap[parent] = candidate
    }
  }

  /// Adds the tokens that continue a hypothesis, whose index is above those of the hypotheses before.
  ///
  /// Blocks of values that are all too low, nearly all of them, cost a comparison of vectors.
  /// - Parameters:
  ///   - logProbabilities: The log probability of each token.
  ///   - total: The log probability of the hypothesis.
  ///   - excluded: Tokens that are not added.
  mutating func add(
    _ logProbabilities: UnsafeBufferPointer<Float>, hypothesis: Int, total: Double, excluding excluded: [Int32]
  ) throws {
    guard let base = logProbabilities.baseAddress else { return }
    let count = logProbabilities.count
    var limit = limit(of: total)
    var start = 0
    while start < count {
      let end = min(start + Self.block, count)
      if end - start < Self.block || Self.hasValue(above: limit, UnsafeRawPointer(base + start)) {
        for token in start..<end where !(base[token] <= limit) {
          let value = base[token]
          if value.isFinite, excluded.contains(Int32(token)) { continue }
          try add(
            Candidate(
              total: total + Double(value), hypothesis: hypothesis, token: Int32(token), logProbability: value))
          limit = self.limit(of: total)
        }
      }
      start = end
    }
  }

  /// A value up to which no continuation of a hypothesis is among the best: of those equal to the worst, the earlier one stays.
  /// It is rounded down, so that it is not above the exact one.
  private func limit(of total: Double) -> Float {
    heap.count < capacity ? -.infinity : Float(heap[0].total - total).nextDown
  }

  private static let block = 64

  /// Whether a value of a block is above a limit or NaN.
  @inline(__always)
  private static func hasValue(above limit: Float, _ block: UnsafeRawPointer) -> Bool {
    let limits = SIMD16<Float>(repeating: limit)
    var isAbove = SIMDMask<SIMD16<Int32>>(repeating: false)
    for offset in stride(from: 0, to: 4 * Self.block, by: 64) {
      let values = block.loadUnaligned(fromByteOffset: offset, as: SIMD16<Float>.self)
      isAbove .|= .!(values .<= limits)
    }
    return any(isAbove)
  }
}
