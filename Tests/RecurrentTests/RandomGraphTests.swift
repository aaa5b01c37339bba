import Foundation
import Recurrent
import RecurrentCore
import RecurrentReference
import TestSupport
import Testing

@testable import RecurrentModel

/// Random graphs of tensor operations with broadcasting: results and gradients are PyTorch's, on the oracle to nine digits.
/// `Tests/Fixtures/make_random_graphs.py` makes them, and as many more as one likes.
@Suite struct RandomGraphTests {
  @Test func oracleAgreesWithPyTorch() throws {
    for (number, graph) in try RandomGraph.all().enumerated() {
      try graph.compare(on: ReferenceBackend(), "graph \(number)", tolerance: 2e-7)
    }
  }

  @Test(arguments: TestDevice.all) func devicesAgreeWithPyTorch(_ device: TestDevice) throws {
    try device.run { backend in
      for (number, graph) in try RandomGraph.all().enumerated() {
        try graph.compare(on: backend, "graph \(number)", tolerance: 2e-4)
      }
    }
  }
}

private struct RandomGraph: Decodable {
  struct Step: Decodable {
    let op: String
    let of: [Int]
    let numbers: [Float]
    let integers: [Int]
    let flag: Bool
  }

  let steps: [Step]
  let inputs: [[Double]]
  let ends: [Int]
  let results: [[Double]]
  let shapes: [[Int]]
  let gradients: [[Double]]

  static func all() throws -> [RandomGraph] {
    let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let file =
      ProcessInfo.processInfo.environment["RECUR_RANDOM_GRAPHS"].map { URL(fileURLWithPath: $0) }
      ?? fixtures.appendingPathComponent("Fixtures/random_graphs.json")
    return try JSONDecoder().decode([RandomGraph].self, from: Data(contentsOf: file))
  }

  func compare(on backend: any Backend, _ name: String, tolerance: Double) throws {
    let tape = Tape(Device(backend))
    var (tensors, leaves) = ([] as [Tensor], [] as [Tensor])
    for step in steps {
      if step.op == "input" {
        let values = inputs[leaves.count].map { Float($0) }
        leaves.append(try tape.tensor(values, shape: step.integers, needsGradient: true))
        tensors.append(leaves[leaves.count - 1])
      } else {
        tensors.append(try step.apply(step.of.map { tensors[$0] }))
      }
    }
    let losses = try ends.enumerated().map { place, end in
      let y = tensors[end]
      #expect(y.shape == shapes[place], "\(name): tensor \(end) has shape \(y.shape)")
      expect(try y.values(), results[place], "\(name): tensor \(end)", tolerance)
      let weights = (0..<y.count).map { Float($0 * 7 % 11 - 5) / 4 }
      return try (y * tape.tensor(weights, shape: y.shape)).sum()
    }
    try losses.dropFirst().reduce(losses[0]) { try $0 + $1 }.backward()
    for (place, leaf) in leaves.enumerated() {
      let found = try leaf.gradient() ?? [Float](repeating: 0, count: leaf.count)
      expect(found, gradients[place], "\(name): gradient of input \(place)", tolerance)
    }
  }

  private func expect(_ found: [Float], _ expected: [Double], _ what: String, _ tolerance: Double) {
    let scale = expected.reduce(1) { max($0, abs($1)) }
    let worst = zip(found, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
    // Written so that NaN fails.
    #expect(found.count == expected.count && worst <= tolerance * scale, "\(what): off by \(worst); \(operations)")
  }

  private var operations: String { steps.map { "\($0.op) \($0.of) \($0.integers)" }.joined(separator: ", ") }
}

extension RandomGraph.Step {
  /// The result, by the rules of `make_random_graphs.py`.
  fileprivate func apply(_ x: [Tensor]) throws -> Tensor {
    switch op {
    case "add": try x[0] + x[1]
    case "subtract": try x[0] - x[1]
    case "multiply": try x[0] * x[1]
    case "divide": try x[0] / (x[1] * x[1] + 0.5)
    case "maximum": try x[0].maximum(x[1])
    case "minimum": try x[0].minimum(x[1])
    case "less": try x[0] .< x[1]
    case "add number": try flag ? x[0] + numbers[0] : numbers[0] + x[0]
    case "subtract number": try flag ? x[0] - numbers[0] : numbers[0] - x[0]
    case "multiply number": try flag ? x[0] * numbers[0] : numbers[0] * x[0]
    case "divide number": try flag ? x[0] / numbers[0] : numbers[0] / (x[0].abs() + 0.5)
    case "maximum number": try x[0].maximum(numbers[0])
    case "negate": try -x[0]
    case "exp": try x[0].exp()
    case "log": try (x[0].abs() + 0.25).log()
    case "sqrt": try (x[0].abs() + 0.25).sqrt()
    case "abs": try x[0].abs()
    case "softplus": try x[0].softplus()
    case "lgamma": try (x[0].abs() + 0.25).logGamma()
    case "tanh": try x[0].tanh()
    case "clamp": try x[0].clamped(to: numbers[0]...numbers[1])
    case "where": try Tensor.where(x[0] .> 0, x[1], x[2])
    case "masked": try x[0].masked(x[1] .> 0, with: numbers[0])
    default: try rearranged(x)
    }
  }

  private func rearranged(_ x: [Tensor]) throws -> Tensor {
    switch op {
    case "sum": try x[0].sum(axes: integers, keepsAxes: flag)
    case "mean": try x[0].mean(axes: integers, keepsAxes: flag)
    case "max": try x[0].max(axes: integers, keepsAxes: flag)
    case "argmax": try x[0].argmax(axis: integers[0], keepsAxes: flag).asNumbers().removingLastAxis()
    case "cumsum": try x[0].cumsum(axis: integers[0])
    case "softmax": try x[0].softmax(axis: integers[0])
    case "masked softmax": try x[0].softmax(mask: x[1] .> 0)
    case "logsumexp": try x[0].logSumExp(axis: integers[0], keepsAxes: flag)
    case "rows": try x[0].rows(at: x[0].tape.labels(integers.map { Int32($0) }))
    case "matmul": try x[0].matmul(x[1])
    case "huber": try huberLoss(x[0], x[1], delta: 0.75, reduction: .none)
    case "log_softmax": try x[0].logSoftmax(axis: integers[0])
    case "permute": try x[0].permuted(integers)
    case "slice": try x[0].slice(integers[1]..<integers[2], axis: integers[0])
    case "cat": try Tensor.concatenate(x, axis: integers[0])
    case "expand": try x[0].expanded(to: integers)
    default: throw RecurrentError(.invalidData, "no operation \(op)", at: "random graph")
    }
  }
}

extension Tensor {
  fileprivate func removingLastAxis() throws -> Tensor { try reshaped(shape.dropLast()) }
}
