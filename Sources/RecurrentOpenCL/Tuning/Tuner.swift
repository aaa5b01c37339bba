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
    let other = try OpenCLBackend(
      platform: platform, device: device, style: usual.style.kind == .wide ? .simt : .wide, tuned: false)
    // The device is not made for the other style: what fails there is no choice.
    let (before, after) = (try usual.styleTime(), (try? other.styleTime()) ?? .infinity)
    let backend = after < 0.9 * before ? other : usual
    report(
      TuningResult(name: "style", choice: "\(backend.style)", before: before, after: min(before, after)))
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
      return try prepare(operation)
    }
  }

  /// Products with contiguous values of k; others of the class use the same tile.
  private func tune(_ product: WarpClass, _ products: WarpProducts) throws -> TuningResult {
    let operation = try trialProduct(product == .large ? 4096 : 1024, product == .large ? 2048 : 512, 512)
    let name = product.name(products.precision)
    return try choose("product \(name)", candidates(product, products)) { tile in
      choices.products[name] = tile
      return try prepare(operation)
    }
  }

  private func trialProduct(_ m: Int, _ n: Int, _ k: Int, transposesA: Bool = false) throws -> Matmul {
    let a = try allocate(rows: transposesA ? k : m, columns: transposesA ? m : k)
    return try Matmul(
      a, allocate(rows: n, columns: k), transposesA: transposesA, transposesB: true,
      into: .set(allocate(rows: m, columns: n)))
  }

  private func tune(_ cell: CellClass, _ kind: CellKind) throws -> TuningResult {
    // A GPU's launches weigh more: as many steps as are usual.
    let sequence = try trialSequence(kind, steps: style.kind == .simt ? 64 : 16, batch: cell.batch, hidden: cell.hidden)
    return try choose(cell.name, tuningCandidates(cell)) { choice in
      choices.cells[cell.name] = choice
      guard cellPlan(sequence, cell.direction).tier == choice.tier else {
        throw RecurrentError(.device, "does not support a \(choice.tier) launch", at: cell.name)
      }
      return try trialPass(sequence, cell.direction)
    }
  }

  /// Selects the fastest candidate; the first one, unless another is faster by a twentieth.
  private func choose<Candidate: CustomStringConvertible>(
    _ name: String, _ candidates: [Candidate], _ take: (Candidate) throws -> () throws -> Void
  ) throws -> TuningResult {
    var times = [Double](repeating: .infinity, count: candidates.count)
    var first = times
    // In turns, so that what else the machine does slows all of them.
    for round in 0..<4 {
      for (place, candidate) in candidates.enumerated() {
        // What took several times as long as the best is not tried again.
        if place > 0, let best = first.min(), round > 0, first[place] > 4 * best { continue }
        // What the device does not take is none: its work-groups are too large, or do not all run at once.
        guard let run = try? take(candidate), let time = try? time(run) else { continue }
        if round == 0 {
          // A driver may load programs in their first launch.
          first[place] = min(time, (try? self.time(run)) ?? time)
        } else {
          times[place] = min(times[place], time)
        }
      }
    }
    let taken = times.indices.filter { (try? take(candidates[$0])) != nil }
    let best = taken.min { times[$0] < times[$1] } ?? 0
    let chosen = times[best] < 0.95 * times[0] ? best : 0
    _ = try take(candidates[chosen])
    return TuningResult(name: name, choice: "\(candidates[chosen])", before: times[0], after: times[chosen])
  }

  /// The device time from the start of a run's first command to the end of its last.
  private func time(_ run: () throws -> Void) throws -> Double {
    try startProfile()
    defer { if recorder != nil { _ = try? finishProfile() } }
    try run()
    let calls = try finishProfile().calls
    return (calls.map { $0.start + $0.seconds }.max() ?? 0) - (calls.map(\.start).min() ?? 0)
  }

  /// The time of a product and a cell's step, for the comparison of styles.
  private func styleTime() throws -> Double {
    let size = 512
    let x = try allocate(rows: size, columns: size)
    let product = try Matmul(x, x, transposesB: true, into: .set(allocate(rows: size, columns: size)))
    let pass = try trialPass(trialSequence(.lstm, steps: 4, batch: 64, hidden: 256), .forward)
    var best = Double.infinity
    for round in 0..<4 {
      let time = try time {
        try matmul(product)
        try pass()
      }
      if round > 0 { best = min(best, time) }
    }
    return best
  }

  // MARK: What is timed

  private func trialSequence(_ kind: CellKind, steps: Int, batch: Int, hidden: Int) throws -> CellSequence {
    let cell = try CellDescriptor(kind, inputSize: 1, hiddenSize: hidden, bias: .none)
    let states = { try self.allocate(rows: (steps + 1) * batch, columns: hidden) }
    return try CellSequence(
      cell, steps: steps, batch: batch, input: .features(allocate(rows: steps * batch, columns: 1)),
      weights: CellWeights(
        weightIH: allocate(rows: cell.gateRows, columns: 1), weightHH: allocate(rows: cell.gateRows, columns: hidden)),
      h: states(), c: kind.hasCellState ? states() : nil,
      reserve: allocate(columns: reserveCount(cell, steps: steps, batch: batch)))
  }

  /// The steps of a pass, with packed weights.
  private func trialPass(_ sequence: CellSequence, _ direction: CellPass.Direction) throws -> () throws -> Void {
    let plan = cellPlan(sequence, direction)
    let weights = try recurrentWeights(sequence, direction) { try scratch(.cellPanels($0), $1) }
    let (batch, hidden) = (sequence.batch, sequence.cell.hiddenSize)
    let gradients = try Region(scratch(.timeLoop, 2 * batch * hidden), rows: 2 * batch, columns: hidden)
    return {
      let pass =
        direction == .forward
        ? try self.forwardPass(sequence, plan, output: nil, weights: weights)
        : try self.backwardPass(
          sequence, plan, dOutput: nil, dh: gradients.rows(0..<batch),
          dc: sequence.c.map { _ in gradients.rows(batch..<2 * batch) }, cuts: false, weights: weights)
      try pass.enqueue(on: self)
    }
  }
}
