import RecurrentCore

/// The result of tuning for one class of launches.
public struct TuningResult: Sendable {
  /// `product many`, `product float32 large`, `lstmForward B64 H512`, `style`.
  public let name: String
  /// The choice.
  public let choice: String
  /// The time of the untuned choice in seconds.
  public let before: Double
  /// The time of the choice in seconds.
  public let after: Double
  /// The candidates that are not used because their results are wrong.
  public var wrong: [String] = []
}

extension OpenCLBackend {
  /// Measures the variants of the kernels on a device, and stores the fastest beside the compiled programs for later
  /// runs. Takes some minutes, mostly for compilation. Results of a stopped tuning are kept, and the next one continues
  /// it; those of a tuned device are replaced one after the other.
  /// - Parameter report: Told of every result.
  /// - Throws: `RecurrentError.device` if there is no such device, `.invalidArgument` if nothing can be kept, or if the
  ///   environment chooses what tuning does; `OpenCLError`.
  package static func tune(platform: Int, device: Int, report: (TuningResult) -> Void) throws {
    guard let cache = ProgramCache.standard(), cache.isWritable else {
      throw RecurrentError(
        .invalidArgument, "tuning results cannot be saved in \(Environment.cacheFolder ?? "any folder")",
        at: "RECUR_CACHE_DIR", remedy: "name a writable folder")
    }
    for name in ["RECUR_OPENCL_STYLE", "RECUR_OPENCL_TIER"] where Environment.value(name) != nil {
      throw RecurrentError(
        .invalidArgument, "the results of tuning would be ignored while this is set", at: name,
        remedy: "unset it")
    }
    let usual = try OpenCLBackend(platform: platform, device: device, style: nil, tuned: false)
    var (backend, before, after) = (usual, Double.infinity, Double.infinity)
    if usual.context.device.isCPU {
      // Wide kernels are for processors, which may also run the others.
      let other = try OpenCLBackend(
        platform: platform, device: device, style: usual.style.kind == .wide ? .simt : .wide, tuned: false)
      // The device is not made for the other style: what fails there is no choice.
      (before, after) = (try usual.styleTime(), (try? other.styleTime()) ?? .infinity)
      if after < 0.9 * before { backend = other }
    }
    // What is measured now counts, not what failed in earlier runs.
    backend.gridBarrier.forgetFailedStarts()
    if before < .infinity {
      report(TuningResult(name: "style", choice: "\(backend.style)", before: before, after: min(before, after)))
    }
    let stored = Tuning.stored(for: backend.context.device, in: cache)
    let earlier = stored?.choices(for: backend.style)
    let wasComplete = earlier != nil && stored?.isComplete == true
    backend.choices = earlier ?? Choices()
    // What was found before it was stopped; all is measured again where nothing is missing.
    let found = wasComplete ? [] : Set(backend.choices.products.keys).union(backend.choices.cells.keys)
    func keep(_ result: TuningResult, isLast: Bool = false) throws {
      try Tuning(style: backend.style.kind, choices: backend.choices, isComplete: wasComplete || isLast)
        .store(for: backend.context.device, in: cache)
      report(result)
    }
    let isWide = backend.style.kind == .wide
    for product in isWide ? ProductClass.allCases : [.few] where !found.contains(product.rawValue) {
      try keep(backend.tune(product))
    }
    for precision in [Precision.float32, .tf32, .bf16] {
      guard backend.use(precision, cores: .ptx) == nil, let products = backend.rounded ?? (isWide ? nil : .float32)
      else { continue }
      for product in WarpClass.allCases where !found.contains(product.name(precision)) {
        try keep(backend.tune(product, products))
      }
    }
    _ = try backend.use(.float32)
    let kinds = [CellKind.lstm, .gru(.resetAfter), .elman(.tanh), .gru(.resetBefore)]
    let cells = kinds.flatMap { kind in CellClass.all(CellKernels(kind)).map { (kind, $0) } }
    for (kind, cell) in cells where !found.contains(cell.name) {
      try keep(backend.tune(cell, kind), isLast: cell == cells.last?.1)
    }
  }

  // MARK: One class

  private func tune(_ product: ProductClass) throws -> TuningResult {
    let (m, n, k) = product == .few ? (16, 2048, 512) : product == .some ? (64, 2048, 512) : (1024, 1024, 1024)
    let operation = try trialProduct(m, n, k, transposesA: product == .gradient)
    return try choose("product \(product)", style.candidates(product)) { tile in
      choices.products[product.rawValue] = tile
      return Trial(run: try prepare(operation), results: [operation.output.region])
    }
  }

