import ArgumentParser
import Recurrent

/// A run of training on text: reports, checkpoints, and how it ends.
final class TextRun {
  let model: LanguageModel
  let trainer: Trainer<LanguageModel, SequenceBatch>
  var checkpointEvery: Int?

  private let settings: TextSettings
  private let folder: TrainingFolder
  private let output: RunOutput
  private let device: DeviceDescription
  private let streams: Streams
  private let validation: Streams?
  private var profile: StepProfile?
  /// What the checkpoint that the run goes on from was computed on.
  private var origin: (device: String, variant: String)?
  private let start = ContinuousClock.now

  init(_ settings: TextSettings, checkpoint: Checkpoint?, folder: TrainingFolder, device: Device, profiles: Bool) throws
  {
    let (training, validation) = try TextRun.read(
      settings, vocabulary: checkpoint.map { _ in try folder.model.vocabulary() })
    var settings = settings
    let texts = [training, validation].compactMap(\.self)
    let fingerprints = texts.map { TextRun.fingerprint($0.tokens) }
    if checkpoint != nil {
      for (text, (old, new)) in zip(texts, zip(settings.fingerprints, fingerprints)) where old != new {
        throw RecurrentError(
          .invalidData, "is not the text that the run began with", at: text.place,
          remedy: "give the same text, or start a new run in another folder")
      }
    }
    settings.fingerprints = fingerprints
    self.settings = settings
    self.folder = folder
    output = RunOutput(folder)
    self.device = device.description
    do {
      streams = try training.streams(rows: settings.batch, steps: settings.sequence)
    } catch let error as RecurrentError where settings.validationFraction > 0 {
      let apart = validation?.tokens.count ?? 0
      throw RecurrentError(
        error.kind, "\(error.what), after \(apart.grouped) were set apart for validation", at: error.place,
        remedy: error.remedy)
    }
    self.validation = try validation.map { try TextRun.measuring($0, settings.batch, settings.sequence) }
    model = try settings.makeModel(training.vocabulary)
    if checkpoint != nil, try folder.model.configuration() != ModelConfiguration(of: model) {
      throw RecurrentError(
        .invalidModel, "is not of the model that the run trains", at: folder.model.path + "/config.json",
        remedy: "restore the file that was saved with the model")
    }
    model.embedding?.isSparse = settings.sparseEmbedding ?? false
    var device = device
    if profiles {
      let (profiled, profiler) = device.profiled()
      profile = StepProfile(profiled, profiler)
      device = profiled
    }
    let optimizer = settings.optimizer.make(learningRate: settings.learningRate)
    trainer = try Trainer(
      model, optimizer: optimizer, schedule: settings.schedule.make(total: streams.count * settings.epochs),
      clipNorm: settings.clipNorm > 0 ? settings.clipNorm : nil,
      clipValue: settings.clipValue > 0 ? settings.clipValue : nil, seed: settings.seed, device: device)
    try trainer.requireMemoryForState()
    // From here on an interrupt is answered by a checkpoint.
    Interrupt.listen()
    // Nothing is written before all that can be checked is.
    try folder.begin()
    if let checkpoint { try restore(checkpoint) } else { try TextRun.requireNew(folder.model) }
  }

  /// Whether the run's events go to standard output.
  var isJSON: Bool {
    get { output.isJSON }
    set { output.isJSON = newValue }
  }

