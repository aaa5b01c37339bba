import Recurrent
import Testing

@testable import RecurrentModel

@Suite struct TensorTests {
  @Test func arithmeticHasTheRightGradients() throws {
    try checkGradients(inputs: [[2, 3], [2, 3], [3]]) { _, x in
      [try x[0] + x[1], try x[0] - x[1], try x[0] * x[1], try x[0] * 2.5, try x[0] + x[2]]
    }
  }

  @Test(arguments: Activation.allCases) func activationsHaveTheRightGradients(_ activation: Activation) throws {
    try checkGradients(inputs: [[3, 4]]) { _, x in [try x[0].activated(activation)] }
  }

  @Test func dropoutHasTheRightGradient() throws {
    try checkGradients(inputs: [[5, 7]]) { _, x in [try x[0].dropout(0.4)] }
  }

  @Test func argmaxTakesTheFirstOfTheLargest() throws {
    let tape = referenceTape()
    let x = try tape.tensor([1, 3, 3, -1, -2, -.infinity, .nan, 9, .nan, 0, .infinity, .nan], shape: [2, 2, 3])
    #expect(try x.argmax() == [1, 0, 0, 2])
    #expect(try tape.full([], 4).argmax() == [0] && tape.full([0, 3], 4).argmax() == [])
    #expect(throws: RecurrentError.self) { try tape.full([2, 0], 0).argmax() }
  }

  @Test func maxOverTimeHasTheRightGradient() throws {
    try checkGradients(inputs: [[4, 3, 2]]) { tape, x in
      [try x[0].maxOverTime(), try x[0].maxOverTime(lengths: tape.lengths([2, 0, 4]))]
    }
  }

  @Test func maxOverTimeTakesTheFirstOfTheLargest() throws {
    let tape = referenceTape()
    let x = try tape.tensor([1, 5, 3, 5, 3, 9], shape: [3, 1, 2], needsGradient: true)
    let y = try x.maxOverTime(lengths: tape.lengths([2]))
    #expect(try y.values() == [3, 5])
    try y.sum().backward()
    #expect(try x.gradient() == [0, 1, 1, 0, 0, 0])
  }

  @Test func maxOverTimeWantsASequence() throws {
    let tape = referenceTape()
    for shape in [[3, 2], [0, 1, 2]] {
      #expect(message { _ = try tape.full(shape, 0).maxOverTime() }?.contains("shape \(shape)") == true)
    }
    let x = try tape.full([3, 2, 1], 0)
    #expect(message { _ = try x.maxOverTime(lengths: tape.lengths([1, 4])) }?.contains("the length 4") == true)
  }

  @Test func softmaxHasTheRightGradient() throws {
    let mask = [true, false, true, true, false, false, false, false, true, true, true, true]
    try checkGradients(inputs: [[3, 4]]) { tape, x in
      [
        try x[0].softmax(), try x[0].softmax(mask: tape.mask(mask, shape: [3, 4]), lengths: tape.lengths([4, 4, 3])),
        try x[0].softmax(axis: 0), try x[0].logSumExp(axis: 0), try x[0].logSumExp(keepsAxes: true),
      ]
    }
  }

  @Test func productsHaveTheRightGradients() throws {
    try checkGradients(inputs: [[2, 3, 4], [4, 5], [5, 4], [5]]) { _, x in
      [try x[0].matmul(x[1]), try x[0].matmul(x[2], transposed: true), try x[0].linear(x[2], bias: x[3])]
    }
  }

  @Test(arguments: [Tensor.BatchAxis.first, .middle], [Tensor.BatchAxis.first, .middle])
  func batchedProductsAreProductsOfTheirParts(_ axisA: Tensor.BatchAxis, _ axisC: Tensor.BatchAxis) throws {
    for (transposesA, transposesB) in [(false, false), (false, true), (true, false), (true, true)] {
      // Two products of [3, 4] · [4, 5].
      let (m, k) = transposesA ? (4, 3) : (3, 4)
      let shapeA = axisA == .first ? [2, m, k] : [m, 2, k]
      let shapeB = transposesB ? [5, 2, 4] : [4, 2, 5]
      let product = { (x: [Tensor]) in
        try x[0].batchedMatmul(
          x[1], axes: (axisA, .middle, axisC), transposesA: transposesA, transposesB: transposesB, scale: 0.5)
      }
      try checkGradients(inputs: [shapeA, shapeB]) { _, x in [try product(x)] }

      let tape = referenceTape()
      var random = RandomSource(seed: 1)
      let a = try tape.tensor((0..<24).map { _ in Float(random.normal()) }, shape: shapeA)
      let b = try tape.tensor((0..<40).map { _ in Float(random.normal()) }, shape: shapeB)
      let (left, right) = (try a.values(), try b.values())
      let result = try product([a, b])
      #expect(result.shape == (axisC == .first ? [2, 3, 5] : [3, 2, 5]))
      let at = { (shape: [Int], axis: Tensor.BatchAxis, batch: Int, row: Int, column: Int) in
        axis == .first ? (batch * shape[1] + row) * shape[2] + column : (row * 2 + batch) * shape[2] + column
      }
      for (batch, row, column) in (0..<30).map({ ($0 / 15, $0 / 5 % 3, $0 % 5) }) {
        let sum = (0..<4).reduce(Float(0)) { sum, k in
          let l = transposesA ? at(shapeA, axisA, batch, k, row) : at(shapeA, axisA, batch, row, k)
          let r = transposesB ? at(shapeB, .middle, batch, column, k) : at(shapeB, .middle, batch, k, column)
          return sum + left[l] * right[r] / 2
        }
        #expect(abs(try result.values()[at(result.shape, axisC, batch, row, column)] - sum) < 1e-5)
      }
    }
  }

