/// Stochastic gradient descent, optionally with momentum (plain or Nesterov's), as `torch.optim.SGD`.
public final class SGD: Optimizer {
  /// SGD with these settings. `Trainer`, or `attach(to:)`, throws if a rate is negative or not finite.
  /// - Parameters:
  ///   - learningRate: 0 or more.
  ///   - momentum: The momentum factor; 0 for none.
  ///   - dampening: The dampening of momentum.
  ///   - nesterov: Whether to use Nesterov momentum.
  ///   - weightDecay: The weight decay, 0 or more.
  ///   - groups: Parameter groups; the first that matches is used.
  public init(
    learningRate: Double = 1e-3, momentum: Float = 0, dampening: Float = 0, nesterov: Bool = false,
    weightDecay: Double = 0, groups: [ParameterGroup] = []
  ) {
    super.init(
      .sgd(momentum: momentum, dampening: dampening, nesterov: nesterov), stateNames: ["momentum_buffer"],
      learningRate: learningRate, weightDecay: weightDecay, groups: groups)
  }
}
