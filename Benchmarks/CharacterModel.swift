import Recurrent
import RecurrentCore

extension BenchmarkFamily {
  /// A training step of a character model: embedding, two LSTM layers, head, loss, clipping and Adam, with the state
  /// carried between steps. The same as `CharacterModel` in peers/torch_peer.py.
  static let characterModel = BenchmarkFamily(name: "character") { small in
    [small ? characterModel(batchSize: 2, steps: 4, hidden: 7) : characterModel(batchSize: 50, steps: 50, hidden: 128)]
  }

  /// The model in one size.
  static func characterModel(batchSize: Int, steps: Int, hidden: Int) -> Work {
    let (vocabulary, embedding) = (65, 128)
    return Work(name: "character T\(steps) B\(batchSize) I\(embedding) H\(hidden) L2") { device in
      let rnn = try LSTM(input: embedding, hidden: hidden, layers: 2)
      let model = try LanguageModel(vocabularySize: vocabulary, embedding: embedding, rnn: rnn)
      let trainer = try Trainer(model, optimizer: Adam(learningRate: 2e-3), clipNorm: 5, device: device)
      let random = Philox(key: 0)
      let tokens = { (stream: UInt32) in
        (0..<steps * batchSize).map { Int32(random(SIMD4(UInt32($0), stream, 0, 0)).x % UInt32(vocabulary)) }
      }
      let batch = SequenceBatch(inputs: tokens(0), targets: tokens(1), steps: steps, batchSize: batchSize)
      // Multiply-adds of the products as the model is written, two layers' input and recurrent weights, and the head;
      // backward twice as many. The first layer gathers its input products: a quarter of the counted operations is not
      // executed.
      let products = 4 * hidden * (embedding + hidden) + 4 * hidden * 2 * hidden + hidden * vocabulary
      return [
        Benchmark(part: "training", flops: 3 * 2 * steps * batchSize * products) { try trainer.train(on: batch) }
      ]
    }
  }
}
