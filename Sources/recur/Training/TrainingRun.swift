import ArgumentParser
import Recurrent
import RecurrentTasks

/// A training run: reports, checkpoints, and its end.
final class TrainingRun<T: Task> {
  let model: T.Model
  let trainer: Trainer<T.Model, T.Batch>
  var checkpointEvery: Int?

  private let task: T
  /// The settings as a checkpoint has them.
  private let record: String
  private let folder: TrainingFolder
  private let output: RunOutput
  private let openedDevice: Device
  private var profile: StepProfile?
  private var stopping: EarlyStopping?
  private var plateau: PlateauDecay?
  /// A note about a schedule that now spans another number of epochs.
  private var scheduleNote: String?
  /// The device of the checkpoint from which the run is resumed.
  private var origin: (device: String, variant: String)?
  private let start = ContinuousClock.now

  /// - Parameter resumed: The checkpoint and the model, without its weights, of the folder of a resumed run.
  init(
    _ task: T, resumed: (checkpoint: Checkpoint, model: T.Model)?, folder: TrainingFolder, device: Device,
    profiles: Bool
  ) throws {
    self.task = task
    record = try task.settings.json()
    self.folder = folder
    output = RunOutput(folder, command: T.name)
    openedDevice = device
    stopping = task.stopping
    plateau = task.settings.training.schedule.plateau
    model = task.model
    if let resumed, T.Model.Configuration(of: resumed.model) != .init(of: model) {
      throw RecurrentError(
        .invalidModel, "does not match the model of the run", at: folder.model.path + "/config.json",
        remedy: "restore the file that was saved with the model")
    }
    var device = device
    if profiles {
      let (profiled, profiler) = device.profiled()
      profile = StepProfile(profiled, profiler)
      device = profiled
    }
    trainer = try Trainer(task, on: device)
    try trainer.requireMemoryForState()
    // From here on an interrupt is answered by a checkpoint.
    Interrupt.listen()
    // Nothing is written before all that can be checked is.
    try folder.begin()
    if let resumed { try restore(resumed.checkpoint) } else { try folder.model.requireNew() }
  }

  private var settings: TrainingSettings<T.Options> { task.settings }

  /// The device as it is now: a failure during the run may change its variant.
  private var device: DeviceDescription { openedDevice.description }

  /// Whether early stopping has ended the run.
  private var isOver: Bool { stopping?.isOver ?? false }

  private var overText: String {
    guard let stopping else { return "" }
    return
      "no \(Metric.shown(stopping.metric)) was better than epoch \(stopping.bestEpoch)'s, \(stopping.best.text(4)), in "
      + stopping.epochsWithoutBetter.counted("epoch")
  }

  /// Whether the weights are those of the best epoch.
  private var isBest: Bool {
    trainer.progress.batch == 0 && trainer.progress.epoch > 0 && stopping?.bestEpoch == trainer.progress.epoch
  }

  /// Whether the run's events go to standard output.
  var isJSON: Bool {
    get { output.isJSON }
    set { output.isJSON = newValue }
  }

  /// Trains until the end, an interrupt, or a non-finite loss.
  /// - Throws: `ExitCode` after an interrupt: what is to follow the training must not.
  func train() throws {
    let done = trainer.progress.epoch
    guard done < settings.epochs, !isOver else {
      let epochs = done == 1 ? "its only epoch is" : "all \(done) epochs are"
      let what = isOver ? overText : "\(epochs) done; give --epochs \(done + 1) or more to continue"
      Console.say(
        done == 0
          ? "The model in \(folder.model.path) has its initial weights (0 epochs)." : "\(folder.model.path): \(what)")
      // The run may have been killed after its last checkpoint, and before the weights beside it were written. The bits are
      // still those of the device that computed them.
      try save(of: origin)
      return try end(.finished, nil)
    }
    // Killed after this epoch's checkpoint, the run may not have written its weights, which are the best.
    if isBest { try save(of: origin) }
    if folder.savedStep != nil {
      Console.say("Resuming after step \(trainer.progress.step.grouped), in epoch \(done + 1).")
    }
    task.sayBeginning(on: device, Console.say)
    for note in [scheduleNote, settings.noteOfWarmUp(stepsPerEpoch: task.stepsPerEpoch)] {
      if let note { Console.say(note) }
    }
    trainer.shouldStop = { [unowned self] in Interrupt.wasRequested || isOver }
    var progress = Progress(
      stepsPerEpoch: task.stepsPerEpoch, epochs: settings.epochs, doneBefore: trainer.progress.step,
      unit: task.unit)
    var last: TrainingReport?
    do {
      let outcome = try trainer.fit(
        epochs: settings.epochs, reportEvery: task.stepsPerReport, batches: task.batches
      ) { report in
        progress.show(report)
        guard report.kind == .epoch else { return }
        last = report
        try self.finishEpoch(report)
      } afterStep: {
        try self.profile?.stepDone(isLastOfEpoch: $0.batch == self.task.stepsPerEpoch)
        try self.checkpointIfDue($0)
      } validate: {
        try self.task.validate(self.trainer)
      }
      progress.end()
      if outcome == .stopped && !isOver { try save() }
      reportProfile()
      try finish(outcome, last)
    } catch {
      progress.end()
      if folder.savedStep == nil { folder.removeIfEmpty() }
      reportProfile()
      guard let error = error as? RecurrentError, error.kind == .diverged else { throw error }
      throw diverged(error)
    }
  }

