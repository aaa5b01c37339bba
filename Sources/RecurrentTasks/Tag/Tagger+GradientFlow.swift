import RecurrentModel

extension GradientFlow {
  /// Measures the gradient flow through a tagger. Tags unknown to the model are ignored.
  ///
  /// The last step of a reversed layer is the first word, so `.last` uses the loss of the first word there; layers that
  /// read characters end at every word, and use the loss of all words. A CRF has no loss per word: `.last` is then the
  /// cross-entropy of that word's emissions.
  /// - Throws: As `measure(_:over:on:loss:)`.
  public static func measure(
    _ model: Tagger, over batches: some Sequence<TaggedBatch>, of loss: Loss = .last, on tape: Tape
  ) throws -> GradientFlow {
    let batches = Array(batches)
    let all = {
      try measure(model, over: batches, on: tape) {
        try model.loss(
          of: $0.words(on: tape), characters: $0.characters(on: tape), tags: $0.tags.known(below: model.tags)
        )
        .loss
      }
    }
    guard loss == .last else { return try all() }
    let one = { (word: @escaping (TaggedBatch, Int) -> Int) in
      try measure(model, over: batches, on: tape) { batch in
        let words = try batch.words(on: tape)
        let tags = kept(batch.tags.known(below: model.tags), batchSize: batch.words.batchSize) { word(batch, $0) }
        return try crossEntropy(
          model(words, characters: batch.characters(on: tape)), tape.labels(tags, shape: words.shape))
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
}
