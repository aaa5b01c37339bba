/// Adagrad (Duchi et al. 2011), as `torch.optim.Adagrad`.
public final class Adagrad: Optimizer {
  /// Adagrad with these settings. `Trainer`, or `attach(to:)`, throws if a rate is negative or not finite.
  /// - Parameters:
  ///   - learningRate: 0 or more.
  ///   - learningRateDecay: The learning-rate decay: the rate is divided by `1 + (step − 1) · decay`.
  ///   - epsilon: Added to the denominator, to avoid division by 0.
  ///   - initialAccumulator: The initial value of the sums of squares.
  ///   - weightDecay: The weight decay, 0 or more.
  ///   - groups: Parameter groups; the first that matches is used.
  public init(
    learningRate: Double = 1e-2, learningRateDecay: Float = 0, epsilon: Float = 1e-10, initialAccumulator: Float = 0,
    weightDecay: Double = 0, groups: [ParameterGroup] = []
  ) {
    super.init(
      .adagrad(learningRateDecay: learningRateDecay, epsilon: epsilon), stateNames: ["sum"],
      initialState: initialAccumulator, learningRate: learningRate, weightDecay: weightDecay, groups: groups)
  }
}
