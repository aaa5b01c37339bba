/// Stochastic gradient descent, with momentum (plain or Nesterov's) if wanted, as `torch.optim.SGD`.
public final class SGD: Optimizer {
  /// An optimizer with these settings. `Trainer`, or `attach(to:)`, throws if a rate is not 0 or more.
  public init(
    learningRate: Double = 1e-3, momentum: Float = 0, dampening: Float = 0, nesterov: Bool = false,
    weightDecay: Double = 0, groups: [ParameterGroup] = []
  ) {
    super.init(
      .sgd(momentum: momentum, dampening: dampening, nesterov: nesterov), stateNames: ["momentum_buffer"],
      learningRate: learningRate, weightDecay: weightDecay, groups: groups)
  }
}
