import Recurrent

@testable import RecurrentModel

// Uses of tensors.

extension Misuse {
  static let creating: [Use] = [
    ("tensor", { u in [try u.tape.tensor(u.values(u.pick([0, 1, 4, 6])), shape: u.wildShape())] }),
    ("full", { u in [try u.tape.full(u.wildShape(), 2)] }),
    ("kept", { u in [try u.tape.kept(u.values(u.pick([0, 1, 4])), shape: u.wildShape())] }),
    (
      "tokens",
      { u in
        [
          try u.tape.tokens(u.integers(u.pick([4, 6]), below: 3), steps: u.size(), batchSize: u.size()).oneHot(u.size())
        ]
      }
    ),
    ("labels", { u in [try u.tape.labels(u.integers(4, below: 3), shape: u.wildShape()).asNumbers()] }),
    (
      "allocate",
      { u in
        let (rows, columns) = (u.size(), u.size())
        let region = try u.tape.allocate(rows: rows, columns: columns)
        try u.tape.backend.fill(region, with: 3)
        return [
          try u.tape.record(region.part(rows: u.range()), shape: [u.size(), u.size()], from: []) { _, _, _ in [] }
        ]
      }
    ),
    ("detached", { u in [try u.tensor().detached()] }),
    (
      "parameter",
      { u in
        let parameter = Parameter(
          u.wildShape(), u.pick([.zeros, .orthogonal(), .forgetGate(), .gates(0, .he), .values([1])]))
        try Sequential(Scaled(parameter)).move(to: u.device, seed: 1)
        return [try parameter.tensor(on: u.tape)]
      }
    ),
  ]

  static let arithmetic: [Use] = [
    (
      "+",
      { u in
        let (a, b) = (try u.tensor(), try u.tensor())
        return try u.differentiated(a + b, a, b)
      }
    ),
    (
      "-",
      { u in
        let (a, b) = (try u.tensor(), try u.tensor())
        return try u.differentiated(a - b, a, b)
      }
    ),
    (
      "*",
      { u in
        let a = try u.tensor([2, 3])
        let b = try u.tensor(u.pick([[2, 3], [3, 2], [3], [1, 3], [6], []]))
        return try u.differentiated(a * b, a, b)
      }
    ),
    (
      "activations",
      { u in
        let x = try u.tensor()
        return try u.differentiated(x.tanh() + x.sigmoid() + x.relu(), x)
      }
    ),
    (
      "softmax",
      { u in
        let x = try u.tensor()
        let mask = try u.pick([nil, u.tape.mask([true, false], shape: [2]), u.tape.mask([true], shape: [1])])
        let count = u.pick([x.shape.first ?? 0, x.shape.first ?? 0, 2])
        let lengths = try u.pick([nil, u.tape.lengths(u.integers(count, below: 4))])
        return try u.differentiated(
          x.softmax(mask: mask, lengths: lengths) + u.pick([x, x.softmax(axis: u.place())]), x)
      }
    ),
    (
      "broadcast operators",
      { u in
        let (a, b) = (try u.tensor(), try u.tensor())
        let y = try u.pick([0, 1, 2, 3, 4]) == 0 ? a / (b * b + 1) : a.maximum(b) - a.minimum(b) * 2
        return try u.differentiated(y, a, b)
      }
    ),
    (
      "functions",
      { u in
        let x = try u.tensor()
        return try u.differentiated(
          x.exp() + (x.abs() + 1).log() + x.softplus() + (x.abs() + 1).logGamma() + (1 - x).clamped(to: -1...1), x)
      }
    ),
    (
      "where",
      { u in
        let (mask, a, b) = (try u.tensor(), try u.tensor(), try u.tensor())
        return try u.differentiated(Tensor.where(mask .> 0, a, b).masked(mask .< -1, with: 2), a, b)
      }
    ),
    (
      "axes",
      { u in
        let x = try u.tensor()
        let (axes, keeps) = (u.pick([[], [0], [u.place()], [0, -1], [-1, u.place()]]), u.pick([true, false]))
        let y = try u.pick([x.sum, x.mean, x.max])(axes, keeps)
        return try u.differentiated(y, x)
      }
    ),
    ("argmax of an axis", { u in [try u.tensor().argmax(axis: u.place(), keepsAxes: true).asNumbers()] }),
    (
      "along an axis",
      { u in
        let x = try u.tensor()
        return try u.differentiated(x.cumsum(axis: u.place()) + x.logSoftmax(axis: u.place()), x)
      }
    ),
    ("dropout", { u in [try u.tensor().dropout(Float(u.pick([0, 0.5, 1, -1, Double.nan])))] }),
    (
      "sum",
      { u in
        let x = try u.tensor()
        return try u.differentiated(x.sum(over: u.pick([.rows, .columns, .all])), x)
      }
    ),
    (
      "mean",
      { u in
        let x = try u.tensor()
        return try u.differentiated(x.mean(over: u.pick([.rows, .columns, .all])), x)
      }
    ),
    ("argmax", { u in [try u.tape.labels(u.tensor().argmax()).asNumbers()] }),
    (
      "max over time",
      { u in
        let (x, lengths) = try u.sequence()
        return try u.differentiated(x.maxOverTime(lengths: lengths), x)
      }
    ),
    (
      "mean over time",
      { u in
        let (x, lengths) = try u.sequence()
        return try u.differentiated(x.meanOverTime(lengths: lengths), x)
      }
    ),
  ]

