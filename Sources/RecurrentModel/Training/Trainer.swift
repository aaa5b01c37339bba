import RecurrentCore

/// Trains a model with a loss and an optimizer, and carries states from batch to batch.
///
/// The loss is a closure with the model, a batch (of any type), the carried states, and the tape:
/// ```swift
/// let trainer = try Trainer(tagger, optimizer: Adam(), device: .auto()) { (model, batch: SequenceBatch, _, tape) in
///   let logits = try model(batch.tokens(on: tape))
///   return try BatchLoss(crossEntropy(logits, batch.labels(on: tape)), weight: batch.weight, items: batch.items)
/// }
/// ```
/// No step waits for the device. Losses add up there and come to the host for reports; so does the check that they are
/// finite.
public final class Trainer<Model: Module, Batch> {
  /// Computes the loss of a batch, given the states carried over from the previous batch (none at the start of an
  /// epoch). An error ends the training.
  public typealias LossFunction = (Model, Batch, [RecurrentState], Tape) throws -> BatchLoss

  /// The model, on the device.
  public let model: Model
  /// The optimizer.
  public let optimizer: Optimizer
  /// The learning-rate schedule.
  public let schedule: LearningRateSchedule
  /// The maximum global gradient norm; nil for no clipping.
  public let clipNorm: Float?
  /// The maximum magnitude of each gradient element; nil for no clipping.
  public let clipValue: Float?
  /// The number of batches per step (gradient accumulation); the last step of an epoch may have fewer, with the same
  /// weight per batch.
  public let accumulation: Int
  /// The averaging of the weights; nil for none.
  public let averaging: WeightAveraging?
  /// The tape of the passes.
  public let tape: Tape
  /// The position of the run.
  public internal(set) var progress = TrainingProgress()
  /// Called after every step and every batch of a validation; true ends `fit`, for example after a signal.
  public var shouldStop: () -> Bool = { false }
  /// Called once per step between backward pass and update, before clipping: reads the gradients, or changes them with
  /// `Parameter.setGradient(_:)` or `Module.clipGradients(norm:)`. Reading makes the step wait for the device. An error
  /// ends the training before the step.
  public var beforeStep: ((Model) throws -> Void)?

  let meter: LossMeter
  var carried: [RecurrentState] = []
  private let loss: LossFunction
  let placed: PlacedParameters
  let averages: AveragedParameters?
  private let readings: Readings
  private let keptLoss: Region
  private var latestLoss: LatestLoss?
  private(set) var accumulated = 0
  private var evaluationMeter: LossMeter?
  private var backend: any Backend { placed.placement.backend }

  /// The location of the last batch's loss.
  private enum LatestLoss {
    /// In the memory of its pass.
    case ofPass(Tensor)
    /// In `keptLoss`: another pass has begun.
    case kept
  }

  /// A trainer, which moves the model to the device and attaches the optimizer. The seed determines the initialization
  /// of parameters without values, and all random masks.
  /// - Parameters:
  ///   - model: The model.
  ///   - optimizer: The optimizer, with the learning rate.
  ///   - schedule: The learning-rate schedule.
  ///   - clipNorm: The largest norm of all gradients together, as PyTorch's `clip_grad_norm_`; nil for any.
  ///   - clipValue: The largest magnitude of each gradient, as PyTorch's `clip_grad_value_`; nil for any.
  ///   - accumulation: The number of batches per step.
  ///   - averaging: The averaging of the weights, for example 0.999, the decay of an exponential moving average; nil for none. Not for
  ///     models with sparse parameters.
  ///   - seed: The random seed of the initialization and of random masks.
  ///   - device: Where it trains.
  ///   - loss: The loss of a batch.
  /// - Throws: `RecurrentError` if a setting is not usable or the device has no room.
  public init(
    _ model: Model, optimizer: Optimizer, schedule: LearningRateSchedule = .constant, clipNorm: Float? = nil,
    clipValue: Float? = nil, accumulation: Int = 1, averaging: WeightAveraging? = nil, seed: UInt64 = 0, device: Device,
    loss: @escaping LossFunction
  ) throws {
    try requirePositive([("accumulation", accumulation)], at: "Trainer")
    for (name, limit) in [("clipNorm", clipNorm), ("clipValue", clipValue)] {
      guard limit ?? 1 > 0 else {
        throw RecurrentError(.invalidArgument, "\(name) is \(limit ?? 0)", at: "Trainer", remedy: "use a value above 0")
      }
    }
    let states = optimizer.memoryCount + (averaging == nil ? 0 : AveragedParameters.memoryCount)
    try model.move(to: device, seed: seed, states: states)
    try optimizer.attach(to: model)
    self.model = model
    self.optimizer = optimizer
    self.schedule = schedule
    self.clipNorm = clipNorm
    self.clipValue = clipValue
    self.accumulation = accumulation
    self.averaging = averaging
    self.loss = loss
    tape = Tape(device, seed: seed)
    let placed = try model.placed()
    self.placed = placed
    averages = try averaging.map { try AveragedParameters(of: placed, $0) }
    readings = try Readings(on: device.backend)
    meter = try LossMeter(device.backend, in: readings.pendingLoss)
    keptLoss = try device.backend.allocate(columns: 1)
  }

