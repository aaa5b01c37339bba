import ArgumentParser
import Recurrent

/// A run of training on text: reports, checkpoints, and how it ends.
final class TextRun {
  let model: LanguageModel
  let trainer: Trainer<LanguageModel, SequenceBatch>
  var checkpointEvery: Int?
  var isJSON = false

  private let settings: TextSettings
  private let folder: ModelFolder
  private let device: DeviceDescription
  private let streams: Streams
  private let validation: Streams?
  private var savedStep: Int?
  private var profile: StepProfile?
  private let start = ContinuousClock.now

  init(_ settings: TextSettings, checkpoint: Checkpoint?, folder: ModelFolder, device: Device, profiles: Bool) throws {
    let (training, validation) = try TextRun.read(settings, vocabulary: checkpoint.map { _ in try folder.vocabulary() })
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
    model = try checkpoint == nil ? settings.makeModel(training.vocabulary) : folder.emptyModel()
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
    // Nothing is written before all that can be checked is.
    try folder.prepare()
    if let checkpoint { try restore(checkpoint) }
  }

  /// Trains until the end, an interrupt, or a loss that is not finite.
  /// - Throws: `ExitCode` after an interrupt: what is to follow the training must not.
  func train() throws {
    let done = trainer.progress.epoch
    guard done < settings.epochs else {
      let epochs = done == 1 ? "its only epoch is" : "all \(done) epochs are"
      Console.say("\(folder.path): \(epochs) done; give --epochs \(done + 1) or more to go on")
      return try putEnd(.finished, nil)
    }
    if savedStep != nil {
      Console.say("Going on after step \(trainer.progress.step.grouped), in epoch \(done + 1).")
    }
    let epochs = "\(settings.epochs) epoch" + (settings.epochs == 1 ? "" : "s")
    Console.say(
      "Training \(model.parameterCount.grouped) parameters on \(settings.data): \(streams.count.grouped) steps an "
        + "epoch, \(epochs), on \(device.identifier) (\(device.name)).")
    Interrupt.listen()
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
      if savedStep == nil { folder.removeIfEmpty() }
      reportProfile()
      guard let error = error as? RecurrentError, error.kind == .diverged else { throw error }
      throw diverged(error)
    }
  }

  /// Says once what was profiled.
  private func reportProfile() {
    profile?.report(trace: folder.profilePath, isJSON: isJSON)
    profile = nil
  }

  // MARK: Checkpoints

  private func save() throws {
    let checkpoint = try Checkpoint(state: trainer.state(), device: device, settings: settings.json())
    try folder.save(checkpoint, of: model)
    savedStep = trainer.progress.step
  }

  private func checkpointIfDue(_ progress: TrainingProgress) throws {
    if let checkpointEvery, progress.step % checkpointEvery == 0 { try save() }
  }

  private func restore(_ checkpoint: Checkpoint) throws {
    try trainer.restore(checkpoint.state)
    try folder.cutHistory(afterEpoch: trainer.progress.epoch)
    savedStep = trainer.progress.step
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
    // The history first: a resume drops a line that no checkpoint followed, but cannot make up one that is missing.
    try folder.appendHistory(Console.json(event))
    try save()
    if isJSON { try Console.put(json: event) }
  }

  private func putEnd(_ outcome: TrainingOutcome, _ last: TrainingReport?) throws {
    guard isJSON else { return }
    try Console.put(
      json: EndEvent(
        event: outcome == .finished ? "done" : "stopped", epochs: trainer.progress.epoch,
        steps: trainer.progress.step, trainLoss: last?.loss, validationLoss: last?.validationLoss,
        seconds: start.duration(to: .now).seconds, device: device.identifier, parameters: model.parameterCount,
        model: folder.path))
  }

  private func finish(_ outcome: TrainingOutcome, _ last: TrainingReport?) throws {
    try putEnd(outcome, last)
    switch outcome {
    case .finished:
      Console.say(
        "Done in \(start.duration(to: .now).seconds.asDuration). The model is in \(folder.path): "
          + "recur generate --model \(folder.path)")
    case .stopped:
      Console.say(
        "Stopped and saved after step \(trainer.progress.step.grouped). To go on: "
          + "recur train text --model \(folder.path) --resume")
      throw ExitCode(Console.Ending.stopped.rawValue)
    }
  }

  private func diverged(_ error: RecurrentError) -> RecurrentError {
    let kept =
      savedStep.map { "the checkpoint of step \($0.grouped) is kept in \(folder.path)" } ?? "nothing was saved"
    return RecurrentError(
      .diverged, "\(error.what) by step \(trainer.progress.step.grouped); \(kept)", at: "training",
      remedy: "start a new run in another folder, with a lower --learning-rate (it is \(settings.learningRate)) or "
        + (settings.clipNorm > 0 ? "a lower --clip-norm (it is \(settings.clipNorm))" : "a --clip-norm of 1 to 5"))
  }
}

extension TextRun {
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

  private static func fingerprint(_ tokens: [Int32]) -> String {
    "\(tokens.count)-" + String(fnv1a(tokens.lazy.map { UInt32(bitPattern: $0) }), radix: 16)
  }
}
