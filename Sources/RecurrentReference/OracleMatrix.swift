import RecurrentCore

/// Consecutive values in the oracle's memory.
typealias Row = UnsafeMutablePointer<Double>

/// A region of the oracle's memory, by row and column. Valid while the operation that owns the region runs.
struct OracleMatrix {
  let start: Row
  let rows: Int
  let columns: Int
  let stride: Int

  init(_ region: Region) {
    start = ReferenceBuffer.of(region.buffer).values + region.offset
    rows = region.rows
    columns = region.columns
    stride = region.stride
  }

  subscript(row: Int, column: Int) -> Double {
    get { start[row * stride + column] }
    nonmutating set { start[row * stride + column] = newValue }
  }

  func row(_ row: Int) -> Row { start + row * stride }

  /// Visits every element, row after row.
  @inline(__always)
  func forEach(_ body: (_ row: Int, _ column: Int) throws -> Void) rethrows {
    guard columns > 0 else { return }
    for row in 0..<rows {
      for column in 0..<columns { try body(row, column) }
    }
  }
}

/// The destination of a result, set or added.
struct Sink {
  let matrix: OracleMatrix
  let adds: Bool

  init(_ output: Output) {
    matrix = OracleMatrix(output.region)
    adds = output.adds
  }

  func put(_ value: Double, _ row: Int, _ column: Int) {
    matrix[row, column] = adds ? matrix[row, column] + value : value
  }
}

extension Indices {
  var start: UnsafeMutablePointer<Int32> { ReferenceBuffer.of(buffer).integers + offset }
}

/// `Σ a[i] · b[i]`, in four independent partial sums.
func dot(_ a: Row, _ b: Row, _ count: Int) -> Double {
  var sums = SIMD4<Double>.zero
  var place = 0
  while place + 4 <= count {
    let left = SIMD4(a[place], a[place + 1], a[place + 2], a[place + 3])
    let right = SIMD4(b[place], b[place + 1], b[place + 2], b[place + 3])
    sums += left * right
    place += 4
  }
  var rest = 0.0
  while place < count {
    rest += a[place] * b[place]
    place += 1
  }
  return sums.sum() + rest
}

/// `y[i] += factor · x[i]`
func addProduct(_ factor: Double, _ x: Row, to y: Row, _ count: Int) {
  for place in 0..<count { y[place] += factor * x[place] }
}