  /// The learning rate of the next step.
  public var learningRate: Double { learningRate(ofStep: progress.step) }

  func learningRate(ofStep step: Int) -> Double { optimizer.learningRate * schedule(step) }

  /// The global gradient norm of the last step before clipping; nil without `clipNorm`. Waits for the device.
  /// - Throws: Errors of the device.
  public func gradientNorm() throws -> Float? { try clipNorm == nil ? nil : backend.download(readings.norm)[0] }

  /// The mean loss of the epoch so far; nil before its first batch. Waits for the device.
  /// - Throws: Errors of the device.
  public func epochLoss() throws -> Double? { meter.weight > 0 ? try meter.total() / meter.weight : nil }

  /// The loss of the last training batch; nil before the first and after `restore(_:)`. Waits for the device, so do not
  /// read it in every step.
  /// - Throws: `RecurrentError.invalidArgument` if the trainer's tape was reset by hand since.
  public func lastLoss() throws -> Float? {
    switch latestLoss {
    case .none: nil
    case .ofPass(let loss): try loss.item()
    case .kept: try backend.download(keptLoss)[0]
    }
  }

  /// Trains on one batch; the optimizer steps every `accumulation` batches. Does not change the position in an epoch: a
  /// subsequent `fit` starts at its first batch.
  /// - Returns: Whether it made one.
  /// - Throws: `RecurrentError.shapeMismatch` if the loss is no scalar, and whatever the loss function throws.
  @discardableResult
  public func train(on batch: Batch) throws -> Bool {
    try averages?.use(false)
    if accumulated == 0 { try optimizer.zeroGradients() }
    tape.mode = .training
    tape.reset()
    latestLoss = nil
    let result = try loss(model, batch, carried, tape)
    try meter.add(result)
    latestLoss = .ofPass(result.loss)
    try result.loss.backward(scale: 1 / Float(accumulation))
    carried = try result.carried.map { try $0.detached() }
    accumulated += 1
    guard accumulated == accumulation else { return false }
    try finishStep()
    return true
  }

  /// Clips the accumulated gradients and runs the optimizer; does nothing without gradients.
  func finishStep() throws {
    guard accumulated > 0 else { return }
    accumulated = 0
    try averages?.use(false)
    try beforeStep?(model)
    if let clipNorm { try placed.clip(norm: clipNorm, into: readings.norm) }
    if let clipValue { try placed.clip(value: clipValue) }
    try optimizer.step(factor: schedule(progress.step))
    try averages?.update(step: progress.step)
    progress.step += 1
  }

  /// The weighted mean loss over batches, without training, with the averaged weights if there are any. The carried states start
  /// empty, and those of the training are kept.
  /// - Throws: `RecurrentError.invalidData` if there is no batch or none counts, `.diverged` if the mean is not finite.
  public func evaluate(_ batches: some Sequence<Batch>) throws -> Double {
    try meanLoss(over: batches, shouldStop: { false })
  }

  /// The mean loss over batches, as in `evaluate`, for the `validate` of `fit`.
  /// - Throws: As `evaluate`; `CancellationError` if `shouldStop` returned true before the last batch.
  public func validate(over batches: some Sequence<Batch>) throws -> Validation {
    try .measured(loss: meanLoss(over: batches, shouldStop: shouldStop))
  }

  private func meanLoss(over batches: some Sequence<Batch>, shouldStop: () -> Bool) throws -> Double {
    let meter = try evaluationMeter ?? LossMeter(backend)
    evaluationMeter = meter
    try keepLatestLoss()
    return try withWeights(averaged: true) {
      try meter.measure(batches, on: tape, shouldStop: shouldStop) { try loss(model, $0, $1, tape) }
      return try meter.mean()
    }
  }

  /// Gives the model its averaged weights, as at the end of `fit`, to save or use it; does nothing without `averaging`. The next
  /// training step continues with the other weights.
  /// - Throws: Errors of the device.
  public func useAveragedWeights() throws { try averages?.use(true) }

