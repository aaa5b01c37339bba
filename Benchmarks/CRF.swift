import RecurrentCore

extension BenchmarkFamily {
  /// The loss of a linear-chain CRF and its gradients, in the sizes of entities, parts of speech and fine-grained tags;
  /// and for a long sequence.
  static let crf = BenchmarkFamily(name: "crf") { small in
    let shapes = small ? [(3, 2, 5)] : [(30, 32, 9), (30, 32, 17), (30, 32, 50), (1000, 8, 9)]
    return shapes.map(field)
  }

  /// T steps, N rows and K tags.
  private static func field(_ steps: Int, _ batch: Int, _ tags: Int) -> Work {
    Work(name: "crf T\(steps) B\(batch) K\(tags)") { device in
      let backend = device.backend
      let emissions = try backend.noise(rows: steps * batch, columns: tags, seed: 1, scale: 4)
      let sequence = try CRFSequence(
        batch: batch, emissions: emissions, tags: backend.upload((0..<steps * batch).map { Int32($0 % tags) }),
        transitions: backend.noise(rows: tags, columns: tags, seed: 2), start: backend.noise(columns: tags, seed: 3),
        end: backend.noise(columns: tags, seed: 4), alphas: backend.allocate(rows: steps * batch, columns: 2 * tags))
      let forward = try ApplyCRF(sequence, losses: backend.allocate(rows: batch, columns: 1))
      let backward = try ApplyCRFBackward(
        sequence, upstream: backend.noise(rows: batch, columns: 1, seed: 5),
        dEmissions: .set(backend.allocate(rows: steps * batch, columns: tags)),
        dTransitions: .set(backend.allocate(rows: tags, columns: tags)), dStart: .set(backend.allocate(columns: tags)),
        dEnd: .set(backend.allocate(columns: tags)))
      return [
        Benchmark(part: "forward") { try backend.crf(forward) },
        Benchmark(part: "training") {
          try backend.crf(forward)
          try backend.crfBackward(backward)
        },
      ]
    }
  }
}
