import RecurrentCore

extension Tensor {
  /// `[…, K] · [K, N] → […, N]`, or with `transposed`, `[…, K] · [N, K]ᵀ`.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public func matmul(_ other: Tensor, transposed: Bool = false) throws -> Tensor {
    guard other.shape.count == 2 else {
      throw RecurrentError(.shapeMismatch, "the right operand has shape \(other.shape), not two axes", at: "matmul")
    }
    let (depth, columns) =
      transposed ? (other.shape[1], other.shape[0]) : (other.shape[0], other.shape[1])
    guard shape.columns == depth else {
      throw RecurrentError(
        .shapeMismatch,
        "left operand of shape \(shape), \(transposed ? "transposed " : "")right operand of shape \(other.shape)",
        at: "matmul",
        remedy: "give a right operand of shape "
          + (transposed ? "[N, \(shape.columns)]" : "[\(shape.columns), N]"))
    }
    let (a, b) = (region, other.region)
    let y = try tape.allocate(rows: a.rows, columns: columns)
    try tape.backend.matmul(Matmul(a, b, transposesB: transposed, into: .set(y)))
    return try tape.recordWriting(y, shape: shape.dropLast() + [columns], from: [self, other]) { tape, dy, outputs in
      if let da = outputs[0] { try tape.backend.matmul(Matmul(dy, b, transposesB: !transposed, into: da)) }
      guard let db = outputs[1] else { return }
      try tape.backend.matmul(
        transposed ? Matmul(dy, a, transposesA: true, into: db) : Matmul(a, dy, transposesA: true, into: db))
    }
  }

  /// `x · weightᵀ + bias`: `[…, D] → […, M]`, with a weight `[M, D]` as in PyTorch.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public func linear(_ weight: Tensor, bias: Tensor? = nil) throws -> Tensor {
    guard weight.shape.count == 2, weight.shape[1] == shape.columns else {
      throw RecurrentError(
        .shapeMismatch, "a weight of shape \(weight.shape) for an input of shape \(shape)", at: "linear",
        remedy: "give a weight of shape [M, \(shape.columns)]")
    }
    if let bias, bias.shape != [weight.shape[0]] {
      throw RecurrentError(
        .shapeMismatch, "a bias of shape \(bias.shape) for a weight of shape \(weight.shape)", at: "linear",
        remedy: "give a bias of shape [\(weight.shape[0])]")
    }
    let (x, w) = (region, weight.region)
    let y = try tape.allocate(rows: x.rows, columns: w.rows)
    try tape.backend.matmul(Matmul(x, w, transposesB: true, into: .set(y)))
    if let bias { try tape.backend.addBias(AddBias(y, bias.region, into: .set(y))) }
    let inputs = [self, weight] + (bias.map { [$0] } ?? [])
    return try tape.recordWriting(y, shape: shape.dropLast() + [w.rows], from: inputs) { tape, dy, outputs in
      if let dx = outputs[0] { try tape.backend.matmul(Matmul(dy, w, into: dx)) }
      if let dw = outputs[1] { try tape.backend.matmul(Matmul(dy, x, transposesA: true, into: dw)) }
      if outputs.count > 2, let db = outputs[2] { try tape.backend.reduce(Reduce(over: .rows, dy, into: db)) }
    }
  }

  /// The batch axis of a tensor of three axes.
  public enum BatchAxis: Int, Sendable {
    /// `[B, M, N]`.
    case first
    /// `[M, B, N]`, the layout of sequences `[T, N, H]`.
    case middle
  }

  /// B products at once: `scale · op(a) · op(b)`, with the batch on the given axis of each tensor. Nothing is copied.
  ///
  /// Attention over a sequence: `queries.batchedMatmul(keys, axes: (.middle, .middle, .first), transposesB: true)` takes
  /// `[Q, N, H]` and `[T, N, H]` to scores `[N, Q, T]`; after a softmax, `scores.batchedMatmul(values, axes: (.first,
  /// .middle, .middle))` gives `[Q, N, H]`.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public func batchedMatmul(
    _ other: Tensor, axes: (BatchAxis, BatchAxis, BatchAxis) = (.first, .first, .first), transposesA: Bool = false,
    transposesB: Bool = false, scale: Float = 1
  ) throws -> Tensor {
    guard shape.count == 3, other.shape.count == 3 else {
      throw RecurrentError(
        .shapeMismatch, "shapes \(shape) and \(other.shape) do not have three axes each", at: "batched matmul")
    }
    let a = BatchedMatrix(shape, axes.0, isTransposed: transposesA)
    let b = BatchedMatrix(other.shape, axes.1, isTransposed: transposesB)
    let (m, n) = (transposesA ? a.columns : a.rows, transposesB ? b.rows : b.columns)
    let shapeC = axes.2 == .first ? [a.count, m, n] : [m, a.count, n]
    let c = BatchedMatrix(shapeC, axes.2, isTransposed: false)
    let depths = (transposesA ? a.rows : a.columns, transposesB ? b.columns : b.rows)
    guard a.count == b.count, depths.0 == depths.1 else {
      throw RecurrentError(
        .shapeMismatch,
        a.count == b.count
          ? "shapes \(shape) and \(other.shape): inner dimensions \(depths.0) and \(depths.1)"
          : "shapes \(shape) and \(other.shape): batch sizes \(a.count) and \(b.count)", at: "batched matmul",
        remedy: "check the batch axes and transpositions")
    }
    let (left, right) = (region, other.region)
    let y = try tape.allocate(rows: shapeC.rows, columns: shapeC.columns)
    try BatchedMatrix.multiply(tape.backend, a, left, b, right, c, .set(y), scale)
    return try tape.recordWriting(y, shape: shapeC, from: [self, other]) { tape, dy, outputs in
      if let da = outputs[0] {
        if transposesA {
          try BatchedMatrix.multiply(tape.backend, b, right, c.transposed, dy, a.plain, da, scale)
        } else {
          try BatchedMatrix.multiply(tape.backend, c, dy, b.transposed, right, a.plain, da, scale)
        }
      }
      guard let db = outputs[1] else { return }
      if transposesB {
        try BatchedMatrix.multiply(tape.backend, c.transposed, dy, a, left, b.plain, db, scale)
      } else {
        try BatchedMatrix.multiply(tape.backend, a.transposed, left, c, dy, b.plain, db, scale)
      }
    }
  }
}

