import RecurrentCore

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Which tokens a loss computes in place of a large vocabulary of V tokens: those that are targets in the batch, and further ones,
/// drawn at random (Jean et al. 2015, "On using very large target vocabulary for neural machine translation").
///
/// The N targets of a batch count as draws of the proposal, too. A token of probability p, which n draws contain with probability
/// `q = 1 − (1 − p)ⁿ`, has the logit `x · wᵀ + b − log q`, as in TensorFlow's `sampled_softmax_loss`: the loss is lowest for the
/// weights with which the full softmax is lowest. With a uniform proposal all q are equal, and nothing is subtracted (Jean et al.).
public struct SampledSoftmax: Sendable, Hashable {
  /// The distribution of the draws.
  public enum Proposal: Sendable, Hashable {
    /// Every token has the probability `1 / V`.
    case uniform
    /// The token of rank r, from 0, has the probability `log((r + 2) / (r + 1)) / log(V + 1)`: Zipf's law (TensorFlow's
    /// `log_uniform_candidate_sampler`). Tokens are sorted by falling frequency, except for the last `frequentLast`, which come
    /// before all others: such as the unknown word and a boundary behind the vocabulary.
    case logUniform(frequentLast: Int = 0)
  }

  /// The number of tokens that are drawn, K, besides the targets.
  public let count: Int
  /// The distribution of the draws.
  public let proposal: Proposal

  /// A sampled softmax.
  /// - Parameters:
  ///   - count: K.
  ///   - proposal: The distribution of the draws.
  /// - Throws: `RecurrentError.invalidArgument` if K is not positive, or the number of frequent tokens is negative.
  public init(count: Int, proposal: Proposal) throws {
    try requireSizes([("the number of samples", count)], at: Self.location)
    if case .logUniform(let last) = proposal, last < 0 {
      throw RecurrentError(
        .invalidArgument, "the number of frequent tokens at the end is \(last)", at: Self.location,
        remedy: "use 0 or more")
    }
    (self.count, self.proposal) = (count, proposal)
  }

  static let location = "sampled softmax"

  /// The tokens of a batch.
  struct Selection {
    /// The tokens: the targets in the order of their first occurrence, then those that were drawn.
    var tokens: [Int32]
    /// `log q` of each token.
    var logProbabilities: [Float]
    /// The position of each target among the tokens; negative for an ignored target.
    var classes: [Int32]
  }

  /// Selects the tokens of a batch; all of the vocabulary, with `q = 1`, if they were not fewer.
  /// - Parameters:
  ///   - targets: Tokens below V; negative ones are ignored.
  ///   - tokenCount: V.
  ///   - key: Determines the draws.
  func select(_ targets: [Int32], of tokenCount: Int, _ key: RandomKey) -> Selection {
    var positions = [Int32](repeating: -1, count: tokenCount)
    var tokens: [Int32] = []
    var draws = 0
    func draw(_ token: Int32) {
      draws += 1
      guard positions[Int(token)] < 0 else { return }
      positions[Int(token)] = Int32(tokens.count)
      tokens.append(token)
    }
    for target in targets where target >= 0 { draw(target) }
    let wanted = tokens.count + count
    guard wanted < tokenCount else {
      return Selection(
        tokens: (0..<Int32(tokenCount)).map(\.self), logProbabilities: Array(repeating: 0, count: tokenCount),
        classes: targets)
    }
    var words = PhiloxWords(key)
    while tokens.count < wanted { draw(proposal.token(at: Double(words.next()) * 0x1p-32, of: tokenCount)) }
    return Selection(
      tokens: tokens,
      logProbabilities: tokens.map {
        Float(log(-expm1(Double(draws) * log1p(-proposal.probability(of: $0, of: tokenCount)))))
      },
      classes: targets.map { $0 < 0 ? $0 : positions[Int($0)] })
  }
}

/// The random words of a key, one after another.
private struct PhiloxWords {
  private let key: RandomKey
  private var block = SIMD4<UInt32>.zero
  private var drawn = 0

  init(_ key: RandomKey) { self.key = key }

  mutating func next() -> UInt32 {
    let index = drawn % 4
    if index == 0 {
      block = Philox(key: key.seed)(
        SIMD4(
          UInt32(drawn / 4), key.layer, UInt32(truncatingIfNeeded: key.step),
          UInt32(truncatingIfNeeded: key.step >> 32)))
    }
    drawn += 1
    return block[index]
  }
}

extension SampledSoftmax.Proposal {
  /// The token for a number in `0 ..< 1`: the inverse of the distribution function.
  fileprivate func token(at number: Double, of tokenCount: Int) -> Int32 {
    switch self {
    case .uniform: return Int32(number * Double(tokenCount))
    case .logUniform(let last):
      let rank = min(Int(exp(number * log(Double(tokenCount + 1)))) - 1, tokenCount - 1)
      return Int32(rank < last ? tokenCount - last + rank : rank - last)
    }
  }

  /// The probability of a token, p.
  fileprivate func probability(of token: Int32, of tokenCount: Int) -> Double {
    switch self {
    case .uniform: return 1 / Double(tokenCount)
    case .logUniform(let last):
      let rank = Int(token) + last
      return log1p(1 / Double(rank % tokenCount + 1)) / log(Double(tokenCount + 1))
    }
  }
}

/// The cross-entropy of an output layer with few tokens in place of all, in nats: the mean over the targets that are not ignored.
///
/// For training: only the rows of the selected tokens are read and have a gradient. Each call draws other tokens, determined by the
/// seed and the step of the tape. The value is below that of the full cross-entropy, which evaluation needs. TensorFlow:
/// `sampled_softmax_loss`, with one selection for all rows.
/// - Parameters:
///   - inputs: What the output layer reads, `[…, D]`.
///   - targets: One token per row: the shape of the inputs without the last axis; negative ones are ignored.
///   - weight: The weight of the output layer, `[V, D]`.
///   - bias: Its bias, `[V]`; nil for none.
///   - sampling: Which tokens are selected.
/// - Throws: `RecurrentError.shapeMismatch` if the shapes do not match, `.invalidData` if a target is not below V.
public func sampledCrossEntropy(
  _ inputs: Tensor, _ targets: Tokens, weight: Parameter, bias: Parameter?, sampling: SampledSoftmax
) throws -> Tensor {
  let (tape, tokenCount) = (inputs.tape, weight.shape.rows)
  try targets.check(
    below: tokenCount, on: tape, at: SampledSoftmax.location, remedy: "targets are tokens of the output layer")
  if case .logUniform(let last) = sampling.proposal, last > tokenCount {
    throw RecurrentError(
      .invalidArgument, "\(last) frequent tokens at the end of \(tokenCount)", at: SampledSoftmax.location,
      remedy: "use at most the number of tokens")
  }
  let selection = try sampling.select(targets.values(), of: tokenCount, tape.nextRandomKey())
  let selected = try tape.labels(selection.tokens)
  let shares = try tape.tensor(selection.logProbabilities.map { -$0 }, shape: [selection.tokens.count])
  let biases = try bias.map {
    try $0.tensor(on: tape).reshaped([tokenCount, 1]).rows(at: selected).reshaped(shares.shape) + shares
  }
  let logits = try inputs.linear(weight.tensor(on: tape).rows(at: selected), bias: biases ?? shares)
  return try crossEntropy(logits, tape.labels(selection.classes, shape: targets.shape))
}