  /// Trains until the end, an interrupt, or a loss that is not finite.
  /// - Throws: `ExitCode` after an interrupt: what is to follow the training must not.
  func train() throws {
    let done = trainer.progress.epoch
    guard done < settings.epochs else {
      let epochs = done == 1 ? "its only epoch is" : "all \(done) epochs are"
      Console.say("\(folder.model.path): \(epochs) done; give --epochs \(done + 1) or more to go on")
      // The run may have been killed after its last checkpoint, and before the weights beside it were written. The bits are
      // still those of the device that computed them.
      try save(of: origin)
      return try end(.finished, nil)
    }
    if folder.savedStep != nil {
      Console.say("Going on after step \(trainer.progress.step.grouped), in epoch \(done + 1).")
    }
    let epochs = "\(settings.epochs) epoch" + (settings.epochs == 1 ? "" : "s")
    Console.say(
      "Training \(model.parameterCount.grouped) parameters on \(settings.data): \(streams.count.grouped) steps an "
        + "epoch, \(epochs), on \(device.identifier) (\(device.name)).")
    trainer.shouldStop = { Interrupt.wasRequested }
    var progress = Progress(
      stepsPerEpoch: streams.count, epochs: settings.epochs, doneBefore: trainer.progress.step)
    var last: TrainingReport?
    do {
      let outcome = try trainer.fit(
        streams, epochs: settings.epochs, validation: validation,
        reportEvery: max(1, min(50, streams.count / 20))
      ) { report in
        progress.show(report)
        guard report.kind == .epoch else { return }
        last = report
        try self.finishEpoch(report)
      } afterStep: {
        try self.profile?.stepDone(isLastOfEpoch: $0.batch == self.streams.count)
        try self.checkpointIfDue($0)
      }
      progress.end()
      if outcome == .stopped { try save() }
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

  /// Says once what was profiled.
  private func reportProfile() {
    profile?.report(trace: folder.model.profilePath, isJSON: isJSON)
    profile = nil
  }

  // MARK: Checkpoints

  private func save(of origin: (device: String, variant: String)? = nil, adding line: String? = nil) throws {
    try output.save(of: model, after: trainer.progress.step, adding: line) {
      var checkpoint = try Checkpoint(state: trainer.state(), device: device, settings: settings.json())
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
    } catch let error as RecurrentError where [.invalidModel, .invalidData, .shapeMismatch].contains(error.kind) {
      throw RecurrentError(
        .invalidModel, "its checkpoint does not fit: " + (error.place.map { $0 + ": " } ?? "") + error.what,
        at: folder.model.path, remedy: error.remedy ?? "start a new run in another folder")
    }
    try folder.cutHistory(afterEpoch: trainer.progress.epoch)
    if checkpoint.variant != device.variant && trainer.progress.epoch < settings.epochs {
      Console.say(
        "The run was on \(checkpoint.device) (\(checkpoint.variant)), and now is on \(device.identifier) "
          + "(\(device.variant)): all it knew is here, but the last bits of its numbers may part.")
    }
  }

  // MARK: Events

  private struct EpochEvent: Encodable {
    var event = "epoch"
    let epoch: Int, step: Int, trainLoss: Double, validationLoss: Double?
    let learningRate: Double, seconds: Double, tokensPerSecond: Double
  }

  private struct EndEvent: Encodable {
    let event: String, epochs: Int, steps: Int, trainLoss: Double?, validationLoss: Double?
    let seconds: Double, device: String, parameters: Int, model: String
  }

  private func finishEpoch(_ report: TrainingReport) throws {
    let event = EpochEvent(
      epoch: report.epoch, step: report.step, trainLoss: report.loss, validationLoss: report.validationLoss,
      learningRate: report.learningRate, seconds: report.seconds,
      tokensPerSecond: report.seconds > 0 ? report.items / report.seconds : 0)
    try save(adding: Console.json(event))
    try output.put(event)
  }

  private func end(_ outcome: TrainingOutcome, _ last: TrainingReport?) throws {
    try output.end()
    guard isJSON else { return }
    try Console.put(
      json: EndEvent(
        event: outcome == .finished ? "done" : "stopped", epochs: trainer.progress.epoch,
        steps: trainer.progress.step, trainLoss: last?.loss, validationLoss: last?.validationLoss,
        seconds: start.duration(to: .now).seconds, device: device.identifier, parameters: model.parameterCount,
        model: folder.model.path))
  }

  private func finish(_ outcome: TrainingOutcome, _ last: TrainingReport?) throws {
    try end(outcome, last)
    let path = folder.model.path
    switch outcome {
    case .finished:
      Console.say(
        "Done in \(start.duration(to: .now).seconds.asDuration). The model is in \(path): "
          + "recur generate --model \(path)")
    case .stopped:
      Console.say(
        "Stopped and saved after step \(trainer.progress.step.grouped). To go on: "
          + "recur train text --model \(path) --resume")
    }
    if Interrupt.wasRequested { throw ExitCode(Console.Ending.stopped.rawValue) }
  }

  private func diverged(_ error: RecurrentError) -> RecurrentError {
    RecurrentError(
      .diverged, "\(error.what) by step \(trainer.progress.step.grouped); \(output.whatIsKept)", at: "training",
      remedy: "start a new run in another folder, with a lower --learning-rate (it is \(settings.learningRate)) or "
        + (settings.clipNorm > 0 ? "a lower --clip-norm (it is \(settings.clipNorm))" : "a --clip-norm of 1 to 5"))
  }
}

extension TextRun {
  /// - Throws: `RecurrentError.invalidArgument` if a new run would overwrite a model.
  static func requireNew(_ folder: ModelFolder) throws {
    guard !folder.hasModel else {
      throw RecurrentError(
        .invalidArgument, "\(folder.path) holds a model already", at: "--model",
        remedy: "go on with it (--resume), or name another folder")
    }
    guard !folder.hasWeights else {
      throw RecurrentError(
        .invalidArgument, "\(folder.path) holds the weights of a model without its config.json", at: "--model",
        remedy: "restore that file, or name another folder")
    }
  }

  /// The text to train on, and the one to validate on.
  private static func read(_ settings: TextSettings, vocabulary: Vocabulary?) throws
    -> (training: TextDataset, validation: TextDataset?)
  {
    let data =
      try vocabulary.map { try TextDataset(contentsOf: settings.data, vocabulary: $0) }
      ?? TextDataset(contentsOf: settings.data, tokens: settings.tokens, maximumVocabulary: settings.vocabulary)
    if let file = settings.validation {
      return (data, try TextDataset(contentsOf: file, vocabulary: data.vocabulary))
    }
    guard settings.validationFraction > 0 else { return (data, nil) }
    return try data.split(validationFraction: settings.validationFraction)
  }

  /// A text as streams that leave nothing out. A row begins knowing nothing, which counts against the model: so rows are
  /// 200 sequences long or longer, and fewer where the text is short.
  static func measuring(_ data: TextDataset, _ rows: Int, _ steps: Int) throws -> Streams {
    let longRows = (data.tokens.count - 1) / (200 * steps)
    return try Streams(
      data.tokens, rows: max(1, min(rows, longRows)), steps: steps, keepsRemainder: true, place: data.place)
  }

  private static func fingerprint(_ tokens: ArraySlice<Int32>) -> String {
    "\(tokens.count)-" + String(fnv1a(tokens.lazy.map { UInt32(bitPattern: $0) }), radix: 16)
  }
}
