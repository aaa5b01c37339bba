import RecurrentCore

extension BenchmarkFamily {
  /// The overhead of every operation on a device: launches and memory copies. `enqueue` is one launch of many in a row,
  /// `wait` one that is waited for; `copy` counts bytes read and written.
  static let device = BenchmarkFamily(name: "device", isDefault: false) { small in
    [launches, barriers(rounds: small ? 10 : 1000), memory(rows: small ? 10 : 8192, columns: small ? 100 : 4096)]
  }

  private static let launches = Work(name: "device launch") { device in
    let backend = device.backend
    let element = try backend.allocate(columns: 1)
    return [
      Benchmark(part: "enqueue") { try backend.fill(element, with: 1) },
      Benchmark(part: "wait") {
        try backend.fill(element, with: 1)
        try backend.synchronize()
      },
    ]
  }

  /// A launch with barriers of all work-groups that run concurrently: milliseconds are microseconds per barrier.
  private static func barriers(rounds: Int) -> Work {
    Work(name: "device barrier x\(rounds)") { device in
      guard let backend = device.backend as? any PersistentBackend, backend.hasBarrier else { return [] }
      return [Benchmark(part: "barrier", run: try backend.prepareBarriers(rounds: rounds, exchanges: false).run)]
    }
  }

  private static func memory(rows: Int, columns: Int) -> Work {
    let count = rows * columns
    return Work(name: "device memory \(count * 4 / 1_000_000) MB") { device in
      let backend = device.backend
      let (source, target) = try (
        backend.allocate(rows: rows, columns: columns), backend.allocate(rows: rows, columns: columns)
      )
      var values = [Float](repeating: 1, count: count)
      try backend.upload(values, to: source)
      let copy = try Copy(source, into: .set(target))
      return [
        Benchmark(part: "copy", bytes: 2 * 4 * count) { try backend.copy(copy) },
        Benchmark(part: "upload", bytes: 4 * count) { try backend.upload(values, to: target) },
        Benchmark(part: "download", bytes: 4 * count) {
          try values.withUnsafeMutableBufferPointer { try backend.download(source, into: $0) }
        },
      ]
    }
  }
}