  /// Products with contiguous values of k; others of the class use the same tile.
  private func tune(_ product: WarpClass, _ products: WarpProducts) throws -> TuningResult {
    let operation = try trialProduct(product == .large ? 4096 : 1024, product == .large ? 2048 : 512, 512)
    let name = product.name(products.precision)
    return try choose("product \(name)", style.candidates(product, products)) { tile in
      choices.products[name] = tile
      return Trial(run: try prepare(operation), results: [operation.output.region])
    }
  }

  private func tune(_ cell: CellClass, _ kind: CellKind) throws -> TuningResult {
    // A GPU's launches weigh more: as many steps as are usual.
    let sequence = try trialSequence(kind, steps: style.kind == .simt ? 64 : 16, batch: cell.batch, hidden: cell.hidden)
    let operands = try TrialOperands(sequence, on: self)
    let candidates = tuningCandidates(cell)
    let plan = { (choice: CellChoice?) in
      self.choices.cells[cell.name] = choice
      return self.cellPlan(sequence, cell.direction)
    }
    let untuned = plan(nil)
    return try choose(
      cell.name, candidates, untuned: candidates.firstIndex { plan($0) == untuned } ?? 0
    ) { choice in
      let plan = plan(choice)
      guard plan.tier == choice.tier, plan.tier != .persistent || plan.tile == choice.tile else {
        throw RecurrentError(.device, "does not support \(choice)", at: cell.name)
      }
      return try trialPass(sequence, cell.direction, operands)
    }
  }

  /// Selects the fastest candidate whose results agree with those of the first one; the one that an untuned device takes,
  /// unless another is faster by a twentieth.
  func choose<Candidate: CustomStringConvertible>(
    _ name: String, _ candidates: [Candidate], untuned: Int = 0, _ take: (Candidate) throws -> Trial
  ) throws -> TuningResult {
    var times = [Double](repeating: .infinity, count: candidates.count)
    var first = times
    var expected: [[Float]]?
    var wrong: Set<Int> = []
    // In turns, so that what else the machine does slows all of them.
    for round in 0..<4 {
      for (place, candidate) in candidates.enumerated() where !wrong.contains(place) {
        // What took several times as long as the best is not tried again.
        if place != untuned, let best = first.min(), round > 0, first[place] > 4 * best { continue }
        // What the device does not take is none: its work-groups are too large, or do not all run at once.
        guard let trial = try? take(candidate), let time = try? time(trial) else { continue }
        guard round == 0 else {
          times[place] = min(times[place], time)
          continue
        }
        guard let results = try? trial.results.map({ try download($0) }) else { continue }
        if expected == nil { expected = results }
        if let expected, Trial.agree(results, expected) {
          // A driver may load programs in their first launch.
          first[place] = min(time, (try? self.time(trial)) ?? time)
        } else {
          wrong.insert(place)
        }
      }
    }
    let taken = times.indices.filter { !wrong.contains($0) && (try? take(candidates[$0])) != nil }
    let best = taken.min { times[$0] < times[$1] } ?? 0
    let chosen = taken.contains(untuned) && times[best] >= 0.95 * times[untuned] ? untuned : best
    _ = try take(candidates[chosen])
    return TuningResult(
      name: name, choice: "\(candidates[chosen])", before: times[untuned], after: times[chosen],
      wrong: wrong.sorted().map { "\(candidates[$0])" })
  }

  /// The device time from the start of a trial's first command to the end of its last.
  private func time(_ trial: Trial) throws -> Double {
    try trial.restore()
    try startProfile()
    defer { if recorder != nil { _ = try? finishProfile() } }
    try trial.run()
    let calls = try finishProfile().calls
    return (calls.map { $0.start + $0.seconds }.max() ?? 0) - (calls.map(\.start).min() ?? 0)
  }

  /// The time of a product and a cell's step, for the comparison of styles.
  private func styleTime() throws -> Double {
    let product = try trialProduct(512, 512, 512)
    let sequence = try trialSequence(.lstm, steps: 4, batch: 64, hidden: 256)
    let pass = try trialPass(sequence, .forward, TrialOperands(sequence, on: self))
    let trial = Trial(
      restore: pass.restore,
      run: {
        try self.matmul(product)
        try pass.run()
      }, results: [])
    var best = Double.infinity
    for round in 0..<4 {
      let time = try time(trial)
      if round > 0 { best = min(best, time) }
    }
    return best
  }
}
