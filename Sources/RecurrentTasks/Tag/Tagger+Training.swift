import RecurrentCore
import RecurrentModel

extension Tagger {
  /// The mean loss of sentences and their tags: with a CRF the negative log-likelihood per sentence, else the
  /// cross-entropy per word.
  /// - Parameters:
  ///   - words: `[T, N]`, with their lengths.
  ///   - characters: The words' characters, for a tagger that reads them.
  ///   - tags: T·N tags, time first; a negative one counts nothing, and with a CRF neither does its sentence.
  ///   - weights: A factor on each of the K tags, or nil for 1; the mean divides by their sum over the words.
  ///   - smoothing: ε in `0 ..< 1`: the target is 1 − ε of the tag and ε spread evenly over all of them.
  /// - Throws: `RecurrentError` if the numbers of tags or weights do not fit, there is no such tag, or a CRF gets weights or
  ///   smoothing.
  public func loss(
    of words: Tokens, characters: WordCharacters? = nil, tags: [Int32], weights: [Float]? = nil, smoothing: Float = 0
  ) throws -> BatchLoss {
    try loss(of: self(words, characters: characters), words: words, tags: tags, weights: weights, smoothing: smoothing)
  }

  /// The mean loss of a batch of sentences; see `loss(of:characters:tags:weights:smoothing:)`.
  /// - Throws: `RecurrentError`, as above.
  public func loss(
    of batch: TaggedBatch, on tape: Tape, weights: [Float]? = nil, smoothing: Float = 0
  ) throws -> BatchLoss {
    try loss(
      of: batch.words(on: tape), characters: batch.characters(on: tape), tags: batch.tags, weights: weights,
      smoothing: smoothing)
  }

  /// The mean loss of this tagger's logits and their tags.
  func loss(
    of scores: Tensor, words: Tokens, tags: [Int32], weights: [Float]?, smoothing: Float
  ) throws -> BatchLoss {
    let (steps, rows, tape) = (words.shape[0], words.shape[1], words.tape)
    if let crf {
      guard weights == nil, smoothing == 0 else {
        throw RecurrentError(
          .invalidArgument, "weights of tags or label smoothing with a CRF", at: "Tagger",
          remedy: "leave them out: a CRF scores whole sentences")
      }
      let lengths = try words.lengths(ofRowsWith: tags)
      let loss = try crf.negativeLogLikelihood(
        emissions: scores, tags: tape.tokens(tags, steps: steps, batchSize: rows), lengths: lengths)
      let sentences = lengths?.values.count { $0 > 0 } ?? rows
      return BatchLoss(loss, weight: Double(sentences), items: sentences)
    }
    let counted = tags.enumerated().map { place, tag in
      words.lengths.map { place / rows < $0.values[place % rows] } ?? true ? tag : -1
    }
    let factors = try RowFactors(counted, weights, of: self.tags, at: "Tagger")
    return BatchLoss(
      try crossEntropy(
        scores, tape.labels(counted, shape: words.shape), weights: factors.factors, smoothing: smoothing),
      weight: factors.weight, items: factors.count)
  }

  /// The predicted tags of each sentence: with a CRF the most likely sequence, else the most likely tag of each word.
  /// Waits for the device.
  /// - Throws: `RecurrentError` if a word or a character is not in the vocabulary.
  public func tags(of words: Tokens, characters: WordCharacters? = nil) throws -> [[Int32]] {
    try tags(by: self(words, characters: characters), of: words)
  }

  /// The predicted tags of each sentence, from its logits.
  func tags(by scores: Tensor, of words: Tokens) throws -> [[Int32]] {
    if let crf { return try crf.decode(scores, lengths: words.lengths) }
    let (rows, best) = (words.shape[1], try scores.argmax())
    return (0..<rows).map { row in
      (0..<(words.lengths.map { Int($0.values[row]) } ?? words.shape[0])).map { best[$0 * rows + row] }
    }
  }
}

extension Tokens {
  /// The lengths of the rows, 0 for rows with a negative tag.
  /// - Parameter tags: T·N tags, time first.
  fileprivate func lengths(ofRowsWith tags: [Int32]) throws -> Lengths? {
    let (steps, rows) = (shape[0], shape[1])
    guard tags.count == steps * rows else { return lengths }
    let host = lengths?.values ?? [Int32](repeating: Int32(steps), count: rows)
    let counted = host.enumerated().map { row, length in
      (0..<Int(length)).allSatisfy { tags[$0 * rows + row] >= 0 } ? length : 0
    }
    return counted == host ? lengths : try Lengths(counted, on: tape)
  }
}
