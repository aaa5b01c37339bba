import RecurrentCore

extension ReferenceBackend {
  /// `c[i, j] = scale · Σ_k op(a)[i, k] · op(b)[k, j]`
  package func matmul(_ operation: Matmul) throws {
    let (m, n, k) = (operation.m, operation.n, operation.k)
    let (a, b, c) = (OracleMatrix(operation.a), OracleMatrix(operation.b), OracleMatrix(operation.output.region))
    let left = Row.allocate(capacity: k)
    let sums = Row.allocate(capacity: n)
    defer {
      left.deallocate()
      sums.deallocate()
    }
    for product in 0..<(operation.batch?.count ?? 1) {
      let a = a.start + product * (operation.batch?.strideA ?? 0)
      let b = b.start + product * (operation.batch?.strideB ?? 0)
      let c = c.start + product * (operation.batch?.strideC ?? 0)
      for i in 0..<m {
        for p in 0..<k {
          left[p] = operation.transposesA ? a[p * operation.a.stride + i] : a[i * operation.a.stride + p]
        }
        sums.update(repeating: 0, count: n)
        if operation.transposesB {
          for j in 0..<n { sums[j] = dot(left, b + j * operation.b.stride, k) }
        } else {
          for p in 0..<k { addProduct(left[p], b + p * operation.b.stride, to: sums, n) }
        }
        let row = c + i * operation.output.region.stride
        for j in 0..<n {
          let value = Double(operation.scale) * sums[j]
          row[j] = operation.output.adds ? row[j] + value : value
        }
      }
    }
  }
}
