/// What a run reports: after an epoch, and every so many steps if wanted.
public struct TrainingReport: Hashable, Sendable, CustomStringConvertible {
  /// What it is about.
  public enum Kind: Hashable, Sendable {
    /// The steps since the last report.
    case steps
    /// A whole epoch.
    case epoch
  }

  /// What it is about.
  public var kind: Kind
  /// The epoch, from 1.
  public var epoch: Int
  /// The batches of the epoch done.
  public var batch: Int
  /// The steps of the whole run done.
  public var step: Int
  /// The mean training loss over what it is about.
  public var loss: Double
  /// The mean loss over the validation data, after an epoch.
  public var validationLoss: Double?
  /// The learning rate of the next step.
  public var learningRate: Double
  /// The norm of the last step's gradients before clipping, where they are clipped by norm.
  public var gradientNorm: Float?
  /// Seconds that training took over what it is about, validation not counted.
  public var seconds: Double
  /// What the losses weighed together: the targets that counted.
  public var items: Double

  /// One line.
  public var description: String {
    let validation = validationLoss.map { ", validation \($0.rounded(4))" } ?? ""
    let rate = seconds > 0 ? ", \(Int(items / seconds).grouped)/s" : ""
    return "epoch \(epoch), step \(step): loss \(loss.rounded(4))\(validation)\(rate)"
  }
}

/// How `fit` ended.
public enum TrainingOutcome: Hashable, Sendable {
  /// All epochs are done.
  case finished
  /// `shouldStop` asked for it.
  case stopped
}

extension Trainer {
  /// Trains on the same batches in every epoch.
  /// - Parameters:
  ///   - batches: A sequence that can be walked more than once.
  ///   - epochs: How many epochs the whole run has, those before a resume included.
  ///   - validation: Evaluated after each epoch.
  ///   - reportEvery: How many steps lie between reports within an epoch; 0 for none.
  ///   - report: Gets each report.
  ///   - afterStep: Called after each step: the place to save.
  /// - Throws: `RecurrentError.diverged` when a report finds a loss that is not finite, and whatever the callbacks throw.
  @discardableResult
  public func fit(
    _ batches: some Sequence<Batch>, epochs: Int, validation: (any Sequence<Batch>)? = nil, reportEvery: Int = 0,
    report: (TrainingReport) throws -> Void = { _ in }, afterStep: ((TrainingProgress) throws -> Void)? = nil
  ) throws -> TrainingOutcome {
    try fit(
      epochs: epochs, validation: validation, reportEvery: reportEvery, batches: { _ in batches },
      report: report, afterStep: afterStep)
  }

  /// Trains on batches that may differ from epoch to epoch, in another order for example. They must be the same for the same
  /// epoch, or a resumed run is another one.
  @discardableResult
  public func fit<Batches: Sequence>(
    epochs: Int, validation: (any Sequence<Batch>)? = nil, reportEvery: Int = 0,
    batches: (_ epoch: Int) throws -> Batches,
    report: (TrainingReport) throws -> Void = { _ in }, afterStep: ((TrainingProgress) throws -> Void)? = nil
  ) throws -> TrainingOutcome where Batches.Element == Batch {
    while progress.epoch < epochs {
      if progress.batch == 0 {
        carried = []
        try meter.clear()
      }
      var (sinceEpoch, sinceReport) = (try Stretch(meter), try Stretch(meter))
      for batch in try batches(progress.epoch).dropFirst(progress.batch) {
        guard try train(on: batch) else { continue }
        try afterStep?(progress)
        if reportEvery > 0, progress.step % reportEvery == 0 {
          try report(summary(.steps, of: sinceReport))
          sinceReport = try Stretch(meter)
        }
        if shouldStop() { return .stopped }
      }
      guard progress.batch > 0 else {
        throw RecurrentError(
          .invalidData, "an epoch without a single batch", at: "Trainer",
          remedy: "give more data, or shorter sequences or fewer rows")
      }
      try finishStep()
      sinceEpoch.isWholeEpoch = true
      var epoch = try summary(.epoch, of: sinceEpoch)
      if let validation { epoch.validationLoss = try evaluate(validation) }
      progress.epoch += 1
      progress.batch = 0
      try report(epoch)
    }
    return .finished
  }

  private func summary(_ kind: TrainingReport.Kind, of stretch: Stretch) throws -> TrainingReport {
    try checkFinite()
    let whole = stretch.isWholeEpoch
    let (loss, items) = (try meter.total() - (whole ? 0 : stretch.loss), meter.weight - (whole ? 0 : stretch.weight))
    let seconds = stretch.seconds
    return TrainingReport(
      kind: kind, epoch: progress.epoch + 1, batch: progress.batch, step: progress.step,
      loss: items > 0 ? loss / items : 0, validationLoss: nil, learningRate: learningRate,
      gradientNorm: try gradientNorm(), seconds: seconds, items: items)
  }
}

/// The losses and the time from one moment on.
private struct Stretch {
  let loss: Double
  let weight: Double
  let start = ContinuousClock.now
  var isWholeEpoch = false

  init(_ meter: LossMeter) throws {
    loss = try meter.total()
    weight = meter.weight
  }

  var seconds: Double {
    let parts = (ContinuousClock.now - start).components
    return Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
  }
}

extension Double {
  /// With so many digits after the point.
  fileprivate func rounded(_ digits: Int) -> String {
    guard isFinite, magnitude < 1e9 else { return "\(self)" }
    let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
    let whole = Int((magnitude * scale).rounded())
    let fraction = String(whole % Int(scale))
    return (self < 0 ? "-" : "") + "\(whole / Int(scale))." + String(repeating: "0", count: digits - fraction.count)
      + fraction
  }
}
