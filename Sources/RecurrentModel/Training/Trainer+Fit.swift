import RecurrentCore

/// The end of `fit`.
public enum TrainingOutcome: Hashable, Sendable {
  /// All epochs were completed.
  case finished
  /// `shouldStop` returned true.
  case stopped
}

/// The result of a validation.
public enum Validation {
  /// No validation.
  case none
  /// The mean loss, and other metrics.
  case measured(loss: Double, metrics: [Metric] = [])
  /// It was stopped before the last batch.
  case stopped
}

extension Trainer {
  /// Trains on the same batches in every epoch, continuing at the current position: a resumed epoch continues after the
  /// batches that `fit` has completed. A step that `train(on:)` left with fewer batches than `accumulation` is
  /// completed first.
  /// - Parameters:
  ///   - batches: A sequence that can be walked more than once.
  ///   - epochs: How many epochs the whole run has, those before a resume included.
  ///   - validation: Evaluated after each epoch; a stop cuts it short, and then no validation loss is reported.
  ///   - reportEvery: The number of steps between reports within an epoch; 0 for none.
  ///   - report: Gets each report.
  ///   - afterStep: Called after each step: the place to save.
  /// - Throws: `RecurrentError.diverged` when a report finds a loss that is not finite, `.invalidData` if there is no batch,
  ///   and whatever the callbacks throw.
  @discardableResult
  public func fit(
    _ batches: some Sequence<Batch>, epochs: Int, validation: (any Sequence<Batch>)? = nil, reportEvery: Int = 0,
    report: (TrainingReport) throws -> Void = { _ in }, afterStep: ((TrainingProgress) throws -> Void)? = nil
  ) throws -> TrainingOutcome {
    try fit(
      epochs: epochs, validation: validation, reportEvery: reportEvery, batches: { _ in batches },
      report: report, afterStep: afterStep)
  }

  /// Trains on batches that may differ between epochs, for example in order. They must be the same for the same epoch,
  /// or a resumed run differs.
  /// - Parameters:
  ///   - epochs: How many epochs the whole run has, those before a resume included.
  ///   - validation: Evaluated after each epoch; a stop cuts it short, and then no validation loss is reported.
  ///   - reportEvery: The number of steps between reports within an epoch; 0 for none.
  ///   - batches: Gives the batches of an epoch, counted from 0.
  ///   - report: Gets each report.
  ///   - afterStep: Called after each step: the place to save.
  /// - Throws: `RecurrentError.diverged` when a report finds a loss that is not finite, `.invalidData` if an epoch has no batch,
  ///   and whatever the callbacks throw.
  @discardableResult
  public func fit<Batches: Sequence>(
    epochs: Int, validation: (any Sequence<Batch>)? = nil, reportEvery: Int = 0,
    batches: (_ epoch: Int) throws -> Batches,
    report: (TrainingReport) throws -> Void = { _ in }, afterStep: ((TrainingProgress) throws -> Void)? = nil
  ) throws -> TrainingOutcome where Batches.Element == Batch {
    guard let validation else {
      return try fit(epochs: epochs, reportEvery: reportEvery, batches: batches, report: report, afterStep: afterStep) {
        .none
      }
    }
    return try fit(epochs: epochs, reportEvery: reportEvery, batches: batches, report: report, afterStep: afterStep) {
      try validate(over: validation)
    }
  }

  /// Trains on batches that may differ between epochs, with a custom validation after each.
  /// - Parameters:
  ///   - epochs: How many epochs the whole run has, those before a resume included.
  ///   - reportEvery: The number of steps between reports within an epoch; 0 for none.
  ///   - batches: Gives the batches of an epoch, counted from 0.
  ///   - report: Gets each report.
  ///   - afterStep: Called after each step: the place to save.
  ///   - validate: Called after each epoch; a `CancellationError` stops the run, as `.stopped` does.
  /// - Throws: `RecurrentError.diverged` when a report finds a loss that is not finite, `.invalidData` if an epoch has no batch,
  ///   and whatever the callbacks throw.
  @discardableResult
  public func fit<Batches: Sequence>(
    epochs: Int, reportEvery: Int = 0, batches: (_ epoch: Int) throws -> Batches,
    report: (TrainingReport) throws -> Void = { _ in }, afterStep: ((TrainingProgress) throws -> Void)? = nil,
    validate: () throws -> Validation
  ) throws -> TrainingOutcome where Batches.Element == Batch {
    while progress.epoch < epochs {
      if progress.batch == 0 {
        // What `train(on:)` left of a step.
        try finishStep()
        carried = []
        try meter.clear()
      }
      let sinceEpoch = try Stretch(meter)
      var sinceReport = sinceEpoch
      for batch in try batches(progress.epoch).dropFirst(progress.batch) {
        let isStep = try train(on: batch)
        progress.batch += 1
        guard isStep else { continue }
        try afterStep?(progress)
        if reportEvery > 0, progress.step % reportEvery == 0 {
          try report(summary(.steps, of: sinceReport))
          sinceReport = try Stretch(meter)
        }
        if shouldStop() {
          try useAveragedWeights()
          return .stopped
        }
      }
      guard progress.batch > 0 else {
        throw RecurrentError(
          .invalidData, "the epoch has no batches", at: "Trainer",
          remedy: "give more data, or shorter sequences or fewer rows")
      }
      try finishStep()
      try averages?.endEpoch(progress.epoch, of: epochs)
      var epoch = try summary(.epoch, of: sinceEpoch)
      try useAveragedWeights()
      switch try stoppable(validate) {
      case .none: break
      case .measured(let loss, let metrics): (epoch.validationLoss, epoch.metrics) = (loss, metrics)
      // An epoch counts once it is validated: a resume validates what a stop has left out.
      case .stopped: return .stopped
      }
      progress.epoch += 1
      progress.batch = 0
      try report(epoch)
      if progress.epoch < epochs, shouldStop() { return .stopped }
    }
    try useAveragedWeights()
    return .finished
  }

  /// A validation; stopped if it throws `CancellationError`.
  private func stoppable(_ validate: () throws -> Validation) throws -> Validation {
    do { return try validate() } catch is CancellationError { return .stopped }
  }

  private func summary(_ kind: TrainingReport.Kind, of stretch: Stretch) throws -> TrainingReport {
    let (total, norm) = try read()
    // An epoch's loss counts what came before a resume too; its time and items are those of this process.
    let (loss, weight) =
      kind == .epoch ? (total, meter.weight) : (total - stretch.loss, meter.weight - stretch.weight)
    return TrainingReport(
      kind: kind, epoch: progress.epoch + 1, batch: progress.batch, step: progress.step,
      loss: weight > 0 ? loss / weight : 0, validationLoss: nil,
      learningRate: learningRate(ofStep: max(progress.step - 1, 0)), gradientNorm: norm,
      seconds: stretch.seconds, items: meter.items - stretch.items)
  }
}

/// The losses and the time since a moment.
private struct Stretch {
  let loss: Double
  let weight: Double
  let items: Int
  let start = ContinuousClock.now

  init(_ meter: LossMeter) throws {
    loss = try meter.total()
    weight = meter.weight
    items = meter.items
  }

  var seconds: Double { (ContinuousClock.now - start).seconds }
}
