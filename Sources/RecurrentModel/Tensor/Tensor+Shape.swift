import RecurrentCore

extension Tensor {
  /// The same elements with another shape; a copy only if the tensor is a slice with gaps. One axis may be −1:
  /// inferred.
  /// - Throws: `RecurrentError.shapeMismatch` if the counts differ.
  public func reshaped(_ axes: [Int]) throws -> Tensor {
    let wanted = axes
    var axes = axes
    let known = axes.filter { $0 != -1 }.elementCount
    if let free = axes.firstIndex(of: -1), known > 0 { axes[free] = count / known }
    guard axes.allSatisfy({ $0 >= 0 }), axes.elementCount == count else {
      throw RecurrentError(
        .shapeMismatch, "a tensor of shape \(shape) cannot be reshaped to \(wanted)", at: "reshaped",
        remedy: "keep the number of elements, \(count); one axis may be -1")
    }
    let (rows, columns) = (axes.rows, axes.columns)
    let sameMatrix = rows == region.rows && columns == region.columns
    let source = region.isContiguous || sameMatrix ? self : try copied()
    return try source.view(shape: axes, isWhole: true) { try $0.reshaped(rows: rows, columns: columns) }
  }

  /// A range of the first axis, without a copy: steps of a sequence `[T, N, H]`.
  /// - Throws: `RecurrentError.shapeMismatch` if the range is out of bounds.
  public func slice(_ range: Range<Int>) throws -> Tensor {
    guard let first = shape.first, range.lowerBound >= 0, range.upperBound <= first else {
      throw RecurrentError(.shapeMismatch, "range \(range) exceeds the first axis of shape \(shape)", at: "slice")
    }
    guard shape.count > 1 else { return try columns(range) }
    let inner = shape[1..<(shape.count - 1)].elementCount
    return try view(shape: [range.count] + shape.dropFirst(), isWhole: range.count == first) {
      $0.rows(range.lowerBound * inner..<range.upperBound * inner)
    }
  }

  /// A range of the last axis, without a copy.
  /// - Throws: `RecurrentError.shapeMismatch` if the range is out of bounds.
  public func columns(_ range: Range<Int>) throws -> Tensor {
    guard !shape.isEmpty, range.lowerBound >= 0, range.upperBound <= shape.columns else {
      throw RecurrentError(.shapeMismatch, "range \(range) exceeds the last axis of shape \(shape)", at: "columns")
    }
    return try view(shape: shape.dropLast() + [range.count], isWhole: range.count == shape.columns) {
      $0.columns(range)
    }
  }

  /// One element of the first axis, without a copy: `[N, H]` of a sequence `[T, N, H]`.
  /// - Throws: `RecurrentError.shapeMismatch` if it is out of range, or the tensor has fewer than two axes.
  public func step(_ index: Int) throws -> Tensor {
    guard shape.count > 1, index >= 0, index < shape[0] else {
      throw RecurrentError(
        .shapeMismatch, "no step \(index) in shape \(shape)", at: "step",
        remedy: shape.count < 2 || shape[0] == 0
          ? "give a tensor of two or more axes and at least one step" : "use 0 to \(shape[0] - 1), or lastStep()"
      )
    }
    let inner = shape[1..<(shape.count - 1)].elementCount
    return try view(shape: Array(shape.dropFirst()), isWhole: shape[0] == 1) {
      $0.rows(index * inner..<(index + 1) * inner)
    }
  }

  /// The last element of the first axis. (With lengths, use the final state instead.)
  /// - Throws: `RecurrentError.shapeMismatch` if there is none.
  public func lastStep() throws -> Tensor { try step((shape.first ?? 0) - 1) }

  /// `[A, B, …] → [B, A, …]`: batch first to time first and back.
  /// - Throws: `RecurrentError.shapeMismatch` if there are fewer than three axes.
  public func swappingLeadingAxes() throws -> Tensor {
    guard shape.count >= 3 else {
      throw RecurrentError(.shapeMismatch, "a tensor of shape \(shape) has fewer than three axes", at: "swap axes")
    }
    let (a, b, tail) = (shape[0], shape[1], shape[2...].elementCount)
    let flat = try reshaped([a, b, tail])
    let y = try tape.allocate(rows: a * b, columns: tail)
    try tape.backend.swapAxes(SwapAxes(flat.region, outer: a, inner: b, into: .set(y)))
    let swapped = try tape.recordWriting(y, shape: [b, a, tail], from: [flat]) { tape, dy, outputs in
      guard let output = outputs[0] else { return }
      try tape.backend.swapAxes(SwapAxes(dy, outer: b, inner: a, into: output))
    }
    return try swapped.reshaped([b, a] + shape[2...])
  }

  private func copied() throws -> Tensor {
    let own = shape
    return try copied(shape: own, { $0 }) { dy, output, tape in
      try output.put(.copy, [.view(dy)], shape: own, over: own, on: tape)
    }
  }
}
