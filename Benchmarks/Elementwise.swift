import RecurrentCore

extension BenchmarkFamily {
  /// The tensor library's operations on matrices larger than any cache: bytes read and written, each counted once,
  /// compared with the bandwidth of a copy.
  static let elementwise = BenchmarkFamily(name: "elementwise", isDefault: false) { small in
    let (rows, columns) = small ? (5, 33) : (4096, 4096)
    let parts: [(String, @Sendable (Matrices) throws -> [Benchmark])] = [
      ("map", maps), ("transposed", transposed), ("fold", folds), ("maxima", maxima), ("scan", scans),
    ]
    return parts.map { name, benchmarks in
      Work(name: "elementwise \(name) \(rows)×\(columns)") { try benchmarks(Matrices($0.backend, rows, columns)) }
    }
  }

  /// Functions of contiguous elements, and of a repeated row and column.
  @Sendable private static func maps(_ matrices: Matrices) throws -> [Benchmark] {
    let (a, b) = (matrices.a, matrices.b)
    let row = try a.part(0..<1, axis: 0).broadcast(to: a.lengths)
    let column = try a.part(0..<1, axis: 1).broadcast(to: a.lengths)
    return try [
      matrices.map("copy", .copy, a), matrices.map("sum", .add, a, b), matrices.map("quotient", .divide, a, b),
      matrices.map("sqrt", .sqrt, a), matrices.map("exp", .exp, a), matrices.map("log", .log, a),
      matrices.map("row", .add, a, row), matrices.map("column", .add, a, column),
    ]
  }

  /// Functions of transposed operands.
  @Sendable private static func transposed(_ matrices: Matrices) throws -> [Benchmark] {
    let (a, b) = try (matrices.a.permuted([1, 0]), matrices.b.permuted([1, 0]))
    let square = matrices.a.lengths[0] == matrices.a.lengths[1]
    return try [matrices.map("copy", .copy, a)]
      + (square ? [matrices.map("sum", .add, matrices.a, b), matrices.map("both", .add, a, b)] : [])
  }

  /// Sums of elements and of products.
  @Sendable private static func folds(_ matrices: Matrices) throws -> [Benchmark] {
    let (a, b) = (matrices.a, matrices.b)
    let (rows, columns) = (a.lengths[0], a.lengths[1])
    return try [
      matrices.fold("all", .copy, a, into: [1, 1]), matrices.fold("columns", .copy, a, into: [rows, 1]),
      matrices.fold("rows", .copy, a, into: [1, columns]),
      matrices.fold("all a·b", .multiply, a, b, into: [1, 1]),
      matrices.fold("cols a·b", .multiply, a, b, into: [rows, 1]),
      matrices.fold("rows a·b", .multiply, a, b, into: [1, columns]),
      matrices.reduce("reduce all", .all), matrices.reduce("reduce col", .columns),
      matrices.reduce("reduce row", .rows),
    ]
  }

  /// Maxima of all elements, of each row and of each column.
  @Sendable private static func maxima(_ matrices: Matrices) throws -> [Benchmark] {
    let (rows, columns) = (matrices.a.lengths[0], matrices.a.lengths[1])
    return try [
      matrices.maxima("all", into: [1, 1]), matrices.maxima("columns", into: [rows, 1]),
      matrices.maxima("rows", into: [1, columns]),
    ]
  }

  /// Cumulative sums along the rows and the columns.
  @Sendable private static func scans(_ matrices: Matrices) throws -> [Benchmark] {
    try [matrices.scan("columns", axis: 1), matrices.scan("rows", axis: 0)]
  }
}

/// Two random matrices, and memory for a result.
private struct Matrices {
  let backend: any Backend
  let a: StridedView, b: StridedView
  private let result: Region

  init(_ backend: any Backend, _ rows: Int, _ columns: Int) throws {
    self.backend = backend
    (a, b) = try (
      StridedView(backend.noise(rows: rows, columns: columns, seed: 1), shape: [rows, columns]),
      StridedView(backend.noise(rows: rows, columns: columns, seed: 2), shape: [rows, columns])
    )
    result = try backend.allocate(rows: rows, columns: columns)
  }

  private func output(_ lengths: [Int]) throws -> StridedView {
    try StridedView(result.buffer, lengths: lengths, strides: [lengths[1], 1])
  }

  func map(_ part: String, _ function: MapFunction, _ operands: StridedView...) throws -> Benchmark {
    let map = try Map(function, operands.map { .view($0) }, into: output(operands[0].lengths))
    return Benchmark(part: part, bytes: map.bytes) { try backend.map(map) }
  }

  func fold(_ part: String, _ function: MapFunction, _ operands: StridedView..., into lengths: [Int]) throws
    -> Benchmark
  {
    let fold = try Fold(function, operands.map { .view($0) }, into: output(lengths))
    return Benchmark(part: part, bytes: fold.bytes) { try backend.fold(fold) }
  }

  func reduce(_ part: String, _ axis: Reduce.Axis) throws -> Benchmark {
    let (rows, columns) = (a.lengths[0], a.lengths[1])
    let x = try Region(a.buffer, rows: rows, columns: columns)
    let out = try backend.allocate(rows: axis == .columns ? rows : 1, columns: axis == .rows ? columns : 1)
    let reduce = try Reduce(over: axis, x, into: .set(out))
    return Benchmark(part: part, bytes: 4 * rows * columns) { try backend.reduce(reduce) }
  }

  func maxima(_ part: String, into lengths: [Int]) throws -> Benchmark {
    let count = lengths[0] * lengths[1]
    let maxima = try Maxima(
      a, lengths: lengths, into: output(lengths), winners: Indices(backend.allocate(count), count: count))
    return Benchmark(part: part, bytes: maxima.bytes) { try backend.maxima(maxima) }
  }

  func scan(_ part: String, axis: Int) throws -> Benchmark {
    let scan = try Scan(a, axis: axis, into: output(a.lengths))
    return Benchmark(part: part, bytes: scan.bytes) { try backend.scan(scan) }
  }
}
