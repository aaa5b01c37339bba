import ArgumentParser
import RecurrentModel

/// An optimizer by its name.
package enum OptimizerKind: String, ExpressibleByArgument, CaseIterable {
  case sgd, adam, adamw, rmsprop, adagrad

  /// Whether it can leave rows of an embedding as they are.
  var takesSparse: Bool { self != .adamw && self != .rmsprop }

  package func make(learningRate: Double) -> Optimizer {
    switch self {
    case .sgd: SGD(learningRate: learningRate)
    case .adam: Adam(learningRate: learningRate)
    case .adamw: AdamW(learningRate: learningRate)
    case .rmsprop: RMSprop(learningRate: learningRate)
    case .adagrad: Adagrad(learningRate: learningRate)
    }
  }
}
