extension GradientFlow {
  /// The loss whose gradient is measured, in a model that has one at every step.
  public enum Loss: String, CaseIterable, Sendable {
    /// That of each row's last step: its gradient at earlier steps is what reached them through time.
    case last
    /// The mean over all steps: the gradient of every state is for the most part that of its own step's loss.
    case all
  }

  /// Measures the flow through a language model, each row starting from a state of 0.
  /// - Throws: As `measure(_:over:on:loss:)`.
  public static func measure(
    _ model: LanguageModel, over batches: some Sequence<SequenceBatch>, of loss: Loss = .last, on tape: Tape
  ) throws -> GradientFlow {
    try measure(model, over: batches, on: tape) { batch in
      var batch = batch
      if loss == .last {
        batch.targets = kept(batch.targets, rows: batch.rows) { Int(batch.lengths?[$0] ?? Int32(batch.steps)) - 1 }
      }
      return try model.loss(of: batch, carrying: nil, on: tape).loss
    }
  }

  /// Measures the flow through a tagger. Tags that the model does not have count nothing.
  ///
  /// The last step of a reversed layer is the first word, so `.last` takes the first word's loss there; layers that read
  /// characters end at every word, and take the loss of all words. A CRF has no loss of one word alone: `.last` is then the
  /// cross-entropy of that word's emissions.
  /// - Throws: As `measure(_:over:on:loss:)`.
  public static func measure(
    _ model: Tagger, over batches: some Sequence<TaggedBatch>, of loss: Loss = .last, on tape: Tape
  ) throws -> GradientFlow {
    let batches = Array(batches)
    let all = {
      try measure(model, over: batches, on: tape) {
        try model.loss(of: $0.words(on: tape), spelling: $0.spelling(on: tape), tags: $0.tags.known(below: model.tags))
          .loss
      }
    }
    guard loss == .last else { return try all() }
    let one = { (word: @escaping (TaggedBatch, Int) -> Int) in
      try measure(model, over: batches, on: tape) { batch in
        let words = try batch.words(on: tape)
        let tags = kept(batch.tags.known(below: model.tags), rows: batch.words.rows) { word(batch, $0) }
        return try crossEntropy(
          model(words, spelling: batch.spelling(on: tape)), tape.labels(tags, shape: words.shape))
      }
    }
    let last = try one { Int($0.words.lengths?[$1] ?? Int32($0.words.steps)) - 1 }
    let first = model.rnn?.isBidirectional == true ? try one { _, _ in 0 } : last
    let characters = model.characters == nil ? last : try all()
    return GradientFlow(
      layers: last.layers.indices.map { index in
        let name = last.layers[index].name
        let flow = !name.hasPrefix("rnn.") ? characters : name.hasSuffix("_reverse") ? first : last
        return flow.layers[index]
      })
  }

  /// Labels `[T, N]` with −1, which counts nothing, at all steps but one of each row.
  private static func kept(_ labels: [Int32], rows: Int, step: (_ row: Int) -> Int) -> [Int32] {
    let steps = (0..<rows).map(step)
    return labels.enumerated().map { place, label in place / rows == steps[place % rows] ? label : -1 }
  }
}