/// The layout of the matrices of a batch in a tensor of three axes, and whether they are transposed.
private struct BatchedMatrix {
  let count: Int
  let rows: Int
  let columns: Int
  let axis: Tensor.BatchAxis
  var isTransposed: Bool

  init(_ shape: [Int], _ axis: Tensor.BatchAxis, isTransposed: Bool) {
    (count, rows) = axis == .first ? (shape[0], shape[1]) : (shape[1], shape[0])
    columns = shape[2]
    self.axis = axis
    self.isTransposed = isTransposed
  }

  var transposed: BatchedMatrix {
    var copy = self
    copy.isTransposed.toggle()
    return copy
  }

  var plain: BatchedMatrix {
    var copy = self
    copy.isTransposed = false
    return copy
  }

  /// The first matrix, and the distance to the next, in elements.
  func first(in region: Region) throws -> (Region, Int) {
    let (rowStride, batchStride) =
      axis == .first ? (region.stride, rows * region.stride) : (count * region.stride, region.stride)
    return (
      try Region(region.buffer, offset: region.offset, rows: rows, columns: columns, stride: rowStride), batchStride
    )
  }

  static func multiply(
    _ backend: any Backend, _ a: BatchedMatrix, _ left: Region, _ b: BatchedMatrix, _ right: Region, _ c: BatchedMatrix,
    _ output: Output, _ scale: Float
  ) throws {
    let (firstA, strideA) = try a.first(in: left)
    let (firstB, strideB) = try b.first(in: right)
    let (firstC, strideC) = try c.first(in: output.region)
    try backend.matmul(
      Matmul(
        firstA, firstB, transposesA: a.isTransposed, transposesB: b.isTransposed,
        into: output.at(firstC), scale: scale,
        batch: Matmul.Batch(count: a.count, strideA: strideA, strideB: strideB, strideC: strideC)))
  }
}
