import RecurrentCore

extension OpenCLBackend {
  /// Sums of a function of tensors over axes: blocks of terms, then of block sums, until one block remains.
  package func fold(_ operation: Fold) throws {
    let kept = operation.kept
    guard kept.count > 0 else { return }
    let sums = try partialSums(operation)
    // One term at least: the sum of none is 0.
    let region = try sums.rows == kept.count ? sums : sums.reshaped(rows: kept.count, columns: 1)
    let order = try StridedView(region.buffer, offset: region.offset, lengths: kept.lengths, strides: kept.packed)
    let output = try StridedView(
      operation.output.buffer, offset: operation.output.offset, lengths: kept.lengths,
      strides: kept.strides[operation.operands.count])
    try map(Map(.multiply, [.view(order), .number(operation.scale)], into: output, adds: operation.adds))
  }

  /// The contiguous partial sums, in scratch memory.
  private func partialSums(_ operation: Fold) throws -> Region {
    let (kept, folded) = (operation.kept, operation.folded)
    let arguments = StridedOperand.three(operation.operands, kept, folded)
    let (sums, shapes) = (kept.count, [try kept.shape(), try folded.shape()] as [any KernelArgument])
    if operation.isAlong {
      let block = 4096
      let blocks = max(1, folded.count.tiles(of: block))
      let partial = try Region(scratch(.folds, sums * blocks), rows: sums, columns: blocks)
      try launchRows(
        "fold", "foldAlong", rows: sums, columns: folded.count, blocks: blocks,
        arguments + [partial] + shapes + [folded.count, block, operation.function.rawValue])
      guard blocks > 1 else { return partial }
      let whole = try Region(scratch(.foldTotals, sums), rows: sums, columns: 1)
      try reduce(Reduce(over: .columns, partial, into: .set(whole)))
      return whole
    }
    let block = 128
    let blocks = max(1, folded.count.tiles(of: block))
    let partial = try Region(scratch(.folds, sums * blocks), rows: blocks, columns: sums)
    try launchBlocks(
      "fold", "foldAcross", blocks: blocks,
      columns: kept.columns.tiles(of: style.width * style.across) * style.width * kept.rows,
      arguments + [partial] + shapes + [sums, folded.count, block, operation.function.rawValue])
    guard blocks > 1 else { return partial }
    let whole = try Region(scratch(.foldTotals, sums), columns: sums)
    try reduce(Reduce(over: .rows, partial, into: .set(whole)))
    return whole
  }

  /// Maxima over axes.
  package func maxima(_ operation: Maxima) throws {
    let (kept, folded, output) = (operation.kept, operation.folded, operation.output)
    let arguments: [any KernelArgument] = [
      Start(operation.x), kept.strides(0), folded.strides(0), Start(output ?? operation.x),
      output == nil ? AxisValues.noStrides : kept.strides(2), operation.winners, try kept.shape(), try folded.shape(),
      kept.count, folded.count, output != nil,
    ]
    if operation.isAlong {
      try launchRows(
        "maxima", "maximaAlong", rows: kept.count, columns: folded.count, bytes: operation.bytes, arguments)
    } else {
      try launch(
        "maxima", "maximaAcross", [kept.columns.tiles(of: style.width * style.across) * kept.rows],
        group: [style.kind == .wide ? 1 : style.group], bytes: operation.bytes, arguments)
    }
  }

  /// The gradient of maxima over axes.
  package func maximaBackward(_ operation: MaximaBackward) throws {
    let (kept, folded) = (operation.kept, operation.folded)
    try launch(
      "maxima", "maximaBackward", [kept.count], group: [style.group], bytes: operation.bytes,
      [
        Start(operation.dy), kept.strides(2), operation.winners, Start(operation.output), kept.strides(0),
        folded.strides(0), try kept.shape(), try folded.shape(), kept.count,
      ])
  }
}

extension AxisLoop {
  /// The strides of contiguous elements, in the order of the loop.
  fileprivate var packed: [Int] {
    var (strides, step) = (lengths, 1)
    for axis in lengths.indices.reversed() {
      strides[axis] = step
      step *= lengths[axis]
    }
    return strides
  }
}
