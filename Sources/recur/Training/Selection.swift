import Recurrent
import RecurrentCore
import RecurrentModel
import RecurrentTasks

/// Selects the value of an option that is `auto` by validation: a model is trained with each candidate.
struct Selection<T: Task> {
  let settings: TrainingSettings<T.Options>

  /// The settings with the candidate that has the lowest validation loss; those given if there is nothing to select.
  func best(on device: Device) throws -> TrainingSettings<T.Options> {
    let candidates = settings.options.candidates
    guard let first = candidates.first else { return settings }
    var best = (loss: Double.infinity, candidate: first)
    for candidate in candidates {
      let loss = try loss(of: candidate, on: device)
      Console.say("With \(candidate.option) \(candidate.value): validation loss \(loss.text(4)).")
      if loss < best.loss { best = (loss, candidate) }
    }
    guard best.loss < .infinity else {
      throw RecurrentError(
        .diverged, "no training had a finite validation loss", at: first.option,
        remedy: "give a value, and at least one epoch")
    }
    Console.say("Selected \(best.candidate.option) \(best.candidate.value).")
    return settings(of: best.candidate)
  }

  private func settings(of candidate: Candidate<T.Options>) -> TrainingSettings<T.Options> {
    var settings = settings
    settings.options = candidate.options
    return settings
  }

  /// The lowest validation loss of an epoch.
  private func loss(of candidate: Candidate<T.Options>, on device: Device) throws -> Double {
    let task = try T(settings(of: candidate), .new) { _ in }
    guard var stopping = task.stopping else {
      throw RecurrentError(
        .invalidArgument, "there is no validation data to select a value with", at: candidate.option,
        remedy: "give a value, or a larger validation part")
    }
    let trainer = try Trainer(task, on: device)
    trainer.shouldStop = { stopping.isOver }
    var progress = Progress(stepsPerEpoch: task.stepsPerEpoch, epochs: task.settings.epochs, unit: task.unit)
    defer { progress.end() }
    var lowest = Double.infinity
    try trainer.fit(epochs: task.settings.epochs, reportEvery: task.stepsPerReport, batches: task.batches) { report in
      if report.kind == .steps { progress.show(report) }
      guard let loss = report.validationLoss else { return }
      lowest = min(lowest, loss)
      _ = try stopping.record(report)
    } validate: {
      try task.validate(trainer)
    }
    return lowest
  }
}
