import RecurrentCore

/// Both transpositions, set and add, batched or not, packed or not, over every pair of sizes.
func matmulCases(_ size: ParityCase.Size) -> [ParityCase] {
  let sizes = size == .quick ? [3, 17] : edgeSizes
  var cases = covering([sizes.count, sizes.count, sizes.count, 2, 2, 2, 2, 2]).map { row in
    var choices = Choices(row)
    return matmulCase(
      choices.next(sizes), choices.next(sizes), choices.next(sizes), transposesA: choices.flag(),
      transposesB: choices.flag(), adds: choices.flag(), isBatched: choices.flag(), isPacked: choices.flag())
  }
  guard size == .full else { return cases }
  for (m, n, k) in [(150, 270, 600), (7, 9, 3000), (1, 513, 300), (300, 1, 129)] {
    for variant in 0..<4 {
      cases.append(
        matmulCase(
          m, n, k, transposesA: variant & 1 != 0, transposesB: variant & 2 != 0, adds: variant == 3, isBatched: false,
          isPacked: variant == 0))
    }
  }
  return cases
}

private func matmulCase(
  _ m: Int, _ n: Int, _ k: Int, transposesA: Bool, transposesB: Bool, adds: Bool, isBatched: Bool, isPacked: Bool
) -> ParityCase {
  let options = [
    transposesA ? "Aᵀ" : "A", transposesB ? "Bᵀ" : "B", adds ? "add" : "set", isBatched ? "batch 3" : "single",
    isPacked ? "packed" : "strided",
  ]
  return ParityCase("matmul", "matmul \(m)×\(n)×\(k) " + options.joined(separator: " ")) { stage in
    stage.isPacked = isPacked
    // A batch lies one product below the other; the right operand is shared. Sums of one sign do not cancel.
    let count = isBatched ? 3 : 1
    let (aRows, aColumns) = transposesA ? (k, m) : (m, k)
    let a = try stage.input(count * aRows, aColumns, -0.5...1)
    let b = transposesB ? try stage.input(n, k, -0.5...1) : try stage.input(k, n, -0.5...1)
    let c = try stage.output(count * m, n, adds: adds, slices: count)
    try stage.backend.matmul(
      Matmul(
        a.rows(0..<aRows), b, transposesA: transposesA, transposesB: transposesB,
        into: adds ? .add(c.region.rows(0..<m)) : .set(c.region.rows(0..<m)), scale: isPacked ? 1 : 0.75,
        batch: isBatched
          ? .init(count: count, strideA: aRows * a.stride, strideB: 0, strideC: m * c.region.stride) : nil))
  }
}
