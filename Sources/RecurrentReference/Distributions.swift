#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// log Γ(x) for x ≥ 0; NaN below.
func logarithmOfGamma(_ x: Double) -> Double {
  var sign: Int32 = 1
  return x >= 0 ? lgamma_r(x, &sign) : .nan
}

/// The slope of log Γ(x) for x ≥ 0, by its series from 20 on; NaN below.
func digamma(_ x: Double) -> Double {
  guard x >= 0 else { return .nan }
  var (z, sum) = (x, 0.0)
  while z < 20 {
    sum -= 1 / z
    z += 1
  }
  let w = 1 / (z * z)
  return sum + log(z) - 0.5 / z - w * (1.0 / 12 - w * (1.0 / 120 - w * (1.0 / 252 - w * (1.0 / 240 - w / 132))))
}

/// A distribution of counts with variance `mean + dispersion · mean²`.
struct NegativeBinomial {
  let mean: Double
  let dispersion: Double

  /// Below it the terms of log Γ cancel, and the first terms of the series in the dispersion remain.
  private var isPoisson: Bool { abs(dispersion) < 1e-7 }

  /// The negative log-likelihood of a count.
  func loss(_ count: Double) -> Double {
    let (shape, product) = (1 / dispersion, dispersion * mean)
    let rising =
      isPoisson
      ? count * (count - 1) / 2 * dispersion
      : logarithmOfGamma(count + shape) - logarithmOfGamma(shape) + count * log(dispersion)
    let hits = count > 0 ? count * log(mean / (1 + product)) : 0
    return logarithmOfGamma(count + 1) - rising - hits
      + (isPoisson ? mean - mean * product / 2 : log1p(product) * shape)
  }

  /// Its derivative by the dispersion.
  func slope(_ count: Double) -> Double {
    let (shape, product) = (1 / dispersion, dispersion * mean)
    let rest = count * mean / (1 + product)
    if isPoisson { return rest - count * (count - 1) / 2 - mean * mean / 2 }
    let rising = shape * (count - shape * (digamma(count + shape) - digamma(shape)))
    return rest + shape * (mean / (1 + product) - shape * log1p(product)) - rising
  }
}
