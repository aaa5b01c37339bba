import RecurrentCore

// Permutations, broadcasts, slices and concatenation of axes. Contiguous results are views; others are copied once, and
// so are their gradients.

extension Tensor {
  /// The tensor broadcast to other lengths by NumPy's rules: axes of length 1 repeat, and axes are added in front. This
  /// copies, unlike broadcasting operators: use it only if a tensor of that shape is required. PyTorch:
  /// `x.expand(shape)`.
  /// - Throws: `RecurrentError.shapeMismatch` if an axis has another length than the target and is not 1.
  public func expanded(to lengths: [Int]) throws -> Tensor {
    guard lengths.allSatisfy({ $0 >= 0 }), let found = try? [shape, lengths].broadcast(at: "expanded"), found == lengths
    else {
      throw RecurrentError(
        .shapeMismatch, "cannot expand shape \(shape) to \(lengths)", at: "expanded",
        remedy: "axes are compared from the last: each must have the target length, or 1")
    }
    let own = shape
    return try copied(shape: lengths, { try $0.broadcast(to: lengths) }) { dy, output, tape in
      try output.put(.copy, [.view(dy)], shape: own, over: lengths, on: tape)
    }
  }

  /// The tensor with its axes permuted: axis i of the result is axis `order[i]`. PyTorch: `x.permute(order)`.
  /// - Throws: `RecurrentError.shapeMismatch` unless `order` names each axis once.
  public func permuted(_ order: [Int]) throws -> Tensor {
    let found = order.map { $0 < 0 && $0 >= -shape.count ? $0 + shape.count : $0 }
    guard found.sorted() == Array(shape.indices) else {
      throw RecurrentError(
        .shapeMismatch, "invalid order \(order) of the axes of shape \(shape)", at: "permuted",
        remedy: "name each axis once")
    }
    let (own, inverse) = (shape, shape.indices.map { axis in found.firstIndex(of: axis) ?? axis })
    return try copied(shape: found.map { own[$0] }, { try $0.permuted(found) }) { dy, output, tape in
      try output.put(.copy, [.view(dy.permuted(inverse))], shape: own, over: own, on: tape)
    }
  }

  /// The tensor with two axes swapped, by default the last two. PyTorch: `x.transpose(a, b)`.
  /// - Throws: `RecurrentError.shapeMismatch` if one is out of range.
  public func transposed(_ a: Int = -2, _ b: Int = -1) throws -> Tensor {
    let (first, second) = try (axesFromStart([a], at: "transposed")[0], axesFromStart([b], at: "transposed")[0])
    var order = Array(shape.indices)
    order.swapAt(first, second)
    return try permuted(order)
  }

  /// A range of an axis: a view for the first or the last axis, else a copy. PyTorch: `x.narrow(axis, start, length)`.
  /// - Throws: `RecurrentError.shapeMismatch` if the axis or the range is out of range.
  public func slice(_ range: Range<Int>, axis: Int) throws -> Tensor {
    let axis = try axesFromStart([axis], at: "slice")[0]
    guard range.lowerBound >= 0, range.upperBound <= shape[axis] else {
      throw RecurrentError(
        .shapeMismatch, "range \(range) is out of bounds of axis \(axis) of shape \(shape)", at: "slice",
        remedy: "use a range within 0..<\(shape[axis])")
    }
    if axis == 0 { return try slice(range) }
    if axis == shape.count - 1 { return try columns(range) }
    var lengths = shape
    lengths[axis] = range.count
    let own = shape
    return try copied(shape: lengths, { try $0.part(range, axis: axis) }) { dy, output, tape in
      if !output.adds { try tape.backend.fill(output.region, with: 0) }
      let part = try StridedView(output.region, shape: own).part(range, axis: axis)
      try tape.backend.map(Map(.copy, [.view(dy)], into: part, adds: output.adds))
    }
  }

