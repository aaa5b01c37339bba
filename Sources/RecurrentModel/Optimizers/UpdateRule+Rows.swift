import RecurrentCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension UpdateRule {
  /// The rule for the gathered rows of a sparse parameter, as in PyTorch: for Adam, `torch.optim.SparseAdam`, which
  /// adds ε to √v before the bias correction of v. Nil if PyTorch has none.
  func ofRows(step: Int) -> UpdateRule? {
    switch self {
    case .sgd(momentum: 0, _, _), .adagrad: return self
    case .adam(let beta1, let beta2, let epsilon, decoupled: false):
      let correction = (1 - pow(Double(beta2), Double(step))).squareRoot()
      return .adam(beta1: beta1, beta2: beta2, epsilon: Float(Double(epsilon) / correction))
    default: return nil
    }
  }
}
