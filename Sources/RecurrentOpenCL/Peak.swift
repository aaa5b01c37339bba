import RecurrentCore

extension OpenCLBackend {
  /// Peak billions of floating-point operations per second, measured now; a multiply-add counts as two. Takes about
  /// `seconds`.
  package func measurePeak(seconds: Double) throws -> Double {
    // A CPU device runs a work-group of one as a loop; a GPU needs many work-items for each of its units.
    let group = context.device.isCPU ? 1 : style.group
    let items = device.computeUnits * (context.device.isCPU ? 4 : 2048)
    // Work-groups are whole, so that a few more work-items may run.
    let results = try allocate(rows: items + group, columns: 1)
    let run = { (rounds: Int) in
      try self.launch("peak", "peak", [items], group: [group], [results, rounds, 1e-9 as Float])
    }
    // A few runs of a fifth of the time each.
    let probe = 2_000
    let once = try shortest(0) { try run(probe) }
    let rounds = Int(min(Double(largestCount), max(1, seconds / 5 / once) * Double(probe)))
    let chains = 12  // `CHAINS` of the kernel
    return try Double(2 * chains * style.width * rounds * items) / shortest(seconds) { try run(rounds) } / 1e9
  }

  /// Peak billions of bytes per second read from or written to device memory, measured now. Takes about `seconds`.
  package func measureBandwidth(seconds: Double) throws -> Double {
    let (source, target) = try bandwidthOperands()
    let vectors = source.count / style.width
    let time = try shortest(seconds) {
      try launch("peak", "copyVectors", [vectors], group: [style.group], [source, target, vectors])
    }
    return Double(8 * vectors * style.width) / time / 1e9
  }
}
