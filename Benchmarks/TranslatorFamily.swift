import Recurrent
import RecurrentCore

extension BenchmarkFamily {
  /// A training step of an encoder-decoder with additive attention and input feeding, step by step: sources and targets
  /// of 15 tokens, some sources shorter. The same as `Translator` in peers/torch_translator.py.
  static let translator = BenchmarkFamily(name: "translator") { small in
    small
      ? [translator(steps: 4, batchSize: 2, hidden: 7, words: 11)]
      : [
        translator(steps: 15, batchSize: 32, hidden: 128, words: 1000),
        translator(steps: 15, batchSize: 64, hidden: 256, words: 5000),
      ]
  }

  private static func translator(steps: Int, batchSize: Int, hidden: Int, words: Int) -> Work {
    Work(name: "translator T\(steps) B\(batchSize) H\(hidden) V\(words)") { device in
      let model = try Translator(sources: words, targets: words, hidden: hidden)
      let random = Philox(key: 0)
      let tokens = { (stream: UInt32) in
        (0..<steps * batchSize).map { Int32(random(SIMD4(UInt32($0), stream, 0, 0)).x % UInt32(words)) }
      }
      let (sources, targets, following) = (tokens(0), tokens(1), tokens(2))
      let lengths = (0..<batchSize).map { Int32(steps - $0 % (steps / 2)) }
      let trainer = try Trainer(model, optimizer: Adam(), clipNorm: 1, device: device) {
        (model, _: Void, _, tape) in
        let logits = try model(
          tape.tokens(sources, steps: steps, batchSize: batchSize, lengths: lengths),
          tape.tokens(targets, steps: steps, batchSize: batchSize))
        return try BatchLoss(crossEntropy(logits, tape.labels(following, shape: [steps, batchSize])))
      }
      // Multiply-adds of the products as the model is written, per step and row: the encoder's two directions, the
      // decoder, the attention's projections, the readout and the head; backward twice as many.
      let (encoder, decoder) = (2 * 4 * 2 * hidden * hidden, 4 * 3 * hidden * hidden)
      let products = encoder + decoder + (2 + 1 + 3) * hidden * hidden + hidden * words
      return [Benchmark(part: "training", flops: 3 * 2 * steps * batchSize * products) { try trainer.train(on: ()) }]
    }
  }
}
