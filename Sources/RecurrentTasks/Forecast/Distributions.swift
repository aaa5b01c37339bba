#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The quantiles of the standard normal distribution.
enum NormalQuantile {
  /// The value below which a fraction p lies: the root of `erfc(−x/√2)/2 = p` by bisection.
  static func value(_ p: Double) -> Double {
    var (low, high) = (-10.0, 10.0)
    while high - low > 1e-9 {
      let middle = (low + high) / 2
      if erfc(-middle / 2.squareRoot()) / 2 < p { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}

/// A negative binomial distribution with mean μ and variance `μ + αμ²`.
struct NegativeBinomial {
  let mean: Double
  /// α, above 0.
  let dispersion: Double

  /// The smallest count with a cumulative probability of at least p.
  func quantile(_ p: Double) -> Double {
    guard mean > 0, dispersion > 0 else { return 0 }
    let (size, deviation) = (1 / dispersion, (mean + dispersion * mean * mean).squareRoot())
    // Where a count is one of very many, the distribution is almost continuous.
    guard mean < 10_000 else { return max(0, (mean + NormalQuantile.value(p) * deviation).rounded()) }
    let success = mean / (mean + size)
    var (count, probability) = (0.0, exp(size * log1p(-success)))
    var sum = probability
    while sum < p, count < mean + 60 * deviation + 60 {
      probability *= (count + size) / (count + 1) * success
      count += 1
      sum += probability
    }
    return count
  }
}
