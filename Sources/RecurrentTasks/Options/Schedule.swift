import ArgumentParser
import RecurrentModel

/// A learning-rate schedule by its name.
package enum Schedule: ExpressibleByArgument, Hashable {
  case constant
  case cosine(warmUp: Int)
  case step(every: Int, factor: Double)

  package static let allValueStrings = ["constant", "cosine", "cosine:WARM-UP", "step:EVERY", "step:EVERY:FACTOR"]
  package static let defaultCompletionKind = CompletionKind.list(["constant", "cosine", "step:"])

  package init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    let (every, factor) = (parts.dropFirst().first.map { Int($0) ?? -1 }, parts.dropFirst(2).first.map { Double($0) })
    switch (parts[0], parts.count) {
    case ("constant", 1): self = .constant
    case ("cosine", 1...2): self = .cosine(warmUp: every ?? 0)
    case ("step", 2...3):
      guard let every, let factor = factor ?? 0.1 else { return nil }
      self = .step(every: every, factor: factor)
    default: return nil
    }
    guard isValid else { return nil }
  }

  package var defaultValueDescription: String {
    switch self {
    case .constant: "constant"
    case .cosine(let warmUp): warmUp == 0 ? "cosine" : "cosine:\(warmUp)"
    case .step(let every, let factor): factor == 0.1 ? "step:\(every)" : "step:\(every):\(factor)"
    }
  }

  /// Whether its numbers are in range.
  private var isValid: Bool {
    switch self {
    case .constant: true
    case .cosine(let warmUp): warmUp >= 0
    case .step(let every, let factor): every >= 1 && factor > 0 && factor.isFinite
    }
  }

  /// The schedule for a run of so many steps.
  package func make(total: Int) -> LearningRateSchedule {
    switch self {
    case .constant: .constant
    case .cosine(let warmUp): .cosine(total: total, warmUp: warmUp)
    case .step(let every, let factor): .step(every: every, factor: factor)
    }
  }
}
