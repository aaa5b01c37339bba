import ArgumentParser
import Recurrent

/// An optimizer by its name.
enum OptimizerKind: String, ExpressibleByArgument, CaseIterable, Codable {
  case sgd, adam, adamw, rmsprop, adagrad

  /// Whether it can leave rows of an embedding as they are.
  var takesSparse: Bool { self != .adamw && self != .rmsprop }

  func make(learningRate: Double) -> Optimizer {
    switch self {
    case .sgd: SGD(learningRate: learningRate)
    case .adam: Adam(learningRate: learningRate)
    case .adamw: AdamW(learningRate: learningRate)
    case .rmsprop: RMSprop(learningRate: learningRate)
    case .adagrad: Adagrad(learningRate: learningRate)
    }
  }
}
