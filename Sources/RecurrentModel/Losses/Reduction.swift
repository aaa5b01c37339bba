/// The reduction of the losses of rows or elements, as PyTorch's `reduction`.
public enum Reduction: Hashable, Sendable {
  /// The weighted mean, a scalar: divided by the sum of the weights.
  case mean
  /// The weighted sum, a scalar.
  case sum
  /// Each loss times its weight.
  case none
}
