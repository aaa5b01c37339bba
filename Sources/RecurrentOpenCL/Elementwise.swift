import RecurrentCore

extension OpenCLBackend {
  /// Enqueues an elementwise kernel: one work-item per element.
  func elementwise(
    _ kernel: String, of file: String = "elementwise", rows: Int, columns: Int, bytes: Int? = nil,
    _ arguments: [any KernelArgument]
  ) throws {
    try launch(file, kernel, [columns, rows], group: [style.group], bytes: bytes, arguments)
  }

  /// Enqueues a kernel with one work-item per vector of columns of each row.
  func vectorwise(
    _ kernel: String, of file: String, rows: Int, columns: Int, bytes: Int? = nil, _ arguments: [any KernelArgument]
  ) throws {
    try launch(vectorLaunch(kernel, of: file, rows: rows, columns: columns, bytes: bytes, arguments))
  }

  /// The launch of `vectorwise`.
  func vectorLaunch(
    _ kernel: String, of file: String, rows: Int, columns: Int, bytes: Int? = nil, _ arguments: [any KernelArgument]
  ) -> Launch {
    let vectors = columns.tiles(of: style.width)
    // A power of two: PoCL compiles a kernel again for each size of its groups.
    let group = min(style.group, max(vectors, 1).roundedUpToPowerOfTwo)
    return Launch(file, kernel, [vectors, rows], group: [group], bytes: bytes, arguments)
  }

  /// The same regions as one row each, if they are contiguous and small enough for a kernel's counts: long rows fill
  /// the work-groups.
  func flat(_ regions: [Region]) throws -> [Region] {
    guard regions.allSatisfy({ $0.isContiguous && $0.count <= largestCount }) else { return regions }
    return try regions.map { try $0.reshaped(rows: 1, columns: $0.count) }
  }

  /// Enqueues an elementwise kernel over regions of the same shape, which are its first arguments.
  private func map(_ kernel: String, _ regions: [Region], _ arguments: [any KernelArgument]) throws {
    let regions = try flat(regions)
    try elementwise(
      kernel, rows: regions[0].rows, columns: regions[0].columns, regions + [regions[0].columns] + arguments)
  }

  /// Sets every element.
  package func fill(_ region: Region, with value: Float) throws { try map("fill", [region], [value]) }

  /// Copies a region.
  package func copy(_ operation: Copy) throws {
    try map("copy", [operation.source, operation.output.region], [operation.output.adds])
  }

  /// `[A, B, C] → [B, A, C]`.
  package func swapAxes(_ operation: SwapAxes) throws {
    let x = operation.source
    try elementwise(
      "swapAxes", rows: x.rows, columns: x.columns,
      [x, operation.output.region, x.columns, operation.outer, operation.inner, operation.output.adds])
  }

  /// Sets rows to 0.
  package func maskRows(_ operation: MaskRows) throws {
    let x = operation.x
    try elementwise(
      "maskRows", rows: x.rows, columns: x.columns,
      [
        x, operation.mask, operation.lengths ?? Absent.indices, operation.output.region, x.columns, operation.step,
        operation.lengths != nil, operation.output.adds,
      ])
  }

  /// Adds a row to every row.
  package func addBias(_ operation: AddBias) throws {
    let x = operation.x
    try elementwise(
      "addBias", rows: x.rows, columns: x.columns,
      [x, operation.bias, operation.output.region, x.columns, operation.output.adds])
  }

  /// A binary function of two matrices.
  package func combine(_ operation: Combine) throws {
    try map(
      "combine", [operation.a, operation.b, operation.output.region],
      [operation.function.rawValue, operation.output.adds])
  }

  /// Scales a matrix.
  package func scale(_ operation: Scale) throws {
    let regions = try flat([operation.x, operation.output.region])
    try elementwise(
      "scale", rows: regions[0].rows, columns: regions[0].columns,
      [
        regions[0], operation.deviceFactor ?? Absent.region, regions[1], regions[0].columns, operation.factor,
        operation.deviceFactor != nil, operation.output.adds,
      ])
  }

  /// Applies an activation.
  package func activate(_ operation: Activate) throws {
    try map(
      "activate", [operation.x, operation.output.region], [operation.activation.rawValue, operation.output.adds])
  }

  /// The gradient of an activation.
  package func activateBackward(_ operation: ActivateBackward) throws {
    try map(
      "activateBackward", [operation.y, operation.dy, operation.output.region],
      [operation.activation.rawValue, operation.output.adds])
  }

  /// Clips every element by value.
  package func clipByValue(_ operation: ClipByValue) throws {
    try map("clipByValue", [operation.x], [operation.limit])
  }

  /// Applies dropout.
  package func dropout(_ operation: ApplyDropout) throws {
    let (x, key) = (operation.x, operation.key)
    try elementwise(
      "dropout", of: "random", rows: 1, columns: (x.count + 3) / 4,
      [
        x, operation.output.region, Int64(x.count), x.columns, UInt32(truncatingIfNeeded: key.seed),
        UInt32(truncatingIfNeeded: key.seed >> 32), key.layer, UInt32(truncatingIfNeeded: key.step),
        UInt32(truncatingIfNeeded: key.step >> 32), operation.threshold, 1 / (1 - operation.probability),
        operation.output.adds,
      ])
  }
}
