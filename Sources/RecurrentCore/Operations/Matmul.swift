/// `output = scale · op(a) · op(b)`, where `op` transposes or not: `[M, K] · [K, N] → [M, N]`.
///
/// Batched: `batch.count` such products, each operand's regions `batch` strides apart.
public struct Matmul {
  /// How the operands of a batched product follow each other, in elements.
  public struct Batch {
    /// The number of products.
    public var count: Int
    /// Elements from one left operand to the next; 0 shares it.
    public var strideA: Int
    /// Elements from one right operand to the next; 0 shares it.
    public var strideB: Int
    /// Elements from one result to the next; results may not overlap.
    public var strideC: Int

    /// Describes a batch.
    public init(count: Int, strideA: Int, strideB: Int, strideC: Int) {
      self.count = count
      self.strideA = strideA
      self.strideB = strideB
      self.strideC = strideC
    }
  }

  /// The left operand: `[M, K]`, or `[K, M]` if transposed. Of a batch: the first.
  public let a: Region
  /// The right operand: `[K, N]`, or `[N, K]` if transposed. Of a batch: the first.
  public let b: Region
  /// Whether `a` is used transposed.
  public let transposesA: Bool
  /// Whether `b` is used transposed.
  public let transposesB: Bool
  /// `[M, N]`. Of a batch: the first.
  public let output: Output
  /// A factor on the product.
  public let scale: Float
  /// More than one product, or nil.
  public let batch: Batch?

  /// The rows of the result.
  public var m: Int { output.region.rows }
  /// The columns of the result.
  public var n: Int { output.region.columns }
  /// The length of each sum.
  public var k: Int { transposesA ? a.rows : a.columns }
  /// Floating-point operations, a multiply-add as two.
  public var flops: Int { 2 * m * n * k * (batch?.count ?? 1) }

  /// Whether what is packed of `b` for one of the two serves the other: the same `b`, and one shape. Not of batches.
  package func sharesRight(with other: Matmul) -> Bool {
    b.isSame(as: other.b) && transposesA == other.transposesA && transposesB == other.transposesB && m == other.m
      && batch == nil && other.batch == nil
  }

  /// A product.
  /// - Throws: `RecurrentError.shapeMismatch` if the shapes do not fit each other or a batch leaves a buffer.
  public init(
    _ a: Region, _ b: Region, transposesA: Bool = false, transposesB: Bool = false, into output: Output,
    scale: Float = 1, batch: Batch? = nil
  ) throws {
    let (m, k) = transposesA ? (a.columns, a.rows) : (a.rows, a.columns)
    let (k2, n) = transposesB ? (b.columns, b.rows) : (b.rows, b.columns)
    let c = output.region
    try require(
      k == k2 && c.rows == m && c.columns == n, "matmul",
      "[\(m), \(k)] · [\(k2), \(n)] does not give [\(c.rows), \(c.columns)]")
    if let batch, batch.count > 1 {
      // One after the other, or row by row in turn, as in `[T, N, H]`.
      let follow = batch.strideC >= (m - 1) * c.stride + n
      let alternate = batch.strideC >= n && c.stride >= (batch.count - 1) * batch.strideC + n
      try require(
        follow || alternate, "matmul",
        "results of [\(m), \(n)] that are \(batch.strideC) elements apart overlap")
    }
    if let batch, batch.count > 0 {
      for (region, stride) in [(a, batch.strideA), (b, batch.strideB), (c, batch.strideC)] {
        let last = region.offset + (batch.count - 1) * stride + max(0, region.rows - 1) * region.stride + region.columns
        try require(
          stride >= 0 && last <= region.buffer.count, "matmul",
          "batch \(batch.count) with stride \(stride) leaves a buffer of \(region.buffer.count)")
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
