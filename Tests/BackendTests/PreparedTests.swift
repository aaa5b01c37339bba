import RecurrentCore
import RecurrentReference
import TestSupport
import Testing

@testable import RecurrentCheck

/// A prepared pass gives what the pass gives, again and again.
@Suite struct PreparedTests {
  struct Size: Sendable {
    var steps = 5
    let batch: Int, inputs: Int, hidden: Int
  }

  /// A row or two, threads that own rows, threads that share units, and inputs of more than a block.
  static let sizes = [
    Size(steps: 1, batch: 1, inputs: 7, hidden: 33), Size(steps: 2, batch: 2, inputs: 40, hidden: 65),
    Size(batch: 33, inputs: 40, hidden: 65), Size(batch: 3, inputs: 20, hidden: 300),
    Size(batch: 12, inputs: 1_100, hidden: 8), Size(batch: 7, inputs: 3, hidden: 1),
  ]

  @Test(arguments: TestDevice.everyTier, sizes) func passes(_ device: TestDevice, _ size: Size) throws {
    for kind in [CellKind.elman(.tanh), .lstm, .gru(.resetAfter), .gru(.resetBefore)] {
      for isLookup in [false, true] {
        let options = CellOptions(
          kind: kind, steps: size.steps, batch: size.batch, inputs: size.inputs, hidden: size.hidden, hasInitial: true,
          gradients: .all, isLookup: isLookup)
        let oracle = Stage(ReferenceBackend(), seed: "prepared")
        try CellTrial(oracle, options).forward()
        let result = try device.run { backend in
          let stage = Stage(backend, seed: "prepared")
          let pass = try backend.prepare(CellTrial(stage, options).forwardPass)
          for _ in 0..<2 { try pass() }
          var comparison = Comparison("prepared \(kind) \(size) \(isLookup)")
          try comparison.compare(stage, with: oracle)
          return comparison.result
        }
        #expect(result.passed, "\(result.name): \(result.detail)")
      }
    }
  }

  /// Passes that are prepared together: over the memory of one sequence from both ends, with the same weights, and over that of
  /// another one with weights of its own.
  @Test(arguments: TestDevice.everyTier, sizes) func passesTogether(_ device: TestDevice, _ size: Size) throws {
    for kind in [CellKind.elman(.tanh), .lstm, .gru(.resetAfter), .gru(.resetBefore)] {
      let options = CellOptions(
        kind: kind, steps: size.steps, batch: size.batch, inputs: size.inputs, hidden: size.hidden, gradients: .all)
      func stage(of backend: any Backend, _ run: ([SequenceForward]) throws -> Void) throws -> Stage {
        let stage = Stage(backend, seed: "together")
        let (first, other) = (try CellTrial(stage, options).sequence, try CellTrial(stage, options).sequence)
        let back = try CellSequence(
          first.cell, steps: first.steps, batch: first.batch, isReversed: true, input: first.input,
          weights: first.weights, h: first.h, c: first.c, reserve: first.reserve)
        let initial = back.initialSlot
        try run([
          SequenceForward(first),
          SequenceForward(
            back, initialH: back.slot(initial, of: back.h), initialC: back.c.map { back.slot(initial, of: $0) }),
          SequenceForward(other),
        ])
        return stage
      }
      let reference = ReferenceBackend()
      let oracle = try stage(of: reference) { for pass in $0 { try reference.sequenceForward(pass) } }
      let result = try device.run { backend in
        let stage = try stage(of: backend) { passes in
          let prepared = try backend.prepare(passes)
          for _ in 0..<2 { for pass in prepared { try pass() } }
        }
        var comparison = Comparison("prepared \(kind) \(size)")
        try comparison.compare(stage, with: oracle)
        return comparison.result
      }
      #expect(result.passed, "\(result.name): \(result.detail)")
    }
  }

  /// One row and many, a panel and less, one sum that is cut and one of nothing.
  static let shapes = [(1, 40, 33), (5, 3, 7), (33, 70, 300), (9, 130, 2_100), (6, 8, 0)]

  @Test(arguments: TestDevice.all, shapes)
  func products(_ device: TestDevice, _ size: (m: Int, n: Int, k: Int)) throws {
    for variant in 0..<8 {
      let (transposesA, transposesB, adds) = (variant & 1 != 0, variant & 2 != 0, variant & 4 != 0)
      // The second shares the right operand of the first, the third has its own.
      let products = { (stage: Stage) in
        let b = { try transposesB ? stage.input(size.n, size.k) : stage.input(size.k, size.n) }
        let shared = try b()
        return try [shared, shared, b()].map { b in
          try Matmul(
            transposesA ? stage.input(size.k, size.m) : stage.input(size.m, size.k), b, transposesA: transposesA,
            transposesB: transposesB, into: stage.output(size.m, size.n, adds: adds), scale: 0.75)
        }
      }
      let oracle = Stage(ReferenceBackend(), seed: "prepared")
      let expected = try products(oracle)
      for _ in 0..<2 { for product in expected { try oracle.backend.matmul(product) } }
      let result = try device.run { backend in
        let stage = Stage(backend, seed: "prepared")
        let runs = try backend.prepare(products(stage))
        for _ in 0..<2 { for run in runs { try run() } }
        var comparison = Comparison("prepared product \(size), variant \(variant)")
        try comparison.compare(stage, with: oracle)
        return comparison.result
      }
      #expect(result.passed, "\(result.name): \(result.detail)")
    }
  }
}
