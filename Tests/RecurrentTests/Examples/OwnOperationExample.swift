import Recurrent
import RecurrentCore
import Testing

// The article OwnOperation, and README.

extension Tensor {
  /// The identity; its gradient is multiplied by `−strength` (Ganin and Lempitsky 2015).
  func reversingGradient(_ strength: Float = 1) throws -> Tensor {
    let y = try tape.allocate(rows: region.rows, columns: region.columns)
    try tape.backend.copy(Copy(region, into: .set(y)))
    return try tape.record(y, shape: shape, from: [self]) { tape, dy, _ in
      let dx = try tape.allocate(rows: dy.rows, columns: dy.columns)
      try tape.backend.scale(Scale(dy, by: -strength, into: .set(dx)))
      return [dx]
    }
  }
}

extension Tensor {
  /// 1 where an element is above 0, else −1. The gradient passes for elements in `−1 ... 1` (Hubara et al. 2016).
  func signs() throws -> Tensor {
    let (shape, x) = (shape, try StridedView(region, shape: shape))
    let result = try tape.allocate(rows: region.rows, columns: region.columns)
    let y = try StridedView(result, shape: shape)
    try tape.backend.map(Map(.less, [.number(0), .view(x)], into: y))
    try tape.backend.map(Map(.select, [.view(y), .number(1), .number(-1)], into: y))
    return try tape.record(result, shape: shape, from: [self]) { tape, gradient, _ in
      let memory = try tape.allocate(rows: gradient.rows, columns: gradient.columns)
      let (dx, dy) = (try StridedView(memory, shape: shape), try StridedView(gradient, shape: shape))
      try tape.backend.map(Map(.abs, [.view(x)], into: dx))
      try tape.backend.map(Map(.lessOrEqual, [.view(dx), .number(1)], into: dx))
      try tape.backend.map(Map(.multiply, [.view(dx), .view(dy)], into: dx))
      return [memory]
    }
  }
}

extension Tensor {
  /// `x · sigmoid(x)` (Ramachandran et al. 2017).
  func swish() throws -> Tensor { try self * sigmoid() }

  /// `signs()` as a composition: the part without a gradient is detached.
  func signsByComposition() throws -> Tensor {
    let straight = try clamped(to: -1...1)
    return try straight + ((self .> 0) * 2 - 1 - straight).detached()
  }
}

@Suite struct OwnOperationExample {
  @Test func gradientsAreWhatIsMeant() throws {
    let tape = try Tape(.auto())
    let x = try tape.tensor([-2, -0.5, 0, 3], shape: [2, 2], needsGradient: true)
    let y = try x.signs()
    try (y * tape.tensor([1, 2, 3, 4], shape: [2, 2])).sum().backward()
    print(try y.values(), try x.gradient() ?? [])

    #expect(try y.values() == [-1, -1, -1, 1])
    #expect(try x.gradient() == [0, 2, 3, 0])

    tape.reset()
    let z = try tape.tensor([-2, -0.5, 0, 3], shape: [2, 2], needsGradient: true)
    let composed = try z.signsByComposition()
    try (composed * tape.tensor([1, 2, 3, 4], shape: [2, 2])).sum().backward()
    #expect(try composed.values() == [-1, -1, -1, 1] && z.gradient() == [0, 2, 3, 0])

    tape.reset()
    let w = try tape.tensor([1, -1], shape: [2], needsGradient: true)
    let reversed = try w.reversingGradient(0.5)
    try (reversed * w).sum().backward()
    #expect(try reversed.values() == [1, -1] && w.gradient() == [0.5, -0.5])

    tape.reset()
    let swished = try tape.tensor([0, 1], shape: [2]).swish().values()
    #expect(abs(swished[1] - 0.7310586) < 1e-6 && swished[0] == 0)
  }
}
