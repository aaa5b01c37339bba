/// How the losses of rows or elements are reduced, as PyTorch's `reduction`.
public enum Reduction: Hashable, Sendable {
  /// Their weighted mean, a scalar: divided by the sum of the weights.
  case mean
  /// Their weighted sum, a scalar.
  case sum
  /// Each of them, times its weight.
  case none
}
