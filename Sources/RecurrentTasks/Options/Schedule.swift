import ArgumentParser
import RecurrentModel

/// A learning-rate schedule on the command line.
package enum Schedule: ExpressibleByArgument, Hashable {
  case constant
  case cosine(warmUp: Int)
  case step(every: Int, factor: Double)
  case hold(steps: Int, every: Int, factor: Double)
  case plateau(epochs: Int, factor: Double)

  package static let allValueStrings = [
    "constant", "cosine", "cosine:WARM-UP", "step:EVERY", "step:EVERY:FACTOR", "hold:STEPS:EVERY:FACTOR",
    "plateau:EPOCHS:FACTOR",
  ]
  package static let defaultCompletionKind = CompletionKind.list(["constant", "cosine", "step:", "hold:", "plateau:"])

  package init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    let (whole, real) = (parts.map { Int($0) }, parts.map { Double($0) })
    switch (parts[0], parts.count) {
    case ("constant", 1): self = .constant
    case ("cosine", 1): self = .cosine(warmUp: 0)
    case ("cosine", 2): self = .cosine(warmUp: whole[1] ?? -1)
    case ("step", 2): self = .step(every: whole[1] ?? 0, factor: 0.1)
    case ("step", 3): self = .step(every: whole[1] ?? 0, factor: real[2] ?? 0)
    case ("hold", 4): self = .hold(steps: whole[1] ?? -1, every: whole[2] ?? 0, factor: real[3] ?? 0)
    case ("plateau", 3): self = .plateau(epochs: whole[1] ?? 0, factor: real[2] ?? 0)
    default: return nil
    }
    guard isValid else { return nil }
  }

  package var defaultValueDescription: String {
    switch self {
    case .constant: "constant"
    case .cosine(let warmUp): warmUp == 0 ? "cosine" : "cosine:\(warmUp)"
    case .step(let every, let factor): factor == 0.1 ? "step:\(every)" : "step:\(every):\(factor)"
    case .hold(let steps, let every, let factor): "hold:\(steps):\(every):\(factor)"
    case .plateau(let epochs, let factor): "plateau:\(epochs):\(factor)"
    }
  }

  /// Whether its values are in range.
  private var isValid: Bool {
    switch self {
    case .constant: true
    case .cosine(let warmUp): warmUp >= 0
    case .step(let every, let factor): every >= 1 && factor > 0 && factor.isFinite
    case .hold(let steps, let every, let factor): steps >= 0 && every >= 1 && factor > 0 && factor.isFinite
    case .plateau(let epochs, let factor): epochs >= 1 && factor > 0 && factor < 1
    }
  }

  /// The schedule of a run of `total` steps.
  package func make(total: Int) -> LearningRateSchedule {
    switch self {
    case .constant: .constant
    case .cosine(let warmUp): .cosine(total: total, warmUp: warmUp)
    case .step(let every, let factor): .step(every: every, factor: factor)
    case .hold(let steps, let every, let factor): .hold(steps: steps, every: every, factor: factor)
    // What depends on the validation loss is no function of the step: see `plateau`.
    case .plateau: .constant
    }
  }

  /// The decay on a plateau of the validation loss, if that is the schedule.
  package var plateau: PlateauDecay? {
    guard case .plateau(let epochs, let factor) = self else { return nil }
    return try? PlateauDecay(patience: epochs, factor: factor)
  }
}
