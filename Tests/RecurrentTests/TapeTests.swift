import Recurrent
import RecurrentReference
import Testing

@testable import RecurrentModel

@Suite struct TapeTests {
  @Test func gradientsOfActivationsAreReadable() throws {
    let tape = referenceTape()
    let x = try tape.tensor([1, 2], shape: [2], needsGradient: true)
    let y = try x * x
    try y.sum().backward()
    #expect(try y.gradient() == [1, 1])
    #expect(try x.gradient() == [2, 4])
    #expect(try tape.full([2], 1).gradient() == nil)
  }

  @Test func backwardTwiceIsAnError() throws {
    let tape = referenceTape()
    let loss = try tape.tensor([1, 2], shape: [2], needsGradient: true).sum()
    try loss.backward()
    #expect(message { try loss.backward() }?.contains("twice") == true)
    tape.reset()
    try tape.tensor([1], shape: [1], needsGradient: true).sum().backward()
  }

  @Test func backwardNeedsAScalarThatNeedsIt() throws {
    let tape = referenceTape()
    let x = try tape.tensor([1, 2], shape: [2], needsGradient: true)
    #expect(message { try x.backward() }?.contains("[2]") == true)
    let constant = try tape.full([], 1)
    #expect(message { try constant.backward() }?.contains("gradient") == true)
  }

  @Test func evaluationRecordsNothingAndDropsNothing() throws {
    let tape = Tape(Device(ReferenceBackend()), mode: .evaluation)
    let x = try tape.tensor([1, 2, 3], shape: [3], needsGradient: true)
    #expect(!x.needsGradient)
    #expect(try x.dropout(0.5).values() == [1, 2, 3])
    #expect(throws: RecurrentError.self) { try x.sum().backward() }
  }

  @Test func dropoutDropsItsShareAndDiffersFromStepToStep() throws {
    let tape = referenceTape()
    let ones = { try tape.full([100, 100], 1).dropout(0.3).values() }
    let (first, second) = (try ones(), try ones())
    tape.reset()
    let next = try ones()
    #expect(first != second && first != next && second != next)
    let kept = first.filter { $0 != 0 }
    #expect(abs(Double(kept.count) - 7000) < 150)
    #expect(kept.allSatisfy { abs($0 - 1 / 0.7) < 1e-6 })
    tape.step = 0
    tape.reset()
    tape.step = 0
    #expect(try ones() == first)
  }

  @Test func tensorsOfAnEarlierPassAreRefused() throws {
    let tape = referenceTape()
    let x = try tape.full([2], 1)
    let kept = try x.detached()
    let tokens = try tape.labels([0])
    tape.reset()
    #expect(message { _ = try x + x }?.contains("earlier pass") == true)
    #expect(message { _ = try crossEntropy(tape.full([1, 2], 0), tokens) }?.contains("earlier pass") == true)
    #expect(try kept.values() == [1, 1])
    let other = referenceTape()
    #expect(message { _ = try kept + other.full([2], 1) }?.contains("another tape") == true)
  }

  @Test func anOperationOfOnesOwnHasItsOwnGradient() throws {
    /// x³, element by element.
    func cube(_ x: Tensor) throws -> Tensor {
      let (tape, source) = (x.tape, x.region)
      let y = try tape.allocate(rows: source.rows, columns: source.columns)
      try tape.backend.combine(Combine(.multiply, source, source, into: .set(y)))
      try tape.backend.combine(Combine(.multiply, y, source, into: .set(y)))
      return try tape.record(y, shape: x.shape, from: [x]) { tape, gradient, outputs in
        guard let output = outputs[0] else { return }
        let slope = try tape.allocate(rows: source.rows, columns: source.columns)
        try tape.backend.combine(Combine(.multiply, source, source, into: .set(slope)))
        try tape.backend.scale(Scale(slope, by: 3, into: .set(slope)))
        try tape.backend.combine(Combine(.multiply, slope, gradient, into: output))
      }
    }
    try checkGradients(inputs: [[2, 3]]) { _, x in [try cube(x[0]), x[0]] }
  }

  @Test func aTapeThatIsDroppedIsFreed() throws {
    weak var dropped: Tape?
    do {
      let tape = referenceTape()
      dropped = tape
      let x = try tape.tensor([1], shape: [1, 1], needsGradient: true)
      _ = try (x * x).tanh().linear(x).sum()
    }
    #expect(dropped == nil)
  }
}