  /// Concatenation along an axis, by default the last: `[…, C₁], […, C₂] → […, C₁ + C₂]`. PyTorch: `torch.cat(parts,
  /// axis)`.
  /// - Throws: `RecurrentError.shapeMismatch` if there is no tensor, the axis is out of range or the other axes differ.
  public static func concatenate(_ parts: [Tensor], axis: Int = -1) throws -> Tensor {
    let remedy = "the tensors must have the same shape except along that axis"
    guard let first = parts.first else {
      throw RecurrentError(.shapeMismatch, "no tensors to concatenate", at: "concatenate", remedy: remedy)
    }
    let axis = try first.axesFromStart([axis], at: "concatenate")[0]
    var (shape, ranges) = (first.shape, [] as [Range<Int>])
    for part in parts {
      var expected = first.shape
      if part.shape.count == expected.count { expected[axis] = part.shape[axis] }
      guard part.shape == expected else {
        throw RecurrentError(
          .shapeMismatch, "cannot concatenate shapes \(parts.map(\.shape)) along axis \(axis)", at: "concatenate",
          remedy: remedy)
      }
      let start = ranges.last?.upperBound ?? 0
      ranges.append(start..<start + part.shape[axis])
    }
    shape[axis] = ranges.last?.upperBound ?? 0
    return try join(parts, shape: shape) { [ranges] in try $0.part(ranges[$1], axis: axis) }
  }

  /// Tensors of one shape stacked along a new first axis: steps `[N, H]` to a sequence `[T, N, H]`, scalars to a
  /// vector. PyTorch: `torch.stack`.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes differ or there is no tensor.
  public static func stack(_ parts: [Tensor]) throws -> Tensor {
    guard let first = parts.first, parts.allSatisfy({ $0.shape == first.shape }) else {
      throw RecurrentError(
        .shapeMismatch, "cannot stack shapes \(parts.map(\.shape))", at: "stack",
        remedy: "give at least one tensor, all of the same shape")
    }
    return try join(parts, shape: [parts.count] + first.shape) { try $0.part($1..<$1 + 1, axis: 0) }
  }

  /// Copies parts into a new tensor, and their gradients back.
  private static func join(
    _ parts: [Tensor], shape: [Int], view: @escaping (StridedView, Int) throws -> StridedView
  ) throws -> Tensor {
    let tape = parts[0].tape
    try tape.check(parts)
    let y = try tape.allocate(rows: shape.rows, columns: shape.columns)
    let result = try StridedView(y, shape: shape)
    for (index, part) in parts.enumerated() {
      let target = try view(result, index)
      try tape.backend.map(
        Map(.copy, [.view(StridedView(part.region, shape: part.shape).broadcast(to: target.lengths))], into: target))
    }
    let shapes = parts.map(\.shape)
    return try tape.recordWriting(y, shape: shape, from: parts) { tape, dy, outputs in
      let gradient = try StridedView(dy, shape: shape)
      for (index, output) in outputs.enumerated() {
        guard let output else { continue }
        let source = try view(gradient, index)
        let target = try StridedView(output.region, shape: shapes[index]).broadcast(to: source.lengths)
        try tape.backend.map(Map(.copy, [.view(source)], into: target, adds: output.adds))
      }
    }
  }

  /// A copy of a view of this tensor.
  func copied(
    shape: [Int], _ map: (StridedView) throws -> StridedView,
    backward: @escaping (_ dy: StridedView, _ output: Output, _ tape: Tape) throws -> Void
  ) throws -> Tensor {
    try tape.check([self])
    let y = try tape.allocate(rows: shape.rows, columns: shape.columns)
    try tape.backend.map(Map(.copy, [.view(map(view()))], into: StridedView(y, shape: shape)))
    return try tape.recordWriting(y, shape: shape, from: [self]) { tape, dy, outputs in
      guard let output = outputs[0] else { return }
      try backward(StridedView(dy, shape: shape), output, tape)
    }
  }
}
