import RecurrentCore

extension OpenCLBackend: PersistentBackend {
  package var hasBarrier: Bool { gridBarrier.probed != nil }

  package var usesPersistentLaunches: Bool {
    style.kind == .simt && (tier == .persistent || tier == nil && !isProcessor) && runsPersistentLaunches
  }

  package var failedStarts: Int { gridBarrier.failed.count }

  package var isProcessor: Bool { context.device.isCPU }

  package func run(persistent: Bool, _ body: () throws -> Void) throws {
    let usual = tier
    defer { tier = usual }
    tier = persistent ? .persistent : .step
    try body()
  }

  package func prepareBarriers(rounds: Int, exchanges: Bool) throws -> BarrierTrial {
    guard let (language, groups) = gridBarrier.probed else {
      throw RecurrentError(
        .device, "the barrier of work-groups does not work", at: device.identifier, remedy: "use one launch per step")
    }
    return try prepareBarriers(
      Probe.gridBarrier(context.device, groups: groups, rounds: rounds, exchanges: exchanges), language)
  }

  /// Prepares launches of a probe of the barrier.
  func prepareBarriers(_ probe: Probe, _ language: String) throws -> BarrierTrial {
    let memory = try filled(probe.count)
    let start = try Indices(memory, count: Probe.barrierState)
    let operands = probe.operands + [Int32](repeating: 0, count: start.count - probe.operands.count)
    let launch = try bound(
      Launch(
        "probe", "probe", [probe.items * probe.groups], group: [probe.items],
        options: probe.options(language, context.device), [memory]))
    return BarrierTrial(
      run: { [self] in
        try upload(operands, to: start)
        try launch()
      },
      fault: { [self] in
        let values = try download(start)
        return probe.isRight(values) ? nil : probe.fault(values)
      })
  }
}
