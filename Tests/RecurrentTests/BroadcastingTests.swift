import Recurrent
import RecurrentReference
import Testing

@testable import RecurrentModel

/// Elementwise functions, axes and reductions: gradients against central differences, and the values where functions jump.
@Suite struct BroadcastingTests {
  @Test(arguments: [([2, 3], [3]), ([2, 3], [2, 1]), ([2, 1, 3], [4, 1]), ([], [2, 3]), ([1, 3], [2, 1])])
  func operatorsHaveTheRightGradients(_ shapes: ([Int], [Int])) throws {
    try checkGradients(inputs: [shapes.0, shapes.1]) { _, x in
      let (a, b) = (x[0], x[1])
      return [
        try a + b, try a - b, try a * b, try a / (b * b + 1), try a.maximum(b), try a.minimum(b),
        try Tensor.where(a .> b, a, b), try Tensor.where(a .> 0, b, 3), try a.masked(b .< 0, with: 2),
      ]
    }
  }

  @Test func functionsHaveTheRightGradients() throws {
    try checkGradients(inputs: [[2, 3]]) { _, x in
      let positive = try x[0].abs() + 0.5
      return [
        try x[0].exp(), try positive.log(), try positive.sqrt(), try x[0].abs(), try -x[0], try x[0].softplus(),
        try positive.logGamma(),
        try x[0].clamped(to: -0.5...0.7),
        try x[0].clamped(to: (0.1)...), try x[0].clamped(to: ...0.1), try 2 - x[0], try x[0] - 2, try 1 / positive,
        try x[0] / 3, try 1 + x[0], try x[0].maximum(0.1), try x[0].minimum(0.1),
      ]
    }
  }

  @Test func reductionsHaveTheRightGradients() throws {
    try checkGradients(inputs: [[2, 3, 4]]) { _, x in
      [
        try x[0].sum(axis: 1), try x[0].sum(axes: [0, -1]), try x[0].mean(axis: -1, keepsAxes: true),
        try x[0].max(axis: 1), try x[0].max(axes: [0, 2], keepsAxes: true), try x[0].cumsum(axis: 1),
        try x[0].logSoftmax(), try x[0].logSoftmax(axis: 0), try x[0].expanded(to: [2, 2, 3, 4]),
      ]
    }
  }

  @Test func axesHaveTheRightGradients() throws {
    try checkGradients(inputs: [[2, 3, 4], [2, 1, 4]]) { _, x in
      [
        try x[0].permuted([2, 0, 1]), try x[0].transposed(), try x[0].transposed(0, 1), try x[0].slice(1..<3, axis: 1),
        try x[0].slice(1..<3, axis: -1), try Tensor.concatenate([x[0], x[1], x[0]], axis: 1),
        try x[0].slice(0..<1, axis: 1) * x[1],
      ]
    }
  }

  @Test func valuesAtJumpsArePyTorchs() throws {
    let gradient = { (values: [Float], body: (Tensor) throws -> Tensor) throws -> [Float]? in
      let x = try referenceTape().tensor(values, shape: [values.count], needsGradient: true)
      try body(x).sum().backward()
      return try x.gradient()
    }
    let tape = referenceTape()
    let x = try tape.tensor([0, -1, 4, .nan], shape: [4])
    let (log, root) = (try x.log().values(), try x.sqrt().values())
    let gamma = try x.logGamma().values()
    #expect(gamma[0] == .infinity && gamma[1].isNaN && gamma[3].isNaN)
    #expect(log[0] == -.infinity && log[1].isNaN && log[3].isNaN && root[0] == 0 && root[1].isNaN && root[2] == 2)
    #expect(try gradient([0, 4], { try $0.sqrt() }) == [.infinity, 0.25])
    #expect(try gradient([0, -2, 3], { try $0.abs() }) == [0, -1, 1])
    #expect(try gradient([-1, 0, 0.5, 1, 2], { try $0.clamped(to: 0...1) }) == [0, 1, 1, 1, 0])
    #expect(try gradient([1, 2, 3], { try $0.maximum(2) }) == [0, 0.5, 1])
    #expect(try gradient([1, 2, 3], { try $0.minimum(2) }) == [1, 0.5, 0])
    #expect(try gradient([3, 5, 5, 1], { try $0.max(axis: 0) }) == [0, 1, 0, 0])
    #expect(try x.maximum(1).values()[3].isNaN && x.minimum(1).values()[3].isNaN)
    #expect(try x.max(axis: 0).item().isNaN && x.argmax(axis: 0).values() == [3])
    #expect(try (x .== 4).values() == [0, 0, 1, 0] && (x .!= 4).values() == [1, 1, 0, 1])
    #expect(try (x .>= 0).values() == [1, 0, 1, 0] && (x .<= 0).values() == [1, 1, 0, 0])
    #expect(try tape.full([0, 3], 1).sum(axis: 0).values() == [0, 0, 0])
    #expect(try tape.tensor([1, .infinity, 2], shape: [3]).cumsum(axis: 0).values() == [1, .infinity, .infinity])
  }

  @Test func argmaxChoosesTokensOnTheDevice() throws {
    let tape = referenceTape()
    let scores = try tape.tensor([1, 5, 2, 7, 0, 7], shape: [2, 3])
    let chosen = try scores.argmax(axis: -1)
    #expect(try chosen.shape == [2] && chosen.values() == [1, 0])
    #expect(try scores.rows(at: scores.argmax(axis: 0)).shape == [3, 3])
    #expect(try scores.argmax(axis: 0, keepsAxes: true).shape == [1, 3])
  }

  @Test func whatDoesNotFitIsNamed() throws {
    let tape = referenceTape()
    let (a, b) = (try tape.full([2, 3], 1), try tape.full([2, 4], 1))
    for (text, body) in [
      ("shapes [2, 3] and [2, 4] do not broadcast", { _ = try a * b }),
      ("invalid axes [2] of a tensor of shape [2, 3]; name each", { _ = try a.sum(axis: 2) }),
      ("invalid axes [0, -2] of a tensor of shape [2, 3]", { _ = try a.mean(axes: [0, -2]) }),
      ("maximum over empty axes [1] of shape [2, 0]", { _ = try tape.full([2, 0], 1).max(axis: 1) }),
      ("cannot expand shape [2, 3] to [2, 4]", { _ = try a.expanded(to: [2, 4]) }),
      ("invalid order [0, 0] of the axes of shape [2, 3]", { _ = try a.permuted([0, 0]) }),
      ("range 1..<9 is out of bounds of axis 1 of shape [2, 3]", { _ = try a.slice(1..<9, axis: 1) }),
      ("cannot concatenate shapes [[2, 3], [2, 4]] along axis 0", { _ = try Tensor.concatenate([a, b], axis: 0) }),
      ("a scalar has no axes", { _ = try tape.full([], 1).cumsum(axis: 0) }),
    ] as [(String, () throws -> Void)] {
      let found = message(of: body)
      #expect(found?.contains(text) == true, "\(found ?? "nothing") where \(text) is right")
    }
  }
}
