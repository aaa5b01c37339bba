#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The autocorrelation of a series without its linear trend; missing values are left out of all sums.
struct Autocorrelation {
  /// The correlation by lag, from 1 at lag 0; each is divided by the number of its products. Empty for a series that is
  /// a straight line.
  let values: [Double]

  /// The correlations up to a lag, by the Fourier transform of the power spectrum (Wiener–Khinchin).
  init(of series: some Collection<Float>, lags: Int) {
    let (residuals, present) = Self.detrended(series)
    let lags = min(lags, residuals.count - 1)
    let variance = residuals.reduce(0) { $0 + $1 * $1 }
    let scale = series.reduce(0.0) { max($0, $1.isNaN ? 0 : Double($1.magnitude)) }
    // What rounding leaves of a straight line.
    guard lags >= 0, variance > 1e-12 * scale * scale * Double(residuals.count) else {
      values = []
      return
    }
    let sums = Self.products(residuals, lags: lags)
    let isComplete = !present.contains(0)
    let counts = isComplete ? (0...lags).map { Double(residuals.count - $0) } : Self.products(present, lags: lags)
    let first = sums[0] / counts[0]
    values = zip(sums, counts).map { sum, count in count < 0.5 ? 0 : sum / count / first }
  }

  /// The deviations from a line fitted by least squares, 0 where a value is missing; and 1 where one is present.
  private static func detrended(_ series: some Collection<Float>) -> (residuals: [Double], present: [Double]) {
    let values = series.map(Double.init)
    let present = values.map { $0.isNaN ? 0.0 : 1.0 }
    let count = present.reduce(0, +)
    guard count > 0 else { return (present, present) }
    let middle = present.enumerated().reduce(0) { $0 + Double($1.offset) * $1.element } / count
    let mean = values.reduce(0) { $1.isNaN ? $0 : $0 + $1 } / count
    var (covariance, variance) = (0.0, 0.0)
    for (step, value) in values.enumerated() where !value.isNaN {
      covariance += (Double(step) - middle) * (value - mean)
      variance += (Double(step) - middle) * (Double(step) - middle)
    }
    let slope = variance > 0 ? covariance / variance : 0
    let residuals = values.enumerated().map { step, value in
      value.isNaN ? 0 : value - mean - slope * (Double(step) - middle)
    }
    return (residuals, present)
  }

  /// `Σ xₜ·xₜ₊ₖ` for each lag k.
  private static func products(_ x: [Double], lags: Int) -> [Double] {
    var size = 1
    // Zeros after the values, so that the ends do not meet.
    while size < x.count + lags + 1 { size *= 2 }
    var (real, imaginary) = (x + [Double](repeating: 0, count: size - x.count), [Double](repeating: 0, count: size))
    transform(&real, &imaginary)
    for place in 0..<size {
      (real[place], imaginary[place]) = (real[place] * real[place] + imaginary[place] * imaginary[place], 0)
    }
    // The spectrum is even: the forward transform is the inverse one, times the size.
    transform(&real, &imaginary)
    return real[...lags].map { $0 / Double(size) }
  }

  /// The discrete Fourier transform, in place; the size is a power of two (Cooley and Tukey 1965).
  private static func transform(_ real: inout [Double], _ imaginary: inout [Double]) {
    let size = real.count
    var reversed = 0
    for place in 0..<size {
      if place < reversed {
        real.swapAt(place, reversed)
        imaginary.swapAt(place, reversed)
      }
      var bit = size / 2
      while bit > 0, reversed & bit != 0 {
        reversed ^= bit
        bit /= 2
      }
      reversed |= bit
    }
    var half = 1
    while half < size {
      let turns = (0..<half).map { -Double.pi * Double($0) / Double(half) }
      let (cosines, sines) = (turns.map { cos($0) }, turns.map { sin($0) })
      for start in stride(from: 0, to: size, by: 2 * half) {
        for offset in 0..<half {
          let (low, high) = (start + offset, start + offset + half)
          let r = real[high] * cosines[offset] - imaginary[high] * sines[offset]
          let i = real[high] * sines[offset] + imaginary[high] * cosines[offset]
          (real[high], imaginary[high]) = (real[low] - r, imaginary[low] - i)
          (real[low], imaginary[low]) = (real[low] + r, imaginary[low] + i)
        }
      }
      half *= 2
    }
  }
}
