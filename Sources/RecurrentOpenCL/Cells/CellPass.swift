import RecurrentCore

/// The kernels of a cell.
package struct CellKernels: Hashable {
  package let file: String
  package let forward: String
  package let backward: String
  /// The phases of a step: each multiplies by the rows of U of some gates. Forward, a tile has all gates of one vector
  /// of units, or 2 vectors of units of a single gate; backward, it has 2 vectors of units.
  let phases: [Range<Int>]

  package init(_ kind: CellKind) {
    switch kind {
    case .elman: self.init("elman", "elmanForward", "elmanBackward", [0..<1])
    case .lstm: self.init("lstm", "lstmForward", "lstmBackward", [0..<4])
    case .gru(.resetAfter): self.init("gru", "gruResetAfterForward", "gruResetAfterBackward", [0..<3])
    case .gru(.resetBefore): self.init("gru", "gruResetBeforeForward", "gruResetBeforeBackward", [0..<2, 2..<3])
    }
  }

  private init(_ file: String, _ forward: String, _ backward: String, _ phases: [Range<Int>]) {
    (self.file, self.forward, self.backward, self.phases) = (file, forward, backward, phases)
  }

  /// The kernel of a direction.
  package func name(_ direction: CellPass.Direction) -> String { direction == .forward ? forward : backward }
}

/// The kernel of a cell with its operands, launched per step, or once for all steps.
package struct CellPass {
  package enum Direction: CaseIterable { case forward, backward }

  let sequence: CellSequence
  let direction: Direction
  let plan: CellPlan
  let kernels: CellKernels
  let prepared: PreparedKernel
  /// The fallback kernel of a persistent launch whose groups did not synchronize; see `GridBarrier`.
  var fallback: (kernel: PreparedKernel, tile: Tile)?
  let flags: Int
  /// Whether the state before the first step is 0.
  let startsAtZero: Bool

  /// The index of the barrier's arguments in a persistent launch: after the first step, the number of steps and the
  /// flags.
  private static let gridPlace = 3

  /// The steps in the order of the pass.
  private var order: [Int] { direction == .forward ? sequence.order : sequence.order.reversed() }

  /// Enqueues all steps.
  func enqueue(on backend: OpenCLBackend) throws {
    switch plan.tier {
    case .step:
      for step in order {
        for phase in kernels.phases.indices { try enqueue(step, phase, on: backend) }
      }
    case .sequence, .persistent:
      let enqueueAll = {
        try enqueue(
          order[0], count: sequence.steps, phases: kernels.phases.indices, columns: plan.grid.columns, on: backend)
      }
      guard let grid, let fallback else { return try enqueueAll() }
      let (arguments, isFirst) = try backend.gridBarrier.nextLaunch(
        of: grid, gridRows: sequence.batch.tiles(of: plan.groupRows))
      try backend.set(prepared, from: Self.gridPlace, arguments)
      let group = backend.style.range(plan.tile, rows: 1, columns: 1).group
      if isFirst, let limit = backend.gridBarrier.concurrentGroups(prepared.kernel, group), limit < grid.groups {
        try backend.refuse(grid, "the driver runs only \(limit) of \(grid.groups) work-groups concurrently")
      } else {
        do {
          try enqueueAll()
        } catch let error as OpenCLError where isFirst {
          try backend.refuse(grid, "\(error)")
        }
      }
      if isFirst { try backend.checkGridBarrier() }
      try enqueue(fallback, arguments, on: backend)
    }
  }

  /// The work-groups of a persistent pass; nil for other passes.
  var grid: GridBarrier.Grid? { fallback == nil ? nil : GridBarrier.Grid(sequence, direction, plan) }

  /// Enqueues the fallback launches of a persistent launch, each for a part of the steps.
  private func enqueue(
    _ fallback: (kernel: PreparedKernel, tile: Tile), _ arguments: [any KernelArgument], on backend: OpenCLBackend
  ) throws {
    try backend.set(fallback.kernel, from: Self.gridPlace, arguments)
    let (rows, hidden) = (sequence.batch.tiles(of: fallback.tile.height), sequence.cell.hiddenSize)
    let (items, group) = backend.style.range(fallback.tile, rows: rows, columns: 1)
    let gates = kernels.phases.reduce(0) { $0 + $1.count }
    let work = rows.tiles(of: backend.style.units) * fallback.tile.height * hidden * hidden * gates
    let most = max(1, backend.gridBarrier.fallbackLimit / max(work, 1))
    for place in stride(from: 0, to: sequence.steps, by: most) {
      try set(fallback.kernel, order[place], min(most, sequence.steps - place), kernels.phases.indices)
      try backend.enqueue(fallback.kernel, items, group: group, bytes: 0)
    }
  }

  /// Enqueues a phase of a step.
  func enqueue(_ step: Int, _ phase: Int, on backend: OpenCLBackend) throws {
    let width = kernels.unitVectors(phase, direction) * backend.style.lanes(plan.tile)
    try enqueue(
      step, count: 1, phases: phase..<phase + 1, columns: sequence.cell.hiddenSize.tiles(of: width), on: backend)
  }

  /// Sets the first step, the number of steps and their phases.
  private func set(_ kernel: PreparedKernel, _ step: Int, _ count: Int, _ phases: Range<Int>) throws {
    try kernel.set(0, step)
    try kernel.set(1, count)
    let start = startsAtZero && step == order[0] ? CellFlags.atZero : 0
    try kernel.set(2, phases.reduce(flags | start) { $0 | CellFlags.first << $1 })
  }

  private func enqueue(_ step: Int, count: Int, phases: Range<Int>, columns: Int, on backend: OpenCLBackend) throws {
    let hidden = sequence.cell.hiddenSize
    try set(prepared, step, count, phases)
    let isFused = flags & CellFlags.fused != 0
    let gates = isFused ? kernels.phases[phases].reduce(0) { $0 + $1.count } : 0
    let (items, group) = backend.style.range(
      plan.tile, rows: sequence.batch.tiles(of: plan.groupRows), columns: columns)
    // Of all operands but U, the part of these steps.
    let weights = isFused ? sequence.weights.weightHH.bytes : 0
    let bytes = (prepared.bytes - weights) * count / sequence.steps + weights
    try backend.enqueue(
      prepared, items, group: group, bytes: bytes, flops: 2 * sequence.batch * hidden * hidden * gates * count)
  }
}

