/// RMSprop (Hinton 2012), as `torch.optim.RMSprop`.
public final class RMSprop: Optimizer {
  /// An optimizer with these settings. `Trainer`, or `attach(to:)`, throws if a rate is not 0 or more.
  /// - Parameters:
  ///   - learningRate: 0 or more.
  ///   - alpha: The decay of the mean of squared gradients, in `0 ..< 1`.
  ///   - epsilon: Keeps the root away from 0.
  ///   - momentum: The share of the last step that goes on; 0 for none.
  ///   - centered: Whether the mean gradient is taken off.
  ///   - weightDecay: How strongly weights are pulled to 0.
  ///   - groups: Parameters with settings of their own; the first that matches counts.
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