  @Test func viewsShareTheirParentsGradient() throws {
    try checkGradients(inputs: [[4, 2, 3]]) { _, x in
      let squares = try x[0] * x[0]
      return [
        try squares.slice(1..<3), try squares.columns(1..<3).tanh(), try squares.step(2), try squares.lastStep(),
        try squares.reshaped([8, -1]), try squares.slice(0..<4).columns(0..<1).slice(2..<3),
        try squares.columns(1..<3).reshaped([-1]), squares,
      ]
    }
  }

  @Test func operandsThatOverlapGetBothGradients() throws {
    try checkGradients(inputs: [[3, 4], [4]]) { _, x in
      let y = try x[0].tanh()
      return [
        try y * y, try y.columns(0..<2) * y.columns(1..<3), try y.slice(0..<2) + y.slice(1..<3), try y - y,
        try y.matmul(y, transposed: true),
      ]
    }
  }

  @Test func shapesChangeAndGradientsFollow() throws {
    try checkGradients(inputs: [[2, 3, 4], [2, 3, 2]]) { _, x in
      [
        try x[0].swappingLeadingAxes(), try Tensor.concatenate([x[0], x[1], x[0]]),
        try Tensor.stack([x[0].step(0), x[0].step(1), x[0].step(0)]),
      ]
    }
    let tape = referenceTape()
    let x = try tape.tensor((0..<12).map { Float($0) }, shape: [2, 3, 2])
    #expect(try x.swappingLeadingAxes().values() == [0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11])
    #expect(try x.columns(1..<2).values() == [1, 3, 5, 7, 9, 11])
    #expect(try x.step(1).values() == [6, 7, 8, 9, 10, 11])
    #expect(try Tensor.concatenate([x.step(0), x.step(1)]).values() == [0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11])
    #expect(try Tensor.stack([x.step(1), x.step(0)]).values() == [6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5])
  }

  @Test func reductionsHaveTheRightGradients() throws {
    try checkGradients(inputs: [[2, 3, 4]]) { _, x in
      [
        try x[0].sum(), try x[0].mean(), try x[0].sum(over: .rows), try x[0].mean(over: .rows),
        try x[0].sum(over: .columns), try x[0].mean(over: .columns),
      ]
    }
    let tape = referenceTape()
    let x = try tape.tensor([1, 2, 3, 4, 5, 6], shape: [3, 2])
    #expect(try x.mean(over: .rows).values() == [3, 4])
    #expect(try x.mean(over: .columns).values() == [1.5, 3.5, 5.5])
    #expect(try x.sum().item() == 21)
  }

  @Test func attentionIsDifferentiable() throws {
    let mask = (0..<2 * 3 * 5).map { $0 % 4 != 3 }
    try checkGradients(inputs: [[3, 2, 4], [5, 2, 4]]) { tape, x in
      let scores = try x[0].batchedMatmul(x[1], axes: (.middle, .middle, .first), transposesB: true, scale: 0.5)
      let weights = try scores.softmax(mask: tape.mask(mask, shape: [2, 3, 5]))
      return [try weights.batchedMatmul(x[1], axes: (.first, .middle, .middle))]
    }
  }

  @Test func tokensBecomeNumbers() throws {
    let tape = referenceTape()
    let tokens = try tape.tokens([2, 0, -1, 1], steps: 2, batchSize: 2)
    #expect(try tokens.oneHot(3).values() == [0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0])
    #expect(try tokens.asNumbers().values() == [2, 0, 0, 1])
    #expect(message { _ = try tokens.oneHot(2) }?.contains("index 2 is out of range (2 values)") == true)
    #expect(throws: RecurrentError.self) { try tape.tokens([1, 2, 3], steps: 2, batchSize: 2) }
    #expect(throws: RecurrentError.self) { try tape.tokens([1, 2], steps: 2, batchSize: 1, lengths: [3]) }
  }

  @Test func shapesThatDoNotFitAreNamed() throws {
    let tape = referenceTape()
    let (a, b) = (try tape.full([2, 3], 1), try tape.full([2, 4], 1))
    for body in [
      { _ = try a + b }, { _ = try a.matmul(b) }, { _ = try a.reshaped([4, 2]) }, { _ = try a.slice(1..<3) },
      { _ = try a.columns(2..<4) }, { _ = try a.step(2) }, { _ = try a.item() }, { _ = try a.swappingLeadingAxes() },
      { _ = try Tensor.concatenate([a, b.slice(0..<1)]) }, { _ = try Tensor.stack([a, b]) },
      { _ = try a.batchedMatmul(b) }, { _ = try tape.tensor([1], shape: [2]) },
    ] as [() throws -> Void] {
      #expect(throws: RecurrentError.self) { try body() }
    }
  }
}
