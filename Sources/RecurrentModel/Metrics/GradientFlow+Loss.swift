extension GradientFlow {
  /// The loss whose gradient is measured, for a model with a loss per step.
  public enum Loss: String, CaseIterable, Sendable {
    /// The loss of each row's last step: its gradient at earlier steps has passed through time.
    case last
    /// The mean over all steps: the gradient of each state is dominated by the loss of its own step.
    case all
  }

  /// Labels `[T, N]` that are −1, and so ignored, at all steps but one of each row.
  package static func kept(_ labels: [Int32], batchSize: Int, step: (_ row: Int) -> Int) -> [Int32] {
    let steps = (0..<batchSize).map(step)
    return labels.enumerated().map { place, label in place / batchSize == steps[place % batchSize] ? label : -1 }
  }
}
