#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The negative decimal logarithm of the probability that a standard normal variable exceeds z: 3 is one in a thousand.
func normalTailScore(_ z: Double) -> Float {
  // Where the probability is below the smallest number, the first term of its asymptotic series has six digits.
  z < 30
    ? Float(-log10(erfc(z / 2.0.squareRoot()) / 2))
    : Float((z * z / 2 + log(z * (2 * Double.pi).squareRoot())) / M_LN10)
}
