import RecurrentCore
import RecurrentReference
import Testing

@testable import RecurrentCheck
@testable import RecurrentOpenCL

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Persistent launches, whose work-groups meet after every step. A processor runs as many as it has threads: 1 and 2 here.
@Suite(.serialized) struct PersistentTests {
  private static let kinds = [CellKind.elman(.relu), .lstm, .gru(.resetAfter), .gru(.resetBefore)]

  private func backend(_ device: OpenCLDevice, groups: Int) throws -> OpenCLBackend {
    let backend = try OpenCLBackend(device, cache: nil, style: .simt, tier: .persistent)
    backend.gridBarrier.groupLimit = groups
    return backend
  }

  private func run(_ options: CellOptions, on backend: any Backend) throws -> Stage {
    let trial = try CellTrial(Stage(backend, seed: "\(options)"), options)
    try trial.forward()
    try trial.backward()
    return trial.stage
  }

  /// Right numbers, and the same bits again and with another number of groups.
  @Test(arguments: kinds) func parity(_ kind: CellKind) throws {
    let cases = [
      CellOptions(kind: kind, steps: 1, batch: 3, inputs: 4, hidden: 33),
      CellOptions(kind: kind, steps: 3, batch: 1, inputs: 4, hidden: 33, isReversed: true, hasInitial: true),
      CellOptions(
        kind: kind, steps: 33, batch: 35, inputs: 4, hidden: 33, hasLengths: true, hasResets: true, hasInitial: true,
        gradients: .all),
      CellOptions(
        kind: kind, steps: 9, batch: 2, inputs: 4, hidden: 33, isReversed: true, hasLengths: true, hasResets: true,
        hasInitial: true, gradients: .finals),
    ]
    for device in try OpenCLDevice.tested() {
      let backends = try [1, 2].map { try backend(device, groups: $0) }
      for options in cases {
        let expected = try run(options, on: ReferenceBackend())
        var comparison = Comparison("\(options)")
        let first = try run(options, on: backends[0])
        try comparison.compare(first, with: expected)
        for again in backends { try comparison.requireSameBits(first, run(options, on: again)) }
        #expect(comparison.result.passed, "\(device.title): \(comparison.result.detail)")
      }
      for backend in backends {
        #expect(backend.gridBarrier.failed.isEmpty && (backend.launches[CellKernels(kind).forward] ?? 0) > 0)
      }
    }
  }

  /// The groups divide the gates of a backward product.
  @Test(arguments: [CellKind.lstm, .gru(.resetAfter)]) func dividedGates(_ kind: CellKind) throws {
    let options = CellOptions(
      kind: kind, steps: 9, batch: 35, inputs: 4, hidden: 33, hasLengths: true, hasResets: true, hasInitial: true,
      gradients: .all)
    let expected = try run(options, on: ReferenceBackend())
    for device in try OpenCLDevice.tested() {
      var first: Stage?
      for groups in [1, 2] {
        let backend = try backend(device, groups: groups)
        backend.gateBytes = 0
        let stage = try run(options, on: backend)
        var comparison = Comparison("\(options)")
        try comparison.compare(stage, with: expected)
        if let first { try comparison.requireSameBits(first, stage) }
        first = stage
        #expect(comparison.result.passed, "\(device.title): \(comparison.result.detail)")
        #expect(backend.gridBarrier.failed.isEmpty)
      }
    }
  }

