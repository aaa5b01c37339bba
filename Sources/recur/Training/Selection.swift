import Recurrent
import RecurrentCore
import RecurrentModel
import RecurrentTasks

/// Selects the value of an option that is `auto` by validation: a model is trained with each candidate.
struct Selection<T: Task> {
  let settings: TrainingSettings<T.Options>

  /// The settings with the candidate that has the lowest validation loss; those given if there is nothing to select.
  func best(on device: Device) throws -> TrainingSettings<T.Options> {
    var best = (loss: Double.infinity, name: "", settings: settings)
    for (name, options) in settings.options.candidates {
      var candidate = settings
      candidate.options = options
      let loss = try loss(of: candidate, name, on: device)
      Console.say("With --\(name): validation loss \(loss.text(4)).")
      if loss < best.loss { best = (loss, name, candidate) }
    }
    guard let first = settings.options.candidates.first else { return settings }
    guard best.loss < .infinity else {
      throw RecurrentError(
        .diverged, "no training had a finite validation loss", at: "--\(first.name.prefix { $0 != " " })",
        remedy: "give a value, and at least one epoch")
    }
    Console.say("Selected --\(best.name).")
    return best.settings
  }

  /// The lowest validation loss of an epoch.
  private func loss(of candidate: TrainingSettings<T.Options>, _ name: String, on device: Device) throws -> Double {
    let task = try T(candidate, .new) { _ in }
    guard var stopping = task.stopping else {
      throw RecurrentError(
        .invalidArgument, "there is no validation data to select a value with", at: "--\(name.prefix { $0 != " " })",
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
