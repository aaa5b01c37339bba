import RecurrentCore

extension OpenCLBackend {
  /// The loss of a CRF for each row.
  package func crf(_ operation: ApplyCRF) throws {
    let chain = operation.sequence
    try launchRows(
      "crf", "crf", rows: chain.batch, columns: chain.tagCount,
      [
        chain.emissions, chain.tags, chain.lengths ?? Absent.indices, chain.transitions, chain.start, chain.end,
        operation.losses, chain.alphas, chain.batch, chain.steps, chain.tagCount, chain.lengths != nil,
      ])
  }

  /// The gradients of a CRF: the probabilities of tags, one work-group per row; then those of pairs, in blocks of
  /// steps.
  package func crfBackward(_ operation: ApplyCRFBackward) throws {
    let chain = operation.sequence
    let (batch, tags) = (chain.batch, chain.tagCount)
    let marginals = try Region(scratch(.marginals, chain.emissions.count), rows: chain.emissions.rows, columns: tags)
    let edges = try Region(scratch(.edges, 2 * batch * tags), rows: 2 * batch, columns: tags)
    try launchRows(
      "crf", "crfMarginals", rows: batch, columns: tags,
      [
        chain.tags, chain.lengths ?? Absent.indices, chain.transitions, chain.end, chain.alphas, operation.upstream,
        operation.dEmissions?.region ?? Absent.region, edges, marginals, batch, chain.steps, tags,
        chain.lengths != nil, operation.dEmissions != nil, operation.dEmissions?.adds ?? false,
      ])
    if let output = operation.dStart { try sumRows(edges.rows(0..<batch), into: output) }
    if let output = operation.dEnd { try sumRows(edges.rows(batch..<2 * batch), into: output) }
    if let output = operation.dTransitions { try sumPairs(operation, marginals, into: output) }
  }

  /// The gradient of a CRF's transitions, in at most 64 blocks of steps and rows.
  private func sumPairs(_ operation: ApplyCRFBackward, _ marginals: Region, into output: Output) throws {
    let chain = operation.sequence
    let (tags, pairs) = (chain.tagCount, (chain.steps - 1) * chain.batch)
    let block = max(64, (pairs + 63) / 64)
    let blocks = max(1, (pairs + block - 1) / block)
    let sums = try Region(scratch(.pairs, (blocks + 1) * tags * tags), rows: blocks + 1, columns: tags * tags)
    let vectors = (tags + style.width - 1) / style.width
    try launch(
      "crf", "crfTransitions", [vectors, tags, blocks], group: [min(style.group, vectors.roundedUpToPowerOfTwo)],
      [
        chain.tags, chain.lengths ?? Absent.indices, chain.transitions, chain.alphas, marginals, operation.upstream,
        sums, chain.batch, chain.steps, tags, block, chain.lengths != nil,
      ])
    let parts = sums.rows(0..<blocks)
    if output.region.isContiguous {
      let row = try output.region.reshaped(rows: 1, columns: tags * tags)
      try sumRows(parts, into: output.adds ? .add(row) : .set(row))
    } else {
      let total = sums.rows(blocks..<blocks + 1)
      try sumRows(parts, into: .set(total))
      try copy(Copy(total.reshaped(rows: tags, columns: tags), into: output))
    }
  }
}
