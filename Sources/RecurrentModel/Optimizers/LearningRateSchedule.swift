#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A learning-rate schedule: a factor on the learning rate per step, from step 0. For rates that depend on the loss,
/// set `trainer.optimizer.learningRate` when the loss is reported.
public struct LearningRateSchedule: Sendable {
  private let factor: @Sendable (Int) -> Double

  /// A custom schedule.
  public init(_ factor: @escaping @Sendable (_ step: Int) -> Double) {
    self.factor = factor
  }

  /// The factor for a step.
  public func callAsFunction(_ step: Int) -> Double { factor(step) }

  /// A constant learning rate.
  public static let constant = LearningRateSchedule { _ in 1 }

  /// The rate is multiplied by `factor` every `steps` steps. PyTorch: `StepLR`.
  public static func step(every steps: Int, factor: Double = 0.1) -> LearningRateSchedule {
    LearningRateSchedule { pow(factor, Double($0 / max(steps, 1))) }
  }

  /// Constant over the first `steps` steps, then multiplied by `factor` at once and every `every` steps (Zaremba et al. 2014).
  public static func hold(steps: Int, every: Int, factor: Double = 0.5) -> LearningRateSchedule {
    LearningRateSchedule { $0 < steps ? 1 : pow(factor, Double(($0 - steps) / max(every, 1) + 1)) }
  }

  /// Linear warm-up over the first `warmUp` steps, then a half cosine down to `floor` times the rate at step `total`,
  /// constant afterwards (Loshchilov and Hutter 2017).
  public static func cosine(total: Int, warmUp: Int = 0, floor: Double = 0) -> LearningRateSchedule {
    LearningRateSchedule { step in
      guard step >= warmUp else { return Double(step + 1) / Double(warmUp) }
      let progress = min(1, Double(step - warmUp) / Double(max(total - warmUp, 1)))
      return floor + (1 - floor) * (1 + cos(.pi * progress)) / 2
    }
  }
}
