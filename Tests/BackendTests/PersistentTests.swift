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
        #expect(!backend.gridBarrier.hasFailed && (backend.launches[CellKernels(kind).forward] ?? 0) > 0)
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

  /// More groups than run at once do not meet: the numbers are right, a line says so, and no later run tries it again.
  @Test(arguments: [CellKind.lstm, .gru(.resetAfter)]) func groupsThatDoNotMeet(_ kind: CellKind) throws {
    let folder = FileManager.default.temporaryDirectory.path + "/recur-\(UInt64.random(in: 0 ... .max))"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let cache = ProgramCache(folder: folder)
    let device = try #require(try OpenCLDevice.tested().first { $0.isCPU && $0.units < 64 })
    let options = CellOptions(
      kind: kind, steps: 5, batch: 3, inputs: 4, hidden: 33, hasLengths: true, hasInitial: true, gradients: .all)
    let choice = CellChoice(tier: .persistent, tile: Tile(rows: 1, x: 4, y: 8))
    let names = CellPass.Direction.allCases.map { CellClass(CellKernels(kind), $0, batch: 3, hidden: 33).name }
    try Tuning(style: .simt, choices: Choices(cells: Dictionary(uniqueKeysWithValues: names.map { ($0, choice) })))
      .store(for: device, in: cache)

    let backend = try OpenCLBackend(device, cache: cache)
    #expect(backend.device.variant.contains(" persistent "))
    // PoCL would compile all kernels again for binaries, which nothing here reads.
    backend.context.keepsBinaries = false
    backend.tier = .persistent
    backend.gridBarrier.groupLimit = 64
    backend.gridBarrier.spins = 1000
    var notes: [String] = []
    backend.onNote = { notes.append($0) }
    let expected = try run(options, on: ReferenceBackend())
    var comparison = Comparison("\(options)")
    for _ in 0..<2 { try comparison.compare(run(options, on: backend), with: expected) }
    #expect(comparison.result.passed, "\(comparison.result.detail)")
    #expect(backend.gridBarrier.hasFailed)
    #expect(notes.count == 1)
    #expect(backend.choices == Choices())

    let next = try OpenCLBackend(device, cache: cache)
    #expect(next.style.kind == .simt)
    #expect(next.choices == Choices())
    #expect(!next.device.variant.contains("persistent"))
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
    #expect(backend.gridBarrier.hasFailed == (groups > 1))
    #expect(comparison.result.passed, "\(comparison.result.detail)")
  }

  /// Groups that met and then lost each other leave numbers half done: an error, and the next pass takes another tier.
  @Test func groupsThatLoseEachOther() throws {
    let backend = try backend(#require(try OpenCLDevice.tested().first), groups: 1)
    let options = CellOptions(kind: .lstm, steps: 3, batch: 5, inputs: 4, hidden: 33)
    _ = try run(options, on: backend)
    let state = try #require(backend.gridBarrier.state)
    try backend.upload([Float(bitPattern: 2)], to: Region(state, offset: 2, columns: 1))
    let error = #expect(throws: RecurrentError.self) { try backend.synchronize() }
    #expect(error?.kind == .device)
    #expect(backend.gridBarrier.hasFailed)
    try backend.synchronize()
    var comparison = Comparison("\(options)")
    try comparison.compare(run(options, on: backend), with: run(options, on: ReferenceBackend()))
    #expect(comparison.result.passed, "\(comparison.result.detail)")
  }
}
