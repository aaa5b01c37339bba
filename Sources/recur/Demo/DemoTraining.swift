import Recurrent

/// The training of a demo: it shows its progress and ends after a number of steps, or once the time limit is over.
struct DemoTraining {
  /// The number of steps.
  let steps: Int
  /// The maximum training time in seconds.
  let timeLimit: Double
  /// Whether reports are printed as JSON objects.
  let json: Bool

  private struct Step: Encodable {
    var event = "steps"
    let step: Int, loss: Double, seconds: Double
  }

  /// Trains.
  /// - Parameters:
  ///   - stepsPerEpoch: The number of batches of an epoch.
  ///   - batches: Gives the batches of an epoch, counted from 0.
  /// - Returns: The loss, and how many steps there were.
  func run<Batches: Sequence>(
    _ trainer: Trainer<some Module, Batches.Element>, stepsPerEpoch: Int, batches: (_ epoch: Int) throws -> Batches
  ) throws -> (curve: LossCurve, steps: Int) {
    let start = ContinuousClock.now
    Interrupt.listen()
    trainer.shouldStop = {
      trainer.progress.step >= steps || Interrupt.wasRequested || start.duration(to: .now).seconds > timeLimit
    }
    var curve = LossCurve()
    let epochs = (steps + stepsPerEpoch - 1) / stepsPerEpoch
    var progress = Progress(stepsPerEpoch: min(steps, stepsPerEpoch), epochs: epochs)
    try trainer.fit(epochs: epochs, reportEvery: max(1, min(25, steps / 4)), batches: batches) { report in
      guard report.kind == .steps else { return }
      progress.show(report)
      curve.losses.append(report.loss)
      if json {
        try Console.put(json: Step(step: report.step, loss: report.loss, seconds: start.duration(to: .now).seconds))
      }
    }
    progress.end()
    return (curve, trainer.progress.step)
  }

  /// The end of a message if training ended before its last step.
  func rest(_ trained: Int) -> String {
    trained >= steps
      ? ""
      : "; the time limit allowed \(trained.grouped) of \(steps.grouped) steps, and more steps give a better result"
  }
}

extension String {
  /// Each line indented.
  var indented: String {
    split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : "    " + $0 }
      .joined(separator: "\n")
  }
}
