/// The update rule of an optimizer, with PyTorch's names, defaults and order of operations.
public enum UpdateRule: Hashable, Sendable {
  /// `torch.optim.SGD`: state 0 is the momentum buffer, if momentum is not 0.
  case sgd(momentum: Float = 0, dampening: Float = 0, nesterov: Bool = false)
  /// `torch.optim.Adam` (Kingma and Ba 2015); `decoupled` makes it `AdamW` (Loshchilov and Hutter 2019). States 0, 1 are
  /// the two moments.
  case adam(beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, decoupled: Bool = false)
  /// `torch.optim.RMSprop`: state 0 is the mean square, 1 the momentum buffer, 2 the mean gradient if `centered`.
  case rmsprop(alpha: Float = 0.99, epsilon: Float = 1e-8, momentum: Float = 0, centered: Bool = false)
  /// `torch.optim.Adagrad` (Duchi et al. 2011): state 0 is the sum of squares, which starts at the initial accumulator
  /// value.
  case adagrad(learningRateDecay: Float = 0, epsilon: Float = 1e-10)

  /// The number of states that the rule keeps, each of the size of the parameters.
  package var stateCount: Int {
    switch self {
    case .sgd(let momentum, _, _): momentum == 0 ? 0 : 1
    case .adam: 2
    case .rmsprop(_, _, let momentum, let centered): centered ? 3 : momentum == 0 ? 1 : 2
    case .adagrad: 1
    }
  }
}

/// One optimizer step over a run of parameters with the same settings, or over some rows of a parameter.
public struct Update {
  /// The update rule.
  package let rule: UpdateRule
  /// The learning rate of this step.
  package let learningRate: Float
  /// The weight decay: added to the gradient times the parameter (L2), or subtracted from the parameter if the rule
  /// decouples it.
  package let weightDecay: Float
  /// The index of this step, from 1.
  package let step: Int
  /// `[1, n]` or `[V, D]`, updated in place.
  package let parameters: Region
  /// `[1, n]`, or `[K, D]` for K of the V rows.
  package let gradients: Region
  /// `rule.stateCount` states of the shape of the parameters, updated in place.
  package let states: [Region]
  /// The K distinct rows of `gradients`; other rows and their states do not change. Nil for all.
  package let rows: Indices?

  /// An optimizer step.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public init(
    _ rule: UpdateRule, learningRate: Float, weightDecay: Float = 0, step: Int, parameters: Region, gradients: Region,
    states: [Region], rows: Indices? = nil
  ) throws {
    let fits =
      rows.map { gradients.rows == $0.count && gradients.columns == parameters.columns }
      ?? (gradients.count == parameters.count)
    try require(
      step >= 1 && fits && states.count == rule.stateCount
        && ([parameters, gradients] + states).allSatisfy(\.isContiguous)
        && states.allSatisfy { $0.count == parameters.count },
      "update",
      "parameters \(parameters.shape), gradients \(gradients.shape), \(states.count) of \(rule.stateCount) states")
    self.rule = rule
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.step = step
    self.parameters = parameters
    self.gradients = gradients
    self.states = states
    self.rows = rows
  }
}