  /// Prints the profile, once.
  private func reportProfile() {
    profile?.report(trace: folder.model.profilePath, isJSON: isJSON)
    profile = nil
  }

  // MARK: Checkpoints

  private func save(of origin: (device: String, variant: String)? = nil, adding line: String? = nil) throws {
    let savesWeights = isBest || stopping?.bestEpoch ?? 0 == 0
    try output.save(of: model, savesWeights: savesWeights, after: trainer.progress.step, adding: line) {
      var checkpoint = try Checkpoint(state: trainer.state(), device: device, settings: record)
      stopping?.save(to: &checkpoint.state)
      plateau?.save(to: &checkpoint.state)
      if let origin { (checkpoint.device, checkpoint.variant) = origin }
      return checkpoint
    }
  }

  private func checkpointIfDue(_ progress: TrainingProgress) throws {
    if let checkpointEvery, progress.step % checkpointEvery == 0 { try save() }
  }

  private func restore(_ checkpoint: Checkpoint) throws {
    origin = (checkpoint.device, checkpoint.variant)
    do {
      try trainer.restore(checkpoint.state)
      try stopping?.restore(from: checkpoint.state)
      try plateau?.restore(from: checkpoint.state)
    } catch let error as RecurrentError where [.invalidModel, .invalidData, .shapeMismatch].contains(error.kind) {
      throw RecurrentError(
        .invalidModel, "its checkpoint does not match: " + (error.location.map { $0 + ": " } ?? "") + error.what,
        at: folder.model.path, remedy: error.remedy ?? "start a new run in another folder")
    }
    let earlier = try TrainingSettings<T.Options>(
      json: checkpoint.settings, of: T.name, from: folder.model.path)
    scheduleNote = settings.noteOfSchedule(
      since: earlier, step: trainer.progress.step, stepsPerEpoch: task.stepsPerEpoch)
    try folder.cutHistory(afterEpoch: trainer.progress.epoch)
    if checkpoint.variant != device.variant && trainer.progress.epoch < settings.epochs {
      Console.say(
        "The run was on \(checkpoint.device) (\(checkpoint.variant)) and is now on \(device.identifier) "
          + "(\(device.variant)): its state is fully restored, but results may differ in the last bits.")
    }
  }

  // MARK: Events

  private func finishEpoch(_ report: TrainingReport) throws {
    if let loss = report.validationLoss {
      _ = try stopping?.record(report)
      if let decay = plateau?.factor, plateau?.record(loss) == true { trainer.optimizer.learningRate *= decay }
    }
    let event = EpochEvent(report, unit: task.unit)
    try save(adding: Console.json(event))
    try output.put(event)
  }

  private func end(_ outcome: TrainingOutcome, _ last: TrainingReport?) throws {
    try output.end()
    guard isJSON else { return }
    try Console.put(
      json: EndEvent(
        event: outcome == .finished || isOver ? "done" : "stopped", epochs: trainer.progress.epoch,
        steps: trainer.progress.step, trainLoss: last?.loss, validationLoss: last?.validationLoss,
        bestEpoch: stopping.flatMap { $0.bestEpoch > 0 ? $0.bestEpoch : nil },
        seconds: start.duration(to: .now).seconds, device: device.identifier, parameters: model.parameterCount,
        model: folder.model.path))
  }

  private func finish(_ outcome: TrainingOutcome, _ last: TrainingReport?) throws {
    try end(outcome, last)
    let path = folder.model.path
    if outcome == .finished || isOver {
      if isOver { Console.say("Stopped early: \(overText).") }
      let which = stopping.flatMap { $0.bestEpoch > 0 ? " of epoch \($0.bestEpoch)" : nil } ?? ""
      Console.say(
        "Done in \(start.duration(to: .now).seconds.asDuration). The model\(which) is in \(path): "
          + "\(T.usage) --model \(path.shellQuoted)\(T.usageInput(settings.data))")
    } else {
      Console.say(
        "Stopped and saved after step \(trainer.progress.step.grouped). To continue: "
          + "recur train \(T.name) --model \(path.shellQuoted) --resume")
    }
    if Interrupt.wasRequested { throw ExitCode(Console.Ending.stopped.rawValue) }
  }

  private func diverged(_ error: RecurrentError) -> RecurrentError {
    RecurrentError(
      .diverged, "\(error.what) by step \(trainer.progress.step.grouped); \(output.whatIsKept)", at: "training",
      remedy:
        "start a new run in another folder, with a lower --learning-rate (it is \(settings.training.learningRate)) or "
        + (settings.training.clipNorm > 0
          ? "a lower --clip-norm (it is \(settings.training.clipNorm))" : "a --clip-norm of 1 to 5"))
  }
}
