import RecurrentCore

/// Work-groups that share a row, or a block of sums; see `row.cl`.
extension OpenCLBackend {
  /// Enqueues a kernel with a work-group for each row, or for each of the `blocks` parts of a row.
  func launchRows(
    _ file: String, _ kernel: String, rows: Int, columns: Int, blocks: Int = 1, bytes: Int? = nil,
    _ arguments: [any KernelArgument]
  ) throws {
    guard rows > 0 && blocks > 0 else { return }
    let prepared = try prepared(file, kernel, bytes: bytes, arguments)
    let lanes = style.rowLanes(columns.tiles(of: blocks), most: prepared.kernel.maximumGroup)
    try enqueue(prepared, [blocks * lanes, rows], group: [lanes])
  }

  /// Enqueues a kernel with a work-group for some of the columns of each block of rows.
  func launchBlocks(
    _ file: String, _ kernel: String, blocks: Int, columns: Int, _ arguments: [any KernelArgument]
  ) throws {
    guard columns > 0 else { return }
    let prepared = try prepared(file, kernel, arguments)
    let lanes = style.blockLanes(most: prepared.kernel.maximumGroup)
    try enqueue(prepared, [columns.tiles(of: style.width), blocks * lanes.y], group: [lanes.x, lanes.y])
  }
}

/// How many work-items share the work: always a power of two, and found from the shape and the style, as far as the device
/// takes so many.
extension KernelStyle {
  /// The most work-items that share a row or a block; 1 in the wide style.
  var sharedGroup: Int { kind == .simt ? min(256, maximumGroup) : 1 }

  /// The lanes that share a row: enough for two columns or more each.
  fileprivate func rowLanes(_ columns: Int, most: Int) -> Int {
    let most = sharedGroup(most)
    var lanes = min(32, most)
    while lanes < most && 2 * lanes < columns { lanes *= 2 }
    return lanes
  }

  /// The columns that lie side by side in a block of rows, and the lanes that share the block.
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
