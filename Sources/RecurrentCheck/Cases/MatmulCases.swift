import RecurrentCore

/// Both transpositions, set and add, batched or not, packed or not, over every pair of sizes.
func matmulCases(_ size: ParityCase.Size) -> [ParityCase] {
  let sizes = size == .quick ? [3, 17] : edgeSizes
  var cases = covering([sizes.count, sizes.count, sizes.count, 2, 2, 2, ProductBatch.allCases.count, 2]).map { row in
    var choices = CoveringRow(row)
    return matmulCase(
      choices.next(sizes), choices.next(sizes), choices.next(sizes), transposesA: choices.flag(),
      transposesB: choices.flag(), adds: choices.flag(), batch: choices.next(ProductBatch.allCases),
      isPacked: choices.flag())
  }
  // A sum long enough to be split on GPUs.
  cases.append(
    matmulCase(17, 17, 530, transposesA: true, transposesB: false, adds: true, batch: .single, isPacked: false))
  guard size == .full else { return cases }
  // Long sums; then tiles, panels and blocks of the sum that are one short, full, and one over.
  for (m, n, k) in [
    (150, 270, 600), (7, 9, 3000), (1, 513, 300), (300, 1, 129), (2, 3, 5), (5, 63, 7), (6, 64, 16), (7, 65, 17),
    (13, 31, 255), (12, 33, 256), (3, 17, 257), (64, 130, 513), (1, 200, 300),
  ] {
    for variant in 0..<4 {
      cases.append(
        matmulCase(
          m, n, k, transposesA: variant & 1 != 0, transposesB: variant & 2 != 0, adds: variant == 3, batch: .single,
          isPacked: variant == 0))
    }
  }
  // Enough tiles for the largest ones of GPUs.
  for variant in 0..<4 {
    cases.append(
      matmulCase(
        650, 660, 17, transposesA: variant & 1 != 0, transposesB: variant & 2 != 0, adds: variant == 0, batch: .below,
        isPacked: variant == 3))
  }
  return cases
}

/// One product, or three: with a shared right operand, consecutive, or interleaved row by row, as in `[T, N, H]`.
private enum ProductBatch: String, CaseIterable {
  case single
  case shared = "batch 3 of one right operand"
  case below = "batch 3"
  case inTurn = "batch 3 in turn"
}

private func matmulCase(
  _ m: Int, _ n: Int, _ k: Int, transposesA: Bool, transposesB: Bool, adds: Bool, batch: ProductBatch, isPacked: Bool
) -> ParityCase {
  let options = [
    transposesA ? "Aᵀ" : "A", transposesB ? "Bᵀ" : "B", adds ? "add" : "set", batch.rawValue,
    isPacked ? "packed" : "strided",
  ]
  return ParityCase("matmul", "matmul \(m)×\(n)×\(k) " + options.joined(separator: " ")) { stage in
    stage.isPacked = isPacked
    // Sums of one sign do not cancel.
    let a = try operand(stage, transposesA ? (k, m) : (m, k), batch)
    let b = try operand(stage, transposesB ? (n, k) : (k, n), batch == .shared ? .single : batch)
    let count = batch == .single ? 1 : 3
    let c = try stage.output(count * m, n, adds: adds)
    let (first, strideC) = try c.region.first(of: m, batch)
    try stage.backend.matmul(
      Matmul(
        a.first, b.first, transposesA: transposesA, transposesB: transposesB,
        into: adds ? .add(first) : .set(first), scale: isPacked ? 1 : 0.75,
        batch: batch == .single
          ? nil : .init(count: count, strideA: a.stride, strideB: b.stride, strideC: strideC)))
  }
}

/// The first operand of a batch, and the distance to the next.
private func operand(
  _ stage: Stage, _ shape: (rows: Int, columns: Int), _ batch: ProductBatch
) throws -> (first: Region, stride: Int) {
  let count = batch == .single ? 1 : 3
  return try stage.input(count * shape.rows, shape.columns, -0.5...1).first(of: shape.rows, batch)
}

extension Region {
  /// The first of three matrices of this many rows that fill this one, and the distance to the next; the whole matrix
  /// if single.
  fileprivate func first(of rows: Int, _ batch: ProductBatch) throws -> (first: Region, stride: Int) {
    switch batch {
    case .single: (self, 0)
    case .shared, .below: (self.rows(0..<rows), rows * stride)
    case .inTurn: (try Region(buffer, offset: offset, rows: rows, columns: columns, stride: 3 * stride), stride)
    }
  }
}
