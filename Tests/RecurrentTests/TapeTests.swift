import Recurrent
import RecurrentCore
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

  /// x³, element by element, as a user would write it.
  private func cube(_ x: Tensor) throws -> Tensor {
    let (tape, source) = (x.tape, x.region)
    let y = try tape.allocate(rows: source.rows, columns: source.columns)
    try tape.backend.combine(Combine(.multiply, source, source, into: .set(y)))
    try tape.backend.combine(Combine(.multiply, y, source, into: .set(y)))
    return try tape.record(y, shape: x.shape, from: [x]) { tape, gradient, _ in
      let slope = try tape.allocate(rows: source.rows, columns: source.columns)
      try tape.backend.combine(Combine(.multiply, source, source, into: .set(slope)))
      try tape.backend.scale(Scale(slope, by: 3, into: .set(slope)))
      try tape.backend.combine(Combine(.multiply, slope, gradient, into: .set(slope)))
      return [slope]
    }
  }

  @Test func anOperationOfOnesOwnHasItsOwnGradient() throws {
    try checkGradients(inputs: [[2, 3]]) { _, x in [try cube(x[0]), x[0]] }
    // Wherever else the input is used: before, after, twice.
    try checkGradients(inputs: [[2, 3]]) { _, x in [try x[0] + cube(x[0]) + x[0].scaled(by: 2) + cube(x[0])] }
  }

  @Test func whatAGradientReturnsIsAdded() throws {
    let tape = referenceTape()
    func same(_ x: Tensor) throws -> Tensor {
      let y = try x.scaled(by: 1)
      return try tape.record(y.region, shape: x.shape, from: [x, x]) { _, gradient, wanted in
        #expect(wanted == [true, true])
        return [gradient, nil]
      }
    }
    let x = try tape.tensor([1, 2], shape: [2], needsGradient: true)
    try (x.scaled(by: 2) + same(x)).sum().backward()
    #expect(try x.gradient() == [3, 3])
    tape.reset()
    let y = try tape.tensor([1, 2], shape: [2], needsGradient: true)
    let wrong = try tape.record(tape.allocate(columns: 2), shape: [2], from: [y]) { _, _, _ in [] }
    #expect(message { try wrong.sum().backward() }?.hasPrefix("record: 0 gradients for 1 inputs; return one") == true)
    tape.reset()
    let z = try tape.tensor([1, 2], shape: [2], needsGradient: true)
    let narrow = try tape.record(tape.allocate(columns: 2), shape: [2], from: [z]) { tape, _, _ in
      [try tape.allocate(columns: 1)]
    }
    #expect(
      message { try narrow.sum().backward() }?.contains("1 × 1 for input 0, of shape [2]; return one of 1 × 2") == true)
  }

  @Test func scalarsStack() throws {
    try checkGradients(inputs: [[2, 3]]) { _, x in [try Tensor.stack([x[0].sum(), x[0].mean(), x[0].sum()])] }
    let tape = referenceTape()
    let stacked = try Tensor.stack([tape.full([], 3), tape.full([], 4)])
    #expect(try stacked.shape == [2] && stacked.values() == [3, 4])
    let rows = try Tensor.stack([tape.full([2], 3), tape.full([2], 4)])
    #expect(try rows.shape == [2, 2] && rows.values() == [3, 3, 4, 4])
    #expect(throws: RecurrentError.self) { try Tensor.stack([]) }
  }

  @Test func parametersThatChangeBeforeBackwardAreAnError() throws {
    let dense = try Dense(input: 2, output: 2)
    let tape = referenceTape()
    let optimizer = SGD(learningRate: 0.1)
    try dense.move(to: Device(tape.backend))
    try optimizer.attach(to: dense)
    let state = try dense.stateDictionary()
    let changes: [(String, () throws -> Void)] = [
      ("setValues", { try dense.bias?.setValues([1, 2]) }), ("load", { try dense.load(state) }),
      ("step", { try optimizer.step() }), ("initialize", { try dense.initialize(seed: 3) }),
      ("move", { try dense.move(to: Device(tape.backend)) }),
      ("another device", { try dense.move(to: Device(ReferenceBackend())) }),
    ]
    for (name, change) in changes {
      tape.reset()
      let loss = try dense(tape.full([1, 2], 1)).sum()
      try change()
      let text = message { try loss.backward() } ?? ""
      #expect(text.contains("changed or moved between the forward pass and backward"), "\(name): \(text)")
    }
    // After it, and before the next forward pass, all of them are fine.
    try dense.move(to: Device(tape.backend))
    try optimizer.attach(to: dense)
    for (name, change) in changes where name != "another device" {
      tape.reset()
      try dense(tape.full([1, 2], 1)).sum().backward()
      try change()
      if name == "move" { try optimizer.attach(to: dense) }
    }
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
