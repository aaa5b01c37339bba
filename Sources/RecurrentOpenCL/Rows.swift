import RecurrentCore

/// Work-groups for a row or a block of sums; see `row.cl`.
extension OpenCLBackend {
  /// Enqueues a kernel with one work-group per row, or per block of a row.
  func launchRows(
    _ file: String, _ kernel: String, rows: Int, columns: Int, blocks: Int = 1, bytes: Int? = nil,
    _ arguments: [any KernelArgument]
  ) throws {
    guard rows > 0 && blocks > 0 else { return }
    let prepared = try prepared(file, kernel, bytes: bytes, arguments)
    let lanes = style.rowLanes(columns.tiles(of: blocks), most: prepared.kernel.maximumGroup)
    try enqueue(prepared, [blocks * lanes, rows], group: [lanes])
  }

  /// Enqueues a kernel with one work-group per group of columns of each block of rows.
  func launchBlocks(
    _ file: String, _ kernel: String, blocks: Int, columns: Int, _ arguments: [any KernelArgument]
  ) throws {
    guard columns > 0 else { return }
    let prepared = try prepared(file, kernel, arguments)
    let lanes = style.blockLanes(most: prepared.kernel.maximumGroup)
    try enqueue(prepared, [columns.tiles(of: style.width), blocks * lanes.y], group: [lanes.x, lanes.y])
  }
}

/// The number of work-items that share the work: a power of two, determined by the shape and the style, within the
/// limit of the device.
extension KernelStyle {
  /// The maximum number of work-items per row or block; 1 in the wide style.
  var sharedGroup: Int { kind == .simt ? min(256, maximumGroup) : 1 }

  /// The lanes per row, with at least two columns each.
  fileprivate func rowLanes(_ columns: Int, most: Int) -> Int {
    let most = sharedGroup(most)
    var lanes = min(32, most)
    while lanes < most && 2 * lanes < columns { lanes *= 2 }
    return lanes
  }

  /// The columns of a block of rows, and the lanes that share it.
  fileprivate func blockLanes(most: Int) -> (x: Int, y: Int) {
    let most = sharedGroup(most)
    let columns = min(32, most)
    return (columns, most / columns)
  }

  private func sharedGroup(_ most: Int) -> Int {
    let most = min(sharedGroup, most)
    return 1 << (Int.bitWidth - 1 - most.leadingZeroBitCount)
  }
}
