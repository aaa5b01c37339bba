/// Solves `A · X = B` for a symmetric positive definite A, as the normal equations of a least-squares fit are, by its
/// Cholesky factorization `Uᵀ · U`.
/// - Parameters:
///   - matrix: `[n, n]`, A; its upper triangle is replaced by U.
///   - right: `[n, m]`, B; replaced by X.
///   - unknowns: n.
/// - Returns: Whether A is positive definite; if not, the operands are undefined.
func solveNormalEquations(_ matrix: inout [Double], _ right: inout [Double], unknowns n: Int) -> Bool {
  guard n > 0 else { return true }
  let m = right.count / n
  return matrix.withUnsafeMutableBufferPointer { matrix in
    guard factorize(matrix, n) else { return false }
    right.withUnsafeMutableBufferPointer { right in
      // Columns that fit into the second-level cache with all rows.
      for first in stride(from: 0, to: m, by: 64) {
        let columns = first..<min(first + 64, m)
        for row in 0..<n {
          let target = right.row(row, m, columns)
          for other in 0..<row { subtract(matrix[other * n + row], right.row(other, m, columns), from: target) }
          divide(target, by: matrix[row * n + row])
        }
        for row in (0..<n).reversed() {
          let target = right.row(row, m, columns)
          for other in row + 1..<max(n, row + 1) {
            subtract(matrix[row * n + other], right.row(other, m, columns), from: target)
          }
          divide(target, by: matrix[row * n + row])
        }
      }
    }
    return true
  }
}

/// Replaces the upper triangle of a matrix by U of `Uᵀ · U`.
private func factorize(_ matrix: UnsafeMutableBufferPointer<Double>, _ n: Int) -> Bool {
  for row in 0..<n {
    let target = matrix.row(row, n, row..<n)
    for above in 0..<row { subtract(matrix[above * n + row], matrix.row(above, n, row..<n), from: target) }
    let pivot = target[0]
    guard pivot > 0, pivot.isFinite else { return false }
    divide(target, by: pivot.squareRoot())
  }
  return true
}

extension UnsafeMutableBufferPointer<Double> {
  /// Some columns of a row of a matrix with `width` columns.
  @inline(__always)
  fileprivate func row(_ row: Int, _ width: Int, _ columns: Range<Int>) -> Self {
    Self(rebasing: self[row * width + columns.lowerBound..<row * width + columns.upperBound])
  }
}

@inline(__always)
private func subtract(
  _ factor: Double, _ row: UnsafeMutableBufferPointer<Double>, from target: UnsafeMutableBufferPointer<Double>
) {
  for index in target.indices { target[index] -= factor * row[index] }
}

@inline(__always)
private func divide(_ row: UnsafeMutableBufferPointer<Double>, by divisor: Double) {
  for index in row.indices { row[index] /= divisor }
}
