import RecurrentCPU
import RecurrentCore
import Testing

@testable import RecurrentCheck

/// How many threads share the work changes no bit of a result.
@Suite struct ThreadsTests {
  @Test(
    arguments: [CellKind.elman(.tanh), .lstm, .gru(.resetAfter), .gru(.resetBefore)], [(33, 65), (3, 300), (13, 600)])
  func cells(kind: CellKind, size: (batch: Int, hidden: Int)) throws {
    try expectSameBits { stage in
      let options = CellOptions(
        kind: kind, steps: 5, batch: size.batch, inputs: 40, hidden: size.hidden, hasResets: true, hasInitial: true,
        gradients: .all)
      let trial = try CellTrial(stage, options)
      try trial.forward()
      try trial.backward()
    }
  }

  /// Threads that own rows, and gates of a few columns or a long input, which a step may take itself or leave to a product.
  @Test(
    arguments: [CellKind.elman(.tanh), .lstm, .gru(.resetAfter), .gru(.resetBefore)],
    [(33, 40, 65), (8, 40, 3), (8, 40, 1), (8, 1_100, 8), (70, 2, 5)])
  func cellsWithoutResets(kind: CellKind, size: (batch: Int, inputs: Int, hidden: Int)) throws {
    for isReversed in [false, true] {
      try expectSameBits { stage in
        let options = CellOptions(
          kind: kind, steps: 5, batch: size.batch, inputs: size.inputs, hidden: size.hidden, isReversed: isReversed,
          hasLengths: isReversed, hasInitial: true, gradients: .all, adds: isReversed)
        let trial = try CellTrial(stage, options)
        try trial.forward()
        try trial.backward()
      }
    }
  }

  private static let levels = CPULevel.allCases.filter(\.isSupported)

  @Test(arguments: [CellKind.elman(.relu), .lstm, .gru(.resetAfter), .gru(.resetBefore)], levels)
  func cellsAtEveryLevel(kind: CellKind, level: CPULevel) throws {
    try expectSameBits(level) { stage in
      let options = CellOptions(
        kind: kind, steps: 6, batch: 11, inputs: 40, hidden: 140, hasInitial: true, gradients: .all)
      let trial = try CellTrial(stage, options)
      try trial.forward()
      try trial.backward()
    }
  }

  @Test(arguments: [(150, 270, 600), (7, 9, 3000), (1, 513, 300)], levels)
  func matmul(size: (m: Int, n: Int, k: Int), level: CPULevel) throws {
    let (m, n, k) = size
    try expectSameBits(level) { stage in
      try stage.backend.matmul(Matmul(stage.input(m, k), stage.input(k, n), into: stage.output(m, n)))
      try stage.backend.matmul(
        Matmul(stage.input(k, m), stage.input(k, n), transposesA: true, into: stage.output(m, n)))
    }
  }

  @Test(arguments: Reduce.Axis.allCases)
  func reduce(axis: Reduce.Axis) throws {
    try expectSameBits { stage in
      let output =
        switch axis {
        case .rows: try stage.output(1, 66)
        case .columns: try stage.output(2_500, 1)
        case .all: try stage.output(1, 1)
        }
      try stage.backend.reduce(Reduce(over: axis, stage.input(2_500, 66), into: output))
    }
  }

  private func expectSameBits(_ level: CPULevel = .best, _ body: (Stage) throws -> Void) throws {
    let stages = try [1, 2, 3, 5].map { threads in
      let stage = Stage(try CPUBackend(level: level, threads: threads), seed: "threads")
      try body(stage)
      return stage
    }
    var comparison = Comparison("threads")
    for stage in stages.dropFirst() { try comparison.requireSameBits(stages[0], stage) }
    #expect(comparison.result.passed, "\(comparison.result.detail)")
  }
}