  /// One launch a pass, and the one behind it.
  @Test(arguments: kinds) func launches(_ kind: CellKind) throws {
    let backend = try backend(#require(try OpenCLDevice.tested().first), groups: 1)
    _ = try run(CellOptions(kind: kind, steps: 9, batch: 3, inputs: 4, hidden: 33), on: backend)
    #expect(backend.launches[CellKernels(kind).forward] == 2)
    #expect(backend.launches[CellKernels(kind).backward] == 2)
  }

  /// The work-groups of a GPU, on a processor: one that keeps its part of U in as many registers as there are.
  @Test func tilesOfGPUs() throws {
    let options = CellOptions(kind: .lstm, steps: 3, batch: 5, inputs: 4, hidden: 33)
    let expected = try run(options, on: ReferenceBackend())
    let backend = try backend(#require(try OpenCLDevice.tested().first), groups: 2)
    for direction in CellPass.Direction.allCases {
      let cell = CellClass(CellKernels(.lstm), direction, batch: 5, hidden: 33)
      backend.choices.cells[cell.name] = CellChoice(tier: .persistent, tile: Tile(rows: 1, x: 8, y: 32))
    }
    var comparison = Comparison("\(options)")
    try comparison.compare(run(options, on: backend), with: expected)
    #expect(comparison.result.passed, "\(comparison.result.detail)")
  }

  /// A backend with more groups than run concurrently.
  private func crowded(_ device: OpenCLDevice, _ cache: ProgramCache? = nil) throws -> OpenCLBackend {
    let backend = try OpenCLBackend(device, cache: cache, style: .simt, tier: .persistent)
    // PoCL would compile all kernels again for binaries, which nothing here reads.
    backend.context.keepsBinaries = false
    backend.gridBarrier.groupLimit = 64
    backend.gridBarrier.spins = 1000
    return backend
  }

  /// A processor with fewer threads than `crowded` has groups.
  private func processor() throws -> OpenCLDevice {
    try #require(try OpenCLDevice.tested().first { $0.isCPU && $0.units < 5 })
  }

  private static let crowd = CellOptions(
    kind: .lstm, steps: 5, batch: 1, inputs: 4, hidden: 33, hasLengths: true, hasInitial: true, gradients: .all)
  /// The grids of `crowd`: 9 groups with 4 units each, and 5 with 8. No smaller ones hold U.
  private static let grids = [("Forward", 9), ("Backward", 5)].map {
    GridBarrier.Grid(cell: "lstm\($0) B1 H64", groups: $1)
  }

  private func expectRight(_ options: CellOptions, on backend: OpenCLBackend, times: Int = 1) throws {
    let expected = try run(options, on: ReferenceBackend())
    var comparison = Comparison("\(options)")
    for stage in try (0..<times).map({ _ in try run(options, on: backend) }) {
      try comparison.compare(stage, with: expected)
    }
    #expect(comparison.result.passed, "\(comparison.result.detail)")
  }

  /// A grid that does not start is not tried again, and a note says so; others are. Later runs try it, until it has failed
  /// in several.
  @Test func groupsThatDoNotStart() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/recur-\(UInt64.random(in: 0 ... .max))"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (device, cache) = (try processor(), ProgramCache(folder: folder))
    let choice = CellChoice(tier: .persistent, tile: Tile(rows: 1, x: 4, y: 8))
    let choices = Choices(cells: Dictionary(uniqueKeysWithValues: Self.grids.map { ($0.cell, choice) }))
    try Tuning(style: .simt, choices: choices).store(for: device, in: cache)

    for earlier in [0, 2] {
      let backend = try crowded(device, cache)
      #expect(backend.choices == choices)
      var notes: [String] = []
      backend.onNote = { notes.append($0) }
      // The host reads the verdict at once: the second pass does not try the grid.
      try expectRight(Self.crowd, on: backend, times: 2)
      let steps = Self.crowd.steps
      #expect(backend.launches["lstmForward"] == 2 + steps && backend.launches["lstmBackward"] == 2 + steps)
      #expect(backend.gridBarrier.failed == Set(Self.grids) && !backend.gridBarrier.isBroken)
      for grid in Self.grids {
        #expect(!backend.gridBarrier.isUsable(GridBarrier.Grid(cell: grid.cell, groups: grid.groups + 1)))
        #expect(backend.gridBarrier.isUsable(GridBarrier.Grid(cell: grid.cell, groups: grid.groups - 1)))
      }
      #expect(backend.gridBarrier.isUsable(GridBarrier.Grid(cell: "lstmForward B16 H64", groups: 9)))
      #expect(notes.count == (earlier == 0 ? 1 : 2) && notes.last?.contains("--tune") == (earlier == 2), "\(notes)")
      if earlier == 0 {
        for grid in Self.grids { _ = FailedStarts.add(grid, of: device, to: cache) }
      }
    }
    let next = try OpenCLBackend(device, cache: cache)
    #expect(next.style.kind == .simt && next.choices == Choices() && !next.device.variant.contains("persistent"))
    #expect(next.gridBarrier.failed == Set(Self.grids))
  }

  /// A grid that has started before, on a device that another process then uses: the numbers are right, and it is not
  /// tried again once the host has waited.
  @Test func groupsThatNoLongerStart() throws {
    let backend = try crowded(processor())
    backend.gridBarrier.started = Set(Self.grids)
    var notes: [String] = []
    backend.onNote = { notes.append($0) }
    try expectRight(Self.crowd, on: backend, times: 2)
    #expect(backend.launches["lstmForward"] == 4)
    // After the first failure no launch waits for its groups, so that it says nothing about its grid.
    #expect(backend.gridBarrier.failed == [Self.grids[0]])
    #expect(notes.count == 1)
    try expectRight(Self.crowd, on: backend)
    #expect(backend.launches["lstmForward"] == 4 + Self.crowd.steps)
  }

  /// A grid that the driver rejects is not launched: its fallback does the work.
  @Test func groupsThatTheDriverRejects() throws {
    let backend = try crowded(processor())
    backend.gridBarrier.concurrentGroups = { _, group in group.reduce(1, *) == 32 ? 4 : nil }
    var notes: [String] = []
    backend.onNote = { notes.append($0) }
    let variant = backend.device.variant
    try expectRight(Self.crowd, on: backend)
    #expect(backend.launches["lstmForward"] == 1 && backend.launches["lstmBackward"] == 1)
    #expect(backend.gridBarrier.failed == Set(Self.grids))
    #expect(backend.device.variant != variant && notes.count == 1 && notes[0].contains("only 4 of 9"), "\(notes)")
  }

  /// Persistent kernels that the driver does not compile: one launch per step does the work.
  @Test func kernelsThatTheDriverRejects() throws {
    let backend = try crowded(processor())
    backend.gridBarrier.probed = ("CL1.2 -DGRID_BARRIER=3", 9)
    var notes: [String] = []
    backend.onNote = { notes.append($0) }
    try expectRight(Self.crowd, on: backend)
    #expect(backend.launches["lstmForward"] == Self.crowd.steps)
    #expect(backend.gridBarrier.failed == Set(Self.grids) && notes.count == 1)
  }

  /// The fallback in a launch per step gives the bits of one launch.
  @Test func fallbackInParts() throws {
    let options = Self.crowd
    let stages = try [1 << 30, 1].map { limit in
      let backend = try crowded(processor())
      backend.gridBarrier.fallbackLimit = limit
      let stage = try run(options, on: backend)
      #expect(backend.launches["lstmBackward"] == 1 + (limit == 1 ? options.steps : 1))
      return stage
    }
    var comparison = Comparison("\(options)")
    try comparison.compare(stages[1], with: run(options, on: ReferenceBackend()))
    try comparison.requireSameBits(stages[0], stages[1])
    #expect(comparison.result.passed, "\(comparison.result.detail)")
  }

  /// A prepared pass whose groups meet, and one of more than run at once, which then takes another tier.
  @Test(arguments: [1, 64]) func preparedPasses(groups: Int) throws {
    let backend = try backend(#require(try OpenCLDevice.tested().first { $0.isCPU && $0.units < 9 }), groups: groups)
    if groups > 1 { backend.gridBarrier.spins = 1000 }
    let options = CellOptions(kind: .lstm, steps: 3, batch: 5, inputs: 4, hidden: 33, hasInitial: true)
    let oracle = Stage(ReferenceBackend(), seed: "prepared")
    try CellTrial(oracle, options).forward()
    let stage = Stage(backend, seed: "prepared")
    let run = try backend.prepare(CellTrial(stage, options).forwardPass)
    var comparison = Comparison("\(options)")
    for _ in 0..<3 {
      try run()
      try comparison.compare(stage, with: oracle)
    }
    #expect(backend.gridBarrier.failed.isEmpty == (groups == 1))
    #expect(comparison.result.passed, "\(comparison.result.detail)")
  }

  /// Groups that met and then lost each other leave numbers half done: an error, and the next pass takes another tier.
  @Test func groupsThatLoseEachOther() throws {
    let backend = try backend(#require(try OpenCLDevice.tested().first), groups: 1)
    let options = CellOptions(kind: .lstm, steps: 3, batch: 5, inputs: 4, hidden: 33)
    // The host reads the state of a grid's first launch at once.
    for _ in 0..<2 { _ = try run(options, on: backend) }
    let state = try #require(backend.gridBarrier.state)
    try backend.upload([Float(bitPattern: 2)], to: Region(state, offset: 2, columns: 1))
    let error = #expect(throws: RecurrentError.self) { try backend.synchronize() }
    #expect(error?.kind == .device)
    #expect(backend.gridBarrier.isBroken)
    try backend.synchronize()
    var comparison = Comparison("\(options)")
    try comparison.compare(run(options, on: backend), with: run(options, on: ReferenceBackend()))
    #expect(comparison.result.passed, "\(comparison.result.detail)")
  }

  /// The litmus of the barrier passes with all groups, and finds stale values where groups do not wait for each other.
  @Test func litmus() throws {
    for device in try OpenCLDevice.tested() {
      let backend = try backend(device, groups: 2)
      let (language, groups) = try #require(backend.gridBarrier.probed)
      for wanted in [groups, 0] {
        let probe = Probe.gridBarrier(device, groups: groups, rounds: 1000, wanted: wanted)
        let trial = try backend.prepareBarriers(probe, language)
        // A launch must leave nothing behind for the next.
        for _ in 0..<2 { try trial.run() }
        let fault = try trial.fault()
        #expect((fault == nil) == (wanted > 0 || groups == 1), "\(device.title): \(fault ?? "")")
      }
    }
  }

  /// The cases of `recur check` for persistent launches: on processors only if they are asked for, and small.
  @Test func casesOfCheck() throws {
    let device = try #require(try OpenCLDevice.tested().first { $0.isCPU })
    let cases = ParityCase.persistent(size: .full)
    let usual = try OpenCLBackend(device, cache: nil, style: .simt, tier: .step)
    #expect(cases.allSatisfy { !$0.applies(ReferenceBackend()) })
    #expect(cases.filter { $0.applies(usual) }.map(\.operation) == ["barrier"])
    let backend = try backend(device, groups: 2)
    let small = cases.filter { $0.applies(backend) }
    #expect(small.map(\.operation) == ["barrier", "persistent", "persistent", "persistent"])
    for test in small.prefix(2) {
      let result = try test.run(backend)
      #expect(result.passed, "\(result.detail)")
    }
    #expect((backend.launches["lstmForward"] ?? 0) > 2 && backend.gridBarrier.failed.isEmpty)
  }

  /// What the comparison of two paths finds.
  @Test func wrongPath() throws {
    let backend = try backend(#require(try OpenCLDevice.tested().first), groups: 1)
    let stages = try (0..<2).map { _ in try run(Self.crowd, on: backend) }
    var comparison = Comparison("equal")
    try comparison.compare(stages[1], withOtherPath: stages[0])
    #expect(comparison.result.passed)
    let result = try #require(stages[1].operands.first { if case .result = $0.role { true } else { false } }).region
    try backend.upload(
      [backend.download(result)[0] + 0.01], to: Region(result.buffer, offset: result.offset, columns: 1))
    try comparison.compare(stages[1], withOtherPath: stages[0])
    #expect(!comparison.result.passed)
  }
}
