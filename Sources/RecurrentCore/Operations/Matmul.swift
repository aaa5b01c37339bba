/// `output = scale · op(a) · op(b)`, where `op` is the identity or the transpose: `[M, K] · [K, N] → [M, N]`.
///
/// Batched: `batch.count` such products, whose operands are `batch` strides apart.
public struct Matmul {
  /// The layout of a batched product: the distance between the operands of adjacent products, in elements.
  public struct Batch {
    /// The number of products.
    package var count: Int
    /// The distance between left operands, in elements; 0 shares one.
    package var strideA: Int
    /// The distance between right operands, in elements; 0 shares one.
    package var strideB: Int
    /// The distance between results, in elements; results may not overlap.
    package var strideC: Int

    /// A batch.
    public init(count: Int, strideA: Int, strideB: Int, strideC: Int) {
      self.count = count
      self.strideA = strideA
      self.strideB = strideB
      self.strideC = strideC
    }
  }

  /// The left operand: `[M, K]`, or `[K, M]` if transposed. For a batch: the first.
  package let a: Region
  /// The right operand: `[K, N]`, or `[N, K]` if transposed. For a batch: the first.
  package let b: Region
  /// Whether `a` is transposed.
  package let transposesA: Bool
  /// Whether `b` is transposed.
  package let transposesB: Bool
  /// `[M, N]`. For a batch: the first.
  package let output: Output
  /// A factor on the product.
  package let scale: Float
  /// The batch, or nil for a single product.
  package let batch: Batch?

  /// The number of rows of the result.
  package var m: Int { output.region.rows }
  /// The number of columns of the result.
  package var n: Int { output.region.columns }
  /// The number of terms of each sum.
  package var k: Int { transposesA ? a.rows : a.columns }
  /// Floating-point operations; a multiply-add counts as two.
  package var flops: Int { 2 * m * n * k * (batch?.count ?? 1) }

  /// Whether both can share the packed form of `b`: the same `b`, the same shape, and no batch.
  package func sharesRight(with other: Matmul) -> Bool {
    b.isSame(as: other.b) && transposesA == other.transposesA && transposesB == other.transposesB && m == other.m
      && batch == nil && other.batch == nil
  }

  /// A matrix product.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes do not match or a batch exceeds a buffer.
  public init(
    _ a: Region, _ b: Region, transposesA: Bool = false, transposesB: Bool = false, into output: Output,
    scale: Float = 1, batch: Batch? = nil
  ) throws {
    let (m, k) = transposesA ? (a.columns, a.rows) : (a.rows, a.columns)
    let (k2, n) = transposesB ? (b.columns, b.rows) : (b.rows, b.columns)
    let c = output.region
    try require(
      k == k2 && c.rows == m && c.columns == n, "matmul",
      "[\(m), \(k)] · [\(k2), \(n)] into [\(c.rows), \(c.columns)]")
    if let batch, batch.count > 1 {
      // One after the other, or interleaved row by row, as in `[T, N, H]`.
      let follow = batch.strideC >= (m - 1) * c.stride + n
      let alternate = batch.strideC >= n && c.stride >= (batch.count - 1) * batch.strideC + n
      try require(
        follow || alternate, "matmul",
        "results of [\(m), \(n)] overlap at a batch stride of \(batch.strideC)")
    }
    if let batch, batch.count > 0 {
      for (region, stride) in [(a, batch.strideA), (b, batch.strideB), (c, batch.strideC)] {
        let last = region.offset + (batch.count - 1) * stride + max(0, region.rows - 1) * region.stride + region.columns
        try require(
          stride >= 0 && last <= region.buffer.count, "matmul",
          "a batch of \(batch.count) with stride \(stride) exceeds a buffer of \(region.buffer.count)")
      }
    }
    self.a = a
    self.b = b
    self.transposesA = transposesA
    self.transposesB = transposesB
    self.output = output
    self.scale = scale
    self.batch = batch
  }
}