/// The bits of a cell kernel's `flags`, as in `cell.cl`.
enum CellFlags {
  static let biasIH = 1
  static let biasHH = 2
  static let lengths = 4
  static let resets = 8
  static let cuts = 16
  static let fused = 32
  static let dOutput = 64
  static let reversed = 128
  /// The first phase of a step; the second one is twice that.
  static let first = 256
  static let atZero = 1024
}

// MARK: - Making one

extension OpenCLBackend {
  /// A forward pass. The recurrent products are in `recurrent`, or computed by the kernel with `weights`, U in its
  /// layout. A pass that `keeps` its arguments may run repeatedly.
  func forwardPass(
    _ sequence: CellSequence, _ plan: CellPlan, output: Region?, recurrent: Region? = nil, weights: [Region]?,
    startsAtZero: Bool = false, keeps: Bool = false
  ) throws -> CellPass {
    let kernels = CellKernels(sequence.cell.kind)
    let flags = sequence.flags | (weights == nil ? 0 : CellFlags.fused)
    let operands: [any KernelArgument] = [
      try sequence.canonicalReserve(), recurrent ?? Absent.region, sequence.weights.biasIH ?? Absent.region,
      sequence.weights.biasHH ?? Absent.region, sequence.h, output ?? Absent.region,
    ]
    let own = (weights ?? kernels.phases.map { _ in Absent.region }) + own(sequence.cell.kind, sequence.c)
    return try pass(sequence, .forward, plan, flags, operands, own, startsAtZero: startsAtZero, keeps: keeps)
  }

  /// A backward pass. The products with U are in `dh` (for n of a reset-before GRU, in `recurrent`), or computed by the
  /// kernel, with scratch memory if the groups divide the gates.
  func backwardPass(
    _ sequence: CellSequence, _ plan: CellPlan, dOutput: Region?, dh: Region, dc: Region?, cuts: Bool,
    recurrent: Region? = nil, weights: [Region]?
  ) throws -> CellPass {
    let kernels = CellKernels(sequence.cell.kind)
    let flags =
      sequence.flags | (weights == nil ? 0 : CellFlags.fused) | (cuts ? CellFlags.cuts : 0)
      | (dOutput == nil ? 0 : CellFlags.dOutput)
    let gates = plan.grid.gates
    let (rows, columns) = (gates * sequence.batch, sequence.cell.hiddenSize)
    let products =
      gates > 0 ? try Region(scratch(.gateSums, rows * columns), rows: rows, columns: columns) : recurrent
    let operands: [any KernelArgument] = [
      try sequence.canonicalReserve(), products ?? Absent.region, dh, dOutput ?? Absent.region, sequence.h,
    ]
    let states = [dc, sequence.c].compactMap { $0 } as [any KernelArgument]
    let own = (weights ?? kernels.phases.map { _ in Absent.region }) + states + own(sequence.cell.kind, nil)
    return try pass(sequence, .backward, plan, flags, operands, own)
  }

