/// Adam (Kingma and Ba 2015), as `torch.optim.Adam`: weight decay is added to the gradient.
public final class Adam: Optimizer {
  /// Adam with these settings. `Trainer`, or `attach(to:)`, throws if a rate is negative or not finite.
  /// - Parameters:
  ///   - learningRate: 0 or more.
  ///   - beta1: The decay of the running mean of gradients, in `0 ..< 1`.
  ///   - beta2: The decay of the running mean of squared gradients, in `0 ..< 1`.
  ///   - epsilon: Added to the denominator, to avoid division by 0.
  ///   - weightDecay: The weight decay, 0 or more.
  ///   - groups: Parameter groups; the first that matches is used.
  public init(
    learningRate: Double = 1e-3, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8,
    weightDecay: Double = 0, groups: [ParameterGroup] = []
  ) {
    super.init(
      .adam(beta1: beta1, beta2: beta2, epsilon: epsilon), stateNames: ["exp_avg", "exp_avg_sq"],
      learningRate: learningRate, weightDecay: weightDecay, groups: groups)
  }
}

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019), as `torch.optim.AdamW`.
public final class AdamW: Optimizer {
  /// AdamW with these settings. `Trainer`, or `attach(to:)`, throws if a rate is negative or not finite.
  /// - Parameters:
  ///   - learningRate: 0 or more.
  ///   - beta1: The decay of the running mean of gradients, in `0 ..< 1`.
  ///   - beta2: The decay of the running mean of squared gradients, in `0 ..< 1`.
  ///   - epsilon: Added to the denominator, to avoid division by 0.
  ///   - weightDecay: The weight decay, 0 or more.
  ///   - groups: Parameter groups; the first that matches is used.
  public init(
    learningRate: Double = 1e-3, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8,
    weightDecay: Double = 1e-2, groups: [ParameterGroup] = []
  ) {
    super.init(
      .adam(beta1: beta1, beta2: beta2, epsilon: epsilon, decoupled: true), stateNames: ["exp_avg", "exp_avg_sq"],
      learningRate: learningRate, weightDecay: weightDecay, groups: groups)
  }
}
