import ArgumentParser
import RecurrentModel

/// An optimizer on the command line.
package enum OptimizerKind: String, ExpressibleByArgument, CaseIterable {
  case sgd, adam, adamw, rmsprop, adagrad

  /// Whether it supports sparse gradients.
  var takesSparse: Bool { self != .adamw && self != .rmsprop }

  package func make(learningRate: Double, weightDecay: Double? = nil, momentum: Float = 0) -> Optimizer {
    let decay = weightDecay ?? 0
    return switch self {
    case .sgd: SGD(learningRate: learningRate, momentum: momentum, weightDecay: decay)
    case .adam: Adam(learningRate: learningRate, weightDecay: decay)
    case .adamw: AdamW(learningRate: learningRate, weightDecay: weightDecay ?? 1e-2)
    case .rmsprop: RMSprop(learningRate: learningRate, momentum: momentum, weightDecay: decay)
    case .adagrad: Adagrad(learningRate: learningRate, weightDecay: decay)
    }
  }
}
