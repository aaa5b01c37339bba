import Kernels
import RecurrentCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension CPUBackend {
  /// The number of terms per partial sum. Partial sums are added in order, so the number of threads changes no bits.
  private static let chunk = 4_096

  /// Calls `body` with strips of columns, in parallel. Strips end at the boundary of a vector.
  func eachStrip(rows: Int, columns: Int, _ body: (Range<Int>) -> Void) {
    let width = kernels.width
    let strips = (columns + width - 1) / width
    pool.split(strips, grain: max(1, grain / max(rows * width, 1))) { part in
      body(part.lowerBound * width..<min(part.upperBound * width, columns))
    }
  }

  /// A sum, in an order that does not depend on the number of threads.
  package func reduce(_ operation: Reduce) throws {
    let (x, out) = (try Matrix(operation.x), try Matrix(operation.output.region))
    let squares: Int32 = operation.function == .sumOfSquares ? 1 : 0
    let (scale, adds) = (operation.scale, operation.output.adds)
    switch operation.axis {
    case .rows:
      eachStrip(rows: x.rows, columns: x.columns) { columns in
        let first = columns.lowerBound
        kernels.sumRows(
          x.data + first, x.stride, CPURuns(x.rows), out.data + first, columns.count, squares, scale, adds ? 1 : 0)
      }
    case .columns:
      eachRow(x.rows, x.columns) { row in
        let sum = scale * kernels.sum(x.row(row), x.columns, squares)
        out.row(row).pointee = adds ? out.row(row).pointee + sum : sum
      }
    case .all:
      let sum = Float(Double(scale) * (try total(x, squares: squares)))
      out.data.pointee = adds ? out.data.pointee + sum : sum
    }
  }

  /// The maxima over time.
  package func maxOverTime(_ operation: MaxOverTime) throws {
    let (x, out) = (try Matrix(operation.x), try Matrix(operation.output))
    let (lengths, winners) = (try operation.lengths.map(Integers.init), try Integers(operation.winners))
    eachRow(out.rows, operation.steps * out.columns) { row in
      let length = lengths.map { Int($0[row]) } ?? operation.steps
      kernels.maxOverTime(
        x.row(row), out.rows * x.stride, length, out.row(row), winners.data + row * out.columns, out.columns)
    }
  }

  /// The gradient of the maxima over time.
  package func maxOverTimeBackward(_ operation: MaxOverTimeBackward) throws {
    let (dy, out) = (try Matrix(operation.dy), try Matrix(operation.output.region))
    let (winners, adds) = (try Integers(operation.winners), operation.output.flag)
    eachRow(out.rows, out.columns) { place in
      let (step, row) = place.quotientAndRemainder(dividingBy: dy.rows)
      kernels.maxOverTimeBackward(
        dy.row(row), winners.data + row * dy.columns, Int32(step), out.row(place), out.columns, adds)
    }
  }

  /// Clips by the global norm, summed in chunks of 4,096.
  package func clipByNorm(_ operation: ClipByNorm) throws {
    let gradients = try operation.gradients.map(Matrix.init)
    let norm = Float(try gradients.reduce(0) { $0 + (try total($1, squares: 1)) }.squareRoot())
    try Matrix(operation.norm).data.pointee = norm
    let factor = operation.maximum / (norm + 1e-6)
    guard norm.isFinite, factor < 1 else { return }
    for part in gradients {
      eachRun([part]) { row, column, count in
        let run = part.row(row) + column
        kernels.scale(run, factor, run, count, 0)
      }
    }
  }

  /// Checks for non-finite values.
  package func flagNonFinite(_ operation: FlagNonFinite) throws {
    let x = try Matrix(operation.x)
    let flag = try Integers(operation.flag)
    let chunks = try partialSums(x) { kernels.hasNonFinite($0, $1) == 0 ? 0 : 1 }
    if chunks.contains(where: { $0 != 0 }) { flag[0] = 1 }
  }

  private func total(_ x: Matrix, squares: Int32) throws -> Double {
    try partialSums(x) { kernels.sum($0, $1, squares) }.reduce(0) { $0 + Double($1) }
  }

  /// A value per chunk of a matrix; each row, or the whole matrix if it is contiguous, is divided into chunks.
  private func partialSums(
    _ x: Matrix, _ body: (UnsafePointer<Float>, Int) -> Float
  ) throws -> UnsafeMutableBufferPointer<Float> {
    let (rows, columns) = x.isContiguous ? (1, x.rows * x.columns) : (x.rows, x.columns)
    let chunks = (columns + Self.chunk - 1) / Self.chunk
    let partial = try workspace.floats(.partial, rows * chunks)
    pool.split(rows * chunks, grain: 2) { part in
      for place in part {
        let first = place % chunks * Self.chunk
        partial[place] = body(x.row(place / chunks) + first, min(Self.chunk, columns - first))
      }
    }
    return UnsafeMutableBufferPointer(start: partial, count: rows * chunks)
  }
}
