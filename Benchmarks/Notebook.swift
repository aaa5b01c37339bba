import Recurrent
import RecurrentCore

extension BenchmarkFamily {
  /// A training step of an introductory course's sentiment model: an embedding of 10,000 words of size 2, an Elman
  /// layer of 32 units, one logit, Adam with dense gradients, on 32 reviews of 100 words. The same as `Notebook` in
  /// peers/torch_peer.py.
  static let notebook = BenchmarkFamily(name: "notebook") { small in
    let (words, rows, steps, hidden) = small ? (50, 2, 4, 7) : (10_000, 32, 100, 32)
    let work = Work(name: "notebook T\(steps) B\(rows) I2 H\(hidden)") { device in
      let model = try SentimentModel(words: words, embedding: 2, hidden: hidden)
      let trainer = try Trainer(model, optimizer: Adam(), device: device) { (model, batch: Reviews, _, tape) in
        let tokens = try tape.tokens(batch.words, steps: steps, batchSize: rows)
        let labels = try tape.tensor(batch.labels, shape: [rows, 1])
        return try BatchLoss(binaryCrossEntropyWithLogits(model(tokens), labels))
      }
      let random = Philox(key: 0)
      let batch = Reviews(
        words: (0..<steps * rows).map { Int32(random(SIMD4(UInt32($0), 0, 0, 0)).x % UInt32(words)) },
        labels: (0..<rows).map { Float($0 % 2) })
      // Multiply-adds of the products as the model is written; backward twice as many.
      let products = hidden * (2 + hidden) * steps + hidden
      return [Benchmark(part: "training", flops: 3 * 2 * rows * products) { try trainer.train(on: batch) }]
    }
    return [work]
  }
}

/// Reviews of equal length, time first, and whether each is positive.
private struct Reviews {
  let words: [Int32], labels: [Float]
}

/// Classifies reviews as positive or negative: words → Elman → last state → one logit.
private final class SentimentModel: Module {
  let embedding: Embedding, rnn: Elman, head: Dense

  init(words: Int, embedding size: Int, hidden: Int) throws {
    embedding = try Embedding(tokens: words, size: size)
    rnn = try Elman(input: size, hidden: hidden)
    head = try Dense(input: hidden, output: 1)
  }

  func callAsFunction(_ tokens: Tokens) throws -> Tensor { try head(rnn(embedding(tokens)).finalOutput()) }
}
