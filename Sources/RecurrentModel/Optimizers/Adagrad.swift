/// Adagrad (Duchi et al. 2011), as `torch.optim.Adagrad`.
public final class Adagrad: Optimizer {
  /// An optimizer with these settings. `Trainer`, or `attach(to:)`, throws if a rate is not 0 or more.
  /// - Parameters:
  ///   - learningRate: 0 or more.
  ///   - learningRateDecay: How fast the rate falls: it is divided by `1 + (step − 1) · decay`.
  ///   - epsilon: Keeps the root away from 0.
  ///   - initialAccumulator: What sums of squares start from.
  ///   - weightDecay: How strongly weights are pulled to 0.
  ///   - groups: Parameters with settings of their own; the first that matches counts.
  public init(
    learningRate: Double = 1e-2, learningRateDecay: Float = 0, epsilon: Float = 1e-10, initialAccumulator: Float = 0,
    weightDecay: Double = 0, groups: [ParameterGroup] = []
  ) {
    super.init(
      .adagrad(learningRateDecay: learningRateDecay, epsilon: epsilon), stateNames: ["sum"],
      initialState: initialAccumulator, learningRate: learningRate, weightDecay: weightDecay, groups: groups)
  }
}
