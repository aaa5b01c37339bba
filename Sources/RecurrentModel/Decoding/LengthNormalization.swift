#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What a hypothesis's log probability is divided by, so that long hypotheses compete with short ones.
///
/// The length is that of the tokens with the boundary.
public enum LengthNormalization: Sendable, Hashable {
  /// 1: the log probability itself.
  case none
  /// The length: the mean log probability of a token.
  case average
  /// `((5 + length) / 6)^alpha` (Wu et al. 2016, "Google's neural machine translation system").
  case wu(alpha: Double)

  /// What the log probability of a hypothesis is divided by; it does not fall as the length grows.
  func divisor(length: Int) -> Double {
    switch self {
    case .none: 1
    case .average: Double(length)
    case .wu(let alpha): pow((5 + Double(length)) / 6, alpha)
    }
  }
}
