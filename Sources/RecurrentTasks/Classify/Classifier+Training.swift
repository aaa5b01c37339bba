import RecurrentCore
import RecurrentModel

extension Classifier {
  /// The mean cross-entropy of sequences and their labels; binary cross-entropy if `isBinary`.
  /// - Parameters:
  ///   - tokens: `[T, N]`, with their lengths.
  ///   - characters: The words' characters, for a classifier that reads them.
  ///   - labels: N classes; a negative one counts nothing.
  ///   - weights: A factor on each of the K classes, or nil for 1; the mean divides by their sum over the rows.
  ///   - smoothing: ε in `0 ..< 1`: the target is 1 − ε of the class and ε spread evenly over all of them. With weights a
  ///     row's class weighs all of it, as in Keras; PyTorch weighs each class's part of ε by that class.
  /// - Throws: `RecurrentError` if the numbers of labels or weights do not fit, or there is no such class.
  public func loss(
    of tokens: Tokens, characters: WordCharacters? = nil, labels: [Int32], weights: [Float]? = nil, smoothing: Float = 0
  ) throws -> BatchLoss {
    try loss(of: self(tokens, characters: characters), labels: labels, weights: weights, smoothing: smoothing)
  }

  /// The mean cross-entropy of a batch of texts; see `loss(of:characters:labels:weights:smoothing:)`.
  /// - Throws: `RecurrentError`, as above.
  public func loss(
    of batch: LabelledBatch, on tape: Tape, weights: [Float]? = nil, smoothing: Float = 0
  ) throws -> BatchLoss {
    try loss(
      of: batch.tokens(on: tape), characters: batch.characters(on: tape), labels: batch.classes, weights: weights,
      smoothing: smoothing)
  }

  /// The mean cross-entropy of this classifier's logits and their labels.
  func loss(of logits: Tensor, labels: [Int32], weights: [Float]?, smoothing: Float) throws -> BatchLoss {
    let tape = logits.tape
    let rows = try RowFactors(labels, weights, of: classes, at: "Classifier")
    guard isBinary else {
      let loss = try crossEntropy(logits, tape.labels(labels), weights: rows.factors, smoothing: smoothing)
      return BatchLoss(loss, weight: rows.weight, items: rows.count)
    }
    try requireSmoothing(smoothing, at: "Classifier")
    let targets = labels.map { max(Float($0), 0) * (1 - smoothing) + smoothing / 2 }
    let factors = rows.factors ?? labels.map { $0 < 0 ? 0 : 1 }
    let loss = try binaryCrossEntropyWithLogits(
      logits, tape.tensor(targets, shape: [labels.count, 1]), weights: factors)
    return BatchLoss(loss, weight: rows.weight, items: rows.count)
  }

  /// The probability of each class, `[N][K]`. Waits for the device.
  /// - Throws: `RecurrentError` if a token or a character is not in the vocabulary.
  public func probabilities(of tokens: Tokens, characters: WordCharacters? = nil) throws -> [[Float]] {
    try probabilities(of: self(tokens, characters: characters))
  }

  /// The probability of each class, from its logits.
  func probabilities(of logits: Tensor) throws -> [[Float]] {
    if isBinary { return try logits.sigmoid().values().map { [1 - $0, $0] } }
    let values = try logits.softmax().values()
    return stride(from: 0, to: values.count, by: classes).map { Array(values[$0..<$0 + classes]) }
  }
}