  static let shaping: [Use] = [
    (
      "reshaped",
      { u in [try u.tensor().reshaped(u.pick([u.wildShape(), [-1], [2, -1], [-1, -1], [0, -1], [4], [2, 2]]))] }
    ),
    (
      "slice",
      { u in
        let x = try u.tensor()
        return try u.differentiated(x.slice(u.range()), x)
      }
    ),
    (
      "columns",
      { u in
        let x = try u.tensor()
        return try u.differentiated(x.columns(u.range()), x)
      }
    ),
    (
      "step",
      { u in
        let x = try u.tensor()
        return try u.differentiated(x.step(u.place()), x)
      }
    ),
    ("last step", { u in [try u.tensor().lastStep()] }),
    (
      "swapping",
      { u in
        let x = try u.tensor()
        return try u.differentiated(x.swappingLeadingAxes(), x)
      }
    ),
    (
      "concatenate",
      { u in
        let (a, b) = (try u.tensor([2, u.small()]), try u.tensor())
        return try u.differentiated(.concatenate([a, u.pick([a, b]), b]), a, b)
      }
    ),
    (
      "permuted",
      { u in
        let x = try u.tensor()
        let y =
          try u.pick([true, false])
          ? x.transposed(u.place(), u.place()) : x.permuted(u.pick([[1, 0], [0, 2, 1], [-1], []]))
        return try u.differentiated(y, x)
      }
    ),
    (
      "expanded",
      { u in
        let x = try u.tensor()
        return try u.differentiated(x.expanded(to: u.pick([x.shape, [2] + x.shape, u.shape(), u.wildShape()])), x)
      }
    ),
    (
      "slice of an axis",
      { u in
        let x = try u.tensor()
        return try u.differentiated(x.slice(u.range(), axis: u.place()), x)
      }
    ),
    (
      "concatenate along an axis",
      { u in
        let (a, b) = (try u.tensor(), try u.tensor())
        return try u.differentiated(.concatenate(u.pick([[a, a], [a, b], []]), axis: u.place()), a, b)
      }
    ),
    (
      "stack",
      { u in
        let (a, b) = (try u.tensor(), try u.tensor())
        return try u.differentiated(.stack(u.pick([[a, a], [a, b], [], [b]])), a, b)
      }
    ),
    (
      "weighted mean",
      { u in
        let (x, weights) = (try u.tensor(), try u.tensor())
        return try u.differentiated(x.mean(weights: weights.abs()), x)
      }
    ),
    (
      "rows",
      { u in
        let x = try u.tensor()
        return try u.differentiated(x.rows(at: u.tape.labels(u.integers(4, below: 4))), x)
      }
    ),
  ]

  static let products: [Use] = [
    (
      "matmul",
      { u in
        let (a, b) = (try u.tensor(), try u.tensor())
        return try u.differentiated(a.matmul(b, transposed: u.pick([true, false])), a, b)
      }
    ),
    (
      "square matmul",
      { u in
        let (a, b) = (try u.tensor([2, 2, 2]), try u.tensor([2, u.pick([2, 2, 3])]))
        return try u.differentiated(a.matmul(b, transposed: u.pick([true, false])), a, b)
      }
    ),
    (
      "linear",
      { u in
        let (a, b, c) = (try u.tensor([2, u.pick([2, 3])]), try u.tensor([3, 2]), try u.tensor())
        return try u.differentiated(a.linear(b, bias: u.pick([nil, c])), a, b, c)
      }
    ),
    (
      "batched",
      { u in
        let (a, b) = (
          try u.tensor([2, u.small(), 2]), try u.tensor([u.pick([2, 2, 3]), u.small(), u.pick([2, 2, 3])])
        )
        let axes =
          (u.pick([.first, .middle]), u.pick([.first, .middle]), u.pick([.first, .middle]))
          as (Tensor.BatchAxis, Tensor.BatchAxis, Tensor.BatchAxis)
        let product = try a.batchedMatmul(
          b, axes: axes, transposesA: u.pick([true, false]), transposesB: u.pick([true, false]))
        return try u.differentiated(product, a, b)
      }
    ),
  ]
}

/// A module of one parameter.
private final class Scaled: Layer {
  let scale: Parameter

  init(_ scale: Parameter) { self.scale = scale }

  func forward(_ x: Tensor) throws -> Tensor { try x * scale.tensor(on: x.tape) }
}
