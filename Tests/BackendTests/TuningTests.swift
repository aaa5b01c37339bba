import RecurrentCore
import TestSupport
import Testing

@testable import RecurrentCheck
@testable import RecurrentOpenCL

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Variants of a kernel may differ in time, never in a bit.
@Suite struct TuningTests {
  private static let kinds = [CellKind.elman(.tanh), .lstm, .gru(.resetAfter), .gru(.resetBefore)]

  private func backends() throws -> [OpenCLBackend] {
    try OpenCLDevice.tested().flatMap { device in
      try KernelStyle.Kind.allCases.map { try OpenCLBackend(device, cache: nil, style: $0, tuned: false) }
    }
  }

  /// The results of three candidates, in `make test-all` of all, must be those of the first one.
  private func expectSameBits<Candidate>(
    _ name: String, _ candidates: [Candidate], on backend: OpenCLBackend, _ run: (Candidate, Stage) throws -> Void
  ) throws {
    let first = Stage(backend, seed: name)
    let candidates = TestExtent.some(candidates)
    try run(candidates[0], first)
    var comparison = Comparison(name)
    for candidate in candidates.dropFirst() {
      let stage = Stage(backend, seed: name)
      try run(candidate, stage)
      try comparison.requireSameBits(first, stage)
    }
    #expect(comparison.result.passed, "\(backend.device.variant): \(comparison.result.detail)")
  }

  @Test(arguments: [(13, 67, 300), (70, 67, 300), (200, 33, 40)])
  func productsAgree(m: Int, n: Int, k: Int) throws {
    for backend in try backends() {
      for transposesA in [false, true] {
        let product: ProductClass = transposesA ? .gradient : m <= 16 ? .few : m <= 128 ? .some : .many
        // Others go by warps, whose tiles have tests of their own.
        guard backend.style.kind == .wide || product == .few else { continue }
        try expectSameBits("product \(product)", backend.style.candidates(product), on: backend) { tile, stage in
          backend.choices.products[product.rawValue] = tile
          let (a, b) = try (stage.input(transposesA ? k : m, transposesA ? m : k), stage.input(n, k))
          let c = try stage.output(m, n)
          try backend.matmul(Matmul(a, b, transposesA: transposesA, transposesB: true, into: c))
        }
      }
    }
  }

  @Test(arguments: kinds) func cellsAgree(_ kind: CellKind) throws {
    let options = CellOptions(
      kind: kind, steps: 5, batch: 35, inputs: 7, hidden: 70, isReversed: true, hasLengths: true, hasResets: true,
      hasInitial: true, gradients: .all)
    for backend in try backends() {
      let classes = CellPass.Direction.allCases.map { CellClass(CellKernels(kind), $0, batch: 35, hidden: 70) }
      try expectSameBits("\(kind)", backend.style.candidates(classes[0]), on: backend) { choice, stage in
        for cell in classes { backend.choices.cells[cell.name] = choice }
        let trial = try CellTrial(stage, options)
        try trial.forward()
        try trial.backward()
      }
    }
  }

  /// One launch a step in the tier `step`, two for a reset-before GRU; one a sequence in `sequence`.
  @Test(arguments: kinds) func launches(_ kind: CellKind) throws {
    let options = CellOptions(kind: kind, steps: 9, batch: 3, inputs: 4, hidden: 5)
    let device = try #require(try OpenCLDevice.all(.open()).first)
    for style in KernelStyle.Kind.allCases {
      for (tier, count) in [(Tier.step, kind == .gru(.resetBefore) ? 18 : 9), (.sequence, 1)] {
        let backend = try OpenCLBackend(device, cache: nil, style: style, tier: tier)
        let trial = try CellTrial(Stage(backend, seed: "launches"), options)
        try backend.startProfile()
        try trial.forward()
        try trial.backward()
        let calls = try backend.finishProfile().calls
        for (direction, kernel) in [("forward", CellKernels(kind).forward), ("backward", CellKernels(kind).backward)] {
          #expect(calls.filter { $0.name == kernel }.count == count, "\(direction) \(style) \(tier)")
        }
      }
    }
  }

  /// A candidate whose results differ is not chosen, however fast it is.
  @Test func wrongCandidates() throws {
    let backend = try OpenCLBackend(#require(try OpenCLDevice.all(.open()).first), cache: nil, tuned: false)
    let x = try backend.upload((0..<4096).map { Float($0) }, rows: 64, columns: 64)
    let y = try backend.allocate(rows: 64, columns: 64)
    let result = try backend.choose("copies", ["slow", "wrong", "NaN"]) { name in
      let scale: Float = name == "wrong" ? 1.00001 : name == "NaN" ? .nan : 1
      return Trial(
        restore: { try backend.fill(y, with: 0) },
        run: {
          for _ in 0..<(name == "slow" ? 50 : 1) { try backend.scale(Scale(x, by: scale, into: .set(y))) }
        }, results: [y])
    }
    #expect(result.choice == "slow" && result.wrong == ["wrong", "NaN"])
  }

  /// Passes on random values: those of the step tier agree with a persistent launch's, within the tolerance, and not with those
  /// of other weights.
  @Test(arguments: [CellKind.lstm, .gru(.resetAfter)]) func trialsOfCells(_ kind: CellKind) throws {
    let backend = try OpenCLBackend(
      #require(try OpenCLDevice.tested().first), cache: nil, style: .simt, tier: .step, tuned: false)
    let sequence = try backend.trialSequence(kind, steps: 64, batch: 4, hidden: 64)
    let operands = try TrialOperands(sequence, on: backend)
    for direction in CellPass.Direction.allCases {
      let results = try [Tier.step, .persistent, .persistent].enumerated().map { place, tier in
        backend.tier = tier
        if place == 2 {
          try backend.fill(sequence.weights.weightHH.rows(0..<1), with: direction == .forward ? 0.1 : 0.2)
        }
        let trial = try backend.trialPass(sequence, direction, operands)
        for _ in 0..<2 {
          try trial.restore()
          try trial.run()
        }
        return try trial.results.map { try backend.download($0) }
      }
      #expect(results[0].allSatisfy { $0.contains { $0 != 0 } })
      #expect(Trial.agree(results[1], results[0]) && results[1] != results[0])
      #expect(!Trial.agree(results[2], results[0]))
    }
    #expect(backend.gridBarrier.failed.isEmpty)
  }

  /// What was found lies with the programs, for this device and driver alone, and damage is as good as nothing.
  @Test func tuningIsKept() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/recur-\(UInt64.random(in: 0 ... .max))"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let cache = ProgramCache(folder: folder)
    let device = try #require(try OpenCLDevice.all(.open()).first)
    #expect(Tuning.stored(for: device, in: cache) == nil)

    let tile = Tile(rows: 3, columns: 1, x: 8, y: 2)
    let choices = Choices(
      products: ["few": tile], cells: ["lstmForward B1 H64": CellChoice(tier: .step, tile: tile, groups: 2)])
    try Tuning(style: .simt, choices: choices).store(for: device, in: cache)
    let tuned = try OpenCLBackend(device, cache: cache)
    #expect(tuned.style.kind == .simt)
    #expect(tuned.choices == choices)
    let wide = try OpenCLBackend(device, cache: cache, style: .wide)
    #expect(wide.choices == Choices())
    #expect(try OpenCLBackend(device, cache: nil).choices == Choices())

    for file in try FileManager.default.contentsOfDirectory(atPath: folder) {
      var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file)")))
      bytes[bytes.count - 2] ^= 0xFF
      try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(file)"))
    }
    #expect(Tuning.stored(for: device, in: cache) == nil)
  }
}