  /// Runs a body while the model has its averaged weights, or those that are trained.
  func withWeights<Value>(averaged: Bool, _ body: () throws -> Value) throws -> Value {
    guard let averages else { return try body() }
    return try averages.using(averaged, body)
  }

  /// Copies the last batch's loss out of the memory of its pass.
  private func keepLatestLoss() throws {
    guard case .ofPass(let loss) = latestLoss, loss.isAlive else { return }
    try backend.copy(Copy(loss.region.reshaped(rows: 1, columns: 1), into: .set(keptLoss)))
    latestLoss = .kept
  }

  /// Discards the last batch's loss.
  func forgetLatestLoss() { latestLoss = nil }

  /// Waits for the device and throws unless the loss and all parameters are finite.
  /// - Throws: `RecurrentError.diverged`, with a remedy.
  public func checkFinite() throws { _ = try read() }

  /// Reads the values of a report, after the check of `checkFinite()`; waits for the device once.
  /// - Returns: The sum of the epoch's weighted losses, and the norm of the last step's gradients, or nil without `clipNorm`.
  /// - Throws: As `checkFinite()`.
  func read() throws -> (loss: Double, gradientNorm: Float?) {
    let read = try readings.read(checking: [placed.placement.values] + (averages.map { [$0.averages] } ?? []))
    meter.notePending(read.pendingLoss)
    let total = try meter.total()
    guard read.isFinite, total.isFinite else {
      throw RecurrentError(
        .diverged, "the loss or a parameter is not finite", at: "step \(progress.step)",
        remedy: "resume from the last checkpoint, with a lower learning rate"
          + (clipNorm == nil ? " or a clip norm of 1 to 5" : " or a smaller clip norm"))
    }
    return (total, clipNorm == nil ? nil : read.norm)
  }
}

/// Values on the device that a report reads with one download.
private struct Readings {
  private let backend: any Backend
  /// The sum of the losses and the gradient norm, `[1, 1]` each.
  let pendingLoss: Region, norm: Region
  private let nonFinite: Region
  private let all: Region
  private let flag: Indices

  init(on backend: any Backend) throws {
    self.backend = backend
    all = try backend.allocate(columns: 3)
    (pendingLoss, norm, nonFinite) = (all.columns(0..<1), all.columns(1..<2), all.columns(2..<3))
    flag = try Indices(backend.allocate(1), count: 1)
  }

  /// Checks that all values are finite and downloads everything; waits for the device.
  func read(checking values: [Region]) throws -> (pendingLoss: Float, norm: Float, isFinite: Bool) {
    try backend.upload([0], to: flag)
    for part in values { try backend.flagNonFinite(FlagNonFinite(part, flag: flag)) }
    try backend.encode(Encode(.integer, flag, into: nonFinite))
    let read = try backend.download(all)
    return (read[0], read[1], read[2] == 0)
  }
}

/// The loss of one batch.
public struct BatchLoss {
  /// The mean loss of the batch, a scalar.
  public var loss: Tensor
  /// The weight in the mean over batches, at least 0: the number of targets that are not ignored, or the sum of their
  /// weights.
  public var weight: Double
  /// The number of targets, texts or rows, for rates; independent of their weights.
  public var items: Int
  /// The states to carry to the next batch; they are detached.
  public var carried: [RecurrentState]

  /// A loss of a batch.
  /// - Parameters:
  ///   - loss: A scalar, the mean over what counts in the batch.
  ///   - weight: How much it weighs in the mean over batches, 0 or more; without it all batches weigh the same.
  ///   - items: How many targets, texts or rows it is of; without it, rates count batches.
  ///   - carried: The states to carry to the next batch.
  public init(_ loss: Tensor, weight: Double = 1, items: Int = 1, carrying carried: [RecurrentState] = []) {
    self.loss = loss
    self.weight = weight
    self.items = items
    self.carried = carried
  }
}

extension BatchLoss {
  /// Throws unless the loss is a scalar that can be weighed and counted.
  func check() throws {
    try loss.requireScalar("the loss is", at: "Trainer")
    guard weight >= 0, weight <= Self.largestWeight, items >= 0 else {
      throw RecurrentError(
        .invalidArgument, "a batch loss has the weight \(weight) and \(items) items", at: "Trainer",
        remedy: "give a weight from 0 to \(Self.largestWeight) and a count of at least 0")
    }
  }

  /// The maximum weight, so that the sum of an epoch stays in the range of `Float`.
  private static let largestWeight = 1e30
}

/// The position of a run.
public struct TrainingProgress: Hashable, Sendable {
  /// The number of completed epochs.
  public var epoch = 0
  /// The number of batches of this epoch that `fit` has completed.
  public var batch = 0
  /// The number of completed optimizer steps.
  public var step = 0
}