  /// A pass with `operands`, the arguments of the rows, common to both directions, and the cell's `own`.
  private func pass(
    _ sequence: CellSequence, _ direction: CellPass.Direction, _ plan: CellPlan, _ flags: Int,
    _ operands: [any KernelArgument], _ own: [any KernelArgument], startsAtZero: Bool = false, keeps: Bool = false
  ) throws -> CellPass {
    _ = try kernelInt(sequence.h.rows, at: "\(sequence.cell.kind)")
    let kernels = CellKernels(sequence.cell.kind)
    let name = kernels.name(direction)
    let steps: [any KernelArgument] = [0, 0, 0]
    let hidden = sequence.cell.hiddenSize
    func prepared(_ tile: Tile, _ form: CellForm, _ grid: [any KernelArgument], _ groupRows: Int) throws
      -> PreparedKernel
    {
      let rows: [any KernelArgument] = [
        sequence.lengths ?? Absent.indices, sequence.resets ?? Absent.indices, sequence.steps, sequence.batch, hidden,
        groupRows,
      ]
      return try self.prepared(
        kernels.file, name, tile: tile, options: style.options(tile, form), keeps: keeps,
        steps + grid + operands + rows + own)
    }
    guard plan.tier == .persistent, let form = persistentForm(kernels, direction, hidden, plan) else {
      return CellPass(
        sequence: sequence, direction: direction, plan: plan, kernels: kernels,
        prepared: try prepared(plan.tile, .usual, [], plan.groupRows), flags: flags, startsAtZero: startsAtZero)
    }
    // Each launch has its own.
    let grid: [any KernelArgument] = [Absent.memory, 0, 0, 0]
    let tile = style.candidates(CellClass(sequence, direction))[0].tile
    return CellPass(
      sequence: sequence, direction: direction, plan: plan, kernels: kernels,
      prepared: try prepared(plan.tile, form, grid, plan.groupRows),
      fallback: (try prepared(tile, .fallback, grid, tile.height), tile), flags: flags, startsAtZero: startsAtZero)
  }

  /// The arguments of one kind of cell.
  private func own(_ kind: CellKind, _ c: Region?) -> [any KernelArgument] {
    if case .elman(let function) = kind { return [function.rawValue] }
    return c.map { [$0] } ?? []
  }

  /// U in the layout of a pass's kernels: in panels per phase (wide), or unchanged (SIMT).
  func recurrentWeights(
    _ sequence: CellSequence, _ direction: CellPass.Direction, _ memory: (Int, Int) throws -> OpenCLBuffer
  ) throws -> [Region] {
    let hidden = sequence.cell.hiddenSize
    let kernels = CellKernels(sequence.cell.kind)
    return try kernels.phases.enumerated().map { place, gates in
      let u = sequence.weights.weightHH.rows(gates.lowerBound * hidden..<gates.upperBound * hidden)
      guard style.kind == .wide else { return u }
      let parts = direction == .forward ? gates.count : 1
      let lanes = kernels.unitVectors(place, direction) * style.width
      let count = hidden.tiles(of: lanes) * lanes * gates.count * hidden
      let panels = try memory(place, count)
      try pack(u, transposes: direction == .forward, parts: parts, lanes: lanes, into: panels)
      return try Region(panels, columns: count)
    }
  }
}

extension GridBarrier.Grid {
  /// The work-groups of a persistent plan.
  init(_ sequence: CellSequence, _ direction: CellPass.Direction, _ plan: CellPlan) {
    self.init(
      cell: CellClass(sequence, direction).name, groups: plan.grid.columns * sequence.batch.tiles(of: plan.groupRows))
  }
}

extension CellSequence {
  fileprivate var flags: Int {
    (weights.biasIH == nil ? 0 : CellFlags.biasIH) | (weights.biasHH == nil ? 0 : CellFlags.biasHH)
      | (lengths == nil ? 0 : CellFlags.lengths) | (resets == nil ? 0 : CellFlags.resets)
      | (isReversed ? CellFlags.reversed : 0)
  }
}
