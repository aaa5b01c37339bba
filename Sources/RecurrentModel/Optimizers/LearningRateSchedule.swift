#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A learning-rate schedule: a factor on the learning rate for each step, from 0.
/// What depends on the loss is no schedule: set `trainer.optimizer.learningRate` when it is reported.
public struct LearningRateSchedule: Sendable {
  private let factor: @Sendable (Int) -> Double

  /// A schedule of one's own.
  public init(_ factor: @escaping @Sendable (_ step: Int) -> Double) {
    self.factor = factor
  }

  /// The factor for a step.
  public func callAsFunction(_ step: Int) -> Double { factor(step) }

  /// The rate stays.
  public static let constant = LearningRateSchedule { _ in 1 }

  /// The rate is multiplied by `factor` every so many steps. PyTorch: `StepLR`.
  public static func step(every steps: Int, factor: Double = 0.1) -> LearningRateSchedule {
    LearningRateSchedule { pow(factor, Double($0 / max(steps, 1))) }
  }

  /// The rate rises in a straight line over the first `warmUp` steps, then falls along half a cosine to `floor` of its
  /// height at step `total`, and stays there (Loshchilov and Hutter 2017).
  public static func cosine(total: Int, warmUp: Int = 0, floor: Double = 0) -> LearningRateSchedule {
    LearningRateSchedule { step in
      guard step >= warmUp else { return Double(step + 1) / Double(warmUp) }
      let progress = min(1, Double(step - warmUp) / Double(max(total - warmUp, 1)))
      return floor + (1 - floor) * (1 + cos(.pi * progress)) / 2
    }
  }
}
