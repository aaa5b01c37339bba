import ArgumentParser

/// The probability that a step of a decoder reads the target's token in training, and not a predicted one.
package enum TeacherForcing: Hashable, Sendable {
  /// The same in all steps of the training.
  case constant(Float)
  /// Linear from 1 at the first step of the training to this at the last.
  case linear(Float)

  /// The probability at a step of the training.
  /// - Parameters:
  ///   - step: The step, from 0.
  ///   - total: The number of steps.
  func probability(atStep step: Int, of total: Int) -> Float {
    switch self {
    case .constant(let probability): probability
    case .linear(let last): 1 - (1 - last) * Float(min(step, total - 1)) / Float(max(total - 1, 1))
    }
  }
}

extension TeacherForcing: ExpressibleByArgument {
  package static var allValueStrings: [String] { ["P", "linear:P"] }

  package init?(argument: String) {
    let isLinear = argument.hasPrefix("linear:")
    guard let value = Float(argument.dropFirst(isLinear ? 7 : 0)), (0...1).contains(value) else { return nil }
    self = isLinear ? .linear(value) : .constant(value)
  }

  package var defaultValueDescription: String {
    switch self {
    case .constant(let value): value == 1 ? "1" : "\(value)"
    case .linear(let value): "linear:\(value)"
    }
  }
}
