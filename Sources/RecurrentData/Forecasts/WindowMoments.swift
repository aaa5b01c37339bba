/// Sums, over all windows of K steps, of the products of their values at each two steps: what a linear least-squares fit
/// on all windows needs.
///
/// Windows that start one step apart share all values but two, so along a diagonal a sum follows from the one before:
/// `O(K·S + L·K)` for a series of S steps, instead of `O(L·K·S)`.
struct WindowMoments {
  /// K, the number of steps of a window.
  let steps: Int
  /// L: the first L steps are multiplied with all steps.
  let rows: Int
  /// The number of windows.
  private(set) var count = 0
  /// `[L, K]`, the sums of products of steps i and j, for j ≥ i; 0 for j < i.
  private(set) var products: [Double]

  init(steps: Int, rows: Int) {
    (self.steps, self.rows) = (steps, rows)
    products = [Double](repeating: 0, count: rows * steps)
  }

  /// Adds all windows of a series of at least K steps without missing values. Sums are exact to more digits if its mean
  /// is near 0.
  mutating func add(_ series: [Double]) {
    let windows = series.count - steps + 1
    count += windows
    var row = [Double](repeating: 0, count: steps)
    series.withUnsafeBufferPointer { series in
      row.withUnsafeMutableBufferPointer { row in
        products.withUnsafeMutableBufferPointer { products in
          // Of step 0 with steps 0, 1, …
          for start in 0..<windows { addProduct(series[start], series.baseAddress! + start, to: row, steps) }
          for step in 0..<rows {
            let left = steps - step
            for offset in 0..<left { products[step * steps + step + offset] += row[offset] }
            // At the next step, windows have the values of this step without the first window's, and one more.
            guard step + 1 < rows else { break }
            addProduct(-series[step], series.baseAddress! + step, to: row, left - 1)
            addProduct(series[windows + step], series.baseAddress! + windows + step, to: row, left - 1)
          }
        }
      }
    }
  }

  /// The sum of the products of two steps, each relative to the value at step `rows − 1`.
  func relative(_ step: Int, _ other: Int) -> Double {
    let last = rows - 1
    return self[step, other] - self[step, last] - self[last, other] + self[last, last]
  }

  /// The sum of the products of two steps, of which one is below `rows`.
  private subscript(step: Int, other: Int) -> Double {
    products[min(step, other) * steps + max(step, other)]
  }
}

@inline(__always)
private func addProduct(
  _ factor: Double, _ values: UnsafePointer<Double>, to sums: UnsafeMutableBufferPointer<Double>, _ count: Int
) {
  for index in 0..<count { sums[index] += factor * values[index] }
}
