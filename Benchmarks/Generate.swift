import Recurrent

extension BenchmarkFamily {
  /// Generation of one character, as in `recur generate`: embedding, one step of two LSTM layers, head, sampling.
  static let generate = BenchmarkFamily(name: "generate") { small in
    let (symbols, embedding) = small ? (5, 3) : (65, 128)
    return (small ? [7] : [128, 512]).map { hidden in
      Work(name: "generate I\(embedding) H\(hidden) L2") { device in
        let vocabulary = try Vocabulary(
          kind: .characters, symbols: (0..<symbols).map { String(Unicode.Scalar(UInt8(ascii: "0") + UInt8($0))) })
        let rnn = try LSTM(input: embedding, hidden: hidden, layers: 2)
        let model = try LanguageModel(vocabulary: vocabulary, embedding: embedding, rnn: rnn)
        try model.move(to: device)
        let generator = try TextGenerator(model, sampler: Sampler())
        _ = try generator.next()  // sampled from the prompt's logits: no step of the model
        // Multiply-adds of the products: two layers' input and recurrent weights, and the head.
        let products = 4 * hidden * (embedding + hidden) + 4 * hidden * 2 * hidden + hidden * symbols
        return [Benchmark(part: "character", flops: 2 * products) { _ = try generator.next() }]
      }
    }
  }
}
