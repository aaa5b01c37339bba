import RecurrentCore

/// Both transpositions, set and add, batched or not, packed or not, over every pair of sizes.
func matmulCases(_ size: ParityCase.Size) -> [ParityCase] {
  let sizes = size == .quick ? [3, 17] : edgeSizes
  var cases = covering([sizes.count, sizes.count, sizes.count, 2, 2, 2, 3, 2]).map { row in
    var choices = Choices(row)
    return matmulCase(
      choices.next(sizes), choices.next(sizes), choices.next(sizes), transposesA: choices.flag(),
      transposesB: choices.flag(), adds: choices.flag(), batch: choices.next(ProductBatch.allCases),
      isPacked: choices.flag())
  }
  guard size == .full else { return cases }
  for (m, n, k) in [(150, 270, 600), (7, 9, 3000), (1, 513, 300), (300, 1, 129)] {
    for variant in 0..<4 {
      cases.append(
        matmulCase(
          m, n, k, transposesA: variant & 1 != 0, transposesB: variant & 2 != 0, adds: variant == 3, batch: .single,
          isPacked: variant == 0))
    }
  }
  return cases
}

/// One product, or three that share their right operand or have their own.
private enum ProductBatch: String, CaseIterable {
  case single
  case shared = "batch 3 of one right operand"
  case own = "batch 3"
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
    // A batch lies one product below the other. Sums of one sign do not cancel.
    let (count, countB) = (batch == .single ? 1 : 3, batch == .own ? 3 : 1)
    let (aRows, aColumns) = transposesA ? (k, m) : (m, k)
    let (bRows, bColumns) = transposesB ? (n, k) : (k, n)
    let a = try stage.input(count * aRows, aColumns, -0.5...1)
    let b = try stage.input(countB * bRows, bColumns, -0.5...1)
    let c = try stage.output(count * m, n, adds: adds, slices: count)
    let first = c.region.rows(0..<m)
    try stage.backend.matmul(
      Matmul(
        a.rows(0..<aRows), b.rows(0..<bRows), transposesA: transposesA, transposesB: transposesB,
        into: adds ? .add(first) : .set(first), scale: isPacked ? 1 : 0.75,
        batch: batch == .single
          ? nil
          : .init(
            count: count, strideA: aRows * a.stride, strideB: batch == .own ? bRows * b.stride : 0,
            strideC: m * first.stride)))
  }
}
