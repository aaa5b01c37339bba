/// Stochastic gradient descent, with momentum (plain or Nesterov's) if wanted, as `torch.optim.SGD`.
public final class SGD: Optimizer {
  /// An optimizer with these settings. `Trainer`, or `attach(to:)`, throws if a rate is not 0 or more.
  /// - Parameters:
  ///   - learningRate: 0 or more.
  ///   - momentum: The share of the last step that goes on; 0 for none.
  ///   - dampening: The share of the gradient that momentum leaves out.
  ///   - nesterov: Whether the gradient is taken where momentum leads.
  ///   - weightDecay: How strongly weights are pulled to 0.
  ///   - groups: Parameters with settings of their own; the first that matches counts.
  public init(
    learningRate: Double = 1e-3, momentum: Float = 0, dampening: Float = 0, nesterov: Bool = false,
    weightDecay: Double = 0, groups: [ParameterGroup] = []
  ) {
    super.init(
      .sgd(momentum: momentum, dampening: dampening, nesterov: nesterov), stateNames: ["momentum_buffer"],
      learningRate: learningRate, weightDecay: weightDecay, groups: groups)
  }
}
