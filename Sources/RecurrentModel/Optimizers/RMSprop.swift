/// RMSprop (Hinton 2012), as `torch.optim.RMSprop`.
public final class RMSprop: Optimizer {
  /// RMSprop with these settings. `Trainer`, or `attach(to:)`, throws if a rate is negative or not finite.
  /// - Parameters:
  ///   - learningRate: 0 or more.
  ///   - alpha: The decay of the running mean of squared gradients, in `0 ..< 1`.
  ///   - epsilon: Added to the denominator, to avoid division by 0.
  ///   - momentum: The momentum factor; 0 for none.
  ///   - centered: Whether the squared mean gradient is subtracted from the mean square.
  ///   - weightDecay: The weight decay, 0 or more.
  ///   - groups: Parameter groups; the first that matches is used.
  public init(
    learningRate: Double = 1e-2, alpha: Float = 0.99, epsilon: Float = 1e-8, momentum: Float = 0,
    centered: Bool = false, weightDecay: Double = 0, groups: [ParameterGroup] = []
  ) {
    super.init(
      .rmsprop(alpha: alpha, epsilon: epsilon, momentum: momentum, centered: centered),
      stateNames: ["square_avg", "momentum_buffer", "grad_avg"], learningRate: learningRate, weightDecay: weightDecay,
      groups: groups)
  }
}
