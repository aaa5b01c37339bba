extension Tensor {
  /// The same elements with other axes; a copy only where a slice has gaps. One axis may be −1: what is left.
  /// - Throws: `RecurrentError.shapeMismatch` if the counts differ.
  public func reshaped(_ axes: [Int]) throws -> Tensor {
    var axes = axes
    let known = axes.filter { $0 != -1 }.elementCount
    if let free = axes.firstIndex(of: -1), known > 0 { axes[free] = count / known }
    guard axes.allSatisfy({ $0 >= 0 }), axes.elementCount == count else {
      throw RecurrentError(.shapeMismatch, "a tensor of shape \(shape) cannot become \(axes)", at: "reshaped")
    }
    let (rows, columns) = (axes.rows, axes.columns)
    let sameMatrix = rows == region.rows && columns == region.columns
    let source = region.isContiguous || sameMatrix ? self : try copied()
    return try source.view(shape: axes, isWhole: true) { try $0.reshaped(rows: rows, columns: columns) }
  }

  /// Part of the first axis, without a copy: steps of a sequence `[T, N, H]`.
  /// - Throws: `RecurrentError.shapeMismatch` if the range leaves the axis.
  public func slice(_ range: Range<Int>) throws -> Tensor {
    guard let first = shape.first, range.lowerBound >= 0, range.upperBound <= first else {
      throw RecurrentError(.shapeMismatch, "elements \(range) of the first axis of shape \(shape)", at: "slice")
    }
    guard shape.count > 1 else { return try columns(range) }
    let inner = shape[1..<(shape.count - 1)].elementCount
    return try view(shape: [range.count] + shape.dropFirst(), isWhole: range.count == first) {
      $0.rows(range.lowerBound * inner..<range.upperBound * inner)
    }
  }

  /// Part of the last axis, without a copy.
  /// - Throws: `RecurrentError.shapeMismatch` if the range leaves the axis.
  public func columns(_ range: Range<Int>) throws -> Tensor {
    guard !shape.isEmpty, range.lowerBound >= 0, range.upperBound <= shape.columns else {
      throw RecurrentError(.shapeMismatch, "elements \(range) of the last axis of shape \(shape)", at: "columns")
    }
    return try view(shape: shape.dropLast() + [range.count], isWhole: range.count == shape.columns) {
      $0.columns(range)
    }
  }

  /// One element of the first axis, without a copy: `[N, H]` of a sequence `[T, N, H]`.
  /// - Throws: `RecurrentError.shapeMismatch` if it is not there, or the tensor has fewer than two axes.
  public func step(_ index: Int) throws -> Tensor {
    guard shape.count > 1, index >= 0, index < shape[0] else {
      throw RecurrentError(.shapeMismatch, "step \(index) of shape \(shape)", at: "step")
    }
    let inner = shape[1..<(shape.count - 1)].elementCount
    return try view(shape: Array(shape.dropFirst()), isWhole: shape[0] == 1) {
      $0.rows(index * inner..<(index + 1) * inner)
    }
  }

  /// The last element of the first axis. (Where rows have lengths, take the final state instead.)
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

  /// Tensors side by side along the last axis: `[…, C₁], […, C₂] → […, C₁ + C₂]`.
  /// - Throws: `RecurrentError.shapeMismatch` if the other axes differ.
  public static func concatenate(_ parts: [Tensor]) throws -> Tensor {
    guard let first = parts.first, parts.allSatisfy({ $0.shape.dropLast() == first.shape.dropLast() }) else {
      throw RecurrentError(.shapeMismatch, "shapes \(parts.map(\.shape)) do not lie side by side", at: "concatenate")
    }
    var ranges: [Range<Int>] = []
    for part in parts {
      let start = ranges.last?.upperBound ?? 0
      ranges.append(start..<start + part.shape.columns)
    }
    let columns = ranges.last?.upperBound ?? 0
    return try join(parts, shape: first.shape.dropLast() + [columns]) { $0.columns(ranges[$1]) }
  }

  /// Tensors of one shape as a new first axis: steps `[N, H]` to a sequence `[T, N, H]`, scalars to a vector.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes differ or there is no tensor.
  public static func stack(_ parts: [Tensor]) throws -> Tensor {
    guard let first = parts.first, parts.allSatisfy({ $0.shape == first.shape }) else {
      throw RecurrentError(.shapeMismatch, "shapes \(parts.map(\.shape)) do not stack", at: "stack")
    }
    let rows = first.region.rows
    guard !first.shape.isEmpty else { return try join(parts, shape: [parts.count]) { $0.columns($1..<$1 + 1) } }
    return try join(parts, shape: [parts.count] + first.shape) { $0.rows($1 * rows..<($1 + 1) * rows) }
  }

  /// Copies parts to their places in a new tensor, and their gradients back.
  private static func join(_ parts: [Tensor], shape: [Int], place: @escaping (Region, Int) -> Region) throws -> Tensor {
    let tape = parts[0].tape
    let y = try tape.allocate(rows: shape.rows, columns: shape.columns)
    for (index, part) in parts.enumerated() {
      try tape.backend.copy(Copy(part.region, into: .set(place(y, index))))
    }
    return try tape.recordWriting(y, shape: shape, from: parts) { tape, dy, outputs in
      for (index, output) in outputs.enumerated() {
        guard let output else { continue }
        try tape.backend.copy(Copy(place(dy, index), into: output))
      }
    }
  }

  private func copied() throws -> Tensor { try Tensor.join([self], shape: shape) { region, _ in region } }
}
