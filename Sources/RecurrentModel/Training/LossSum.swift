/// Adds the losses of batches up on the host, where each batch waits for the device anyway: its predictions are looked at.
/// `LossMeter` adds them up on the device.
struct LossSum {
  private var sum = 0.0
  /// What the batches weigh together.
  private(set) var weight = 0.0

  /// The mean loss. Where nothing counts it is 0 if weights of 0 are why, and else NaN.
  func mean(isWeighted: Bool) -> Double { weight > 0 ? sum / weight : isWeighted ? 0 : .nan }

  /// Runs a body for each batch, in a pass of its own and in evaluation mode, and adds its loss.
  /// - Returns: Whether it came to the end: false if `shouldStop` asked for one before.
  mutating func measure<Batch>(
    _ batches: some Sequence<Batch>, on tape: Tape, shouldStop: () -> Bool, loss: (Batch) throws -> BatchLoss
  ) throws -> Bool {
    let mode = tape.mode
    tape.mode = .evaluation
    defer { tape.mode = mode }
    for batch in batches {
      if shouldStop() { return false }
      tape.reset()
      let part = try loss(batch)
      try part.check()
      // A batch in which nothing counts has no mean.
      guard part.weight > 0 else { continue }
      sum += try Double(part.loss.values()[0]) * part.weight
      weight += part.weight
    }
    return true
  }
}
