import Recurrent

/// What a run writes: checkpoints, the history, and events on standard output. A disk that does not take something, or memory
/// that is too short to make it, ends no run: it is said, and said again every hour, the next save tries again, and what is
/// still missing at the end is the run's error.
final class RunOutput {
  var isJSON = false

  private let folder: TrainingFolder
  private let command: String
  private var unsaved: RecurrentError?
  /// When it was said that something is not saved.
  private var said = ContinuousClock.now
  private var unheard: RecurrentError?

  /// - Parameter command: What goes on with the run, behind `recur train`.
  init(_ folder: TrainingFolder, command: String) {
    self.folder = folder
    self.command = command
  }

  /// Writes the checkpoint that `make` makes, and a line of the history if an epoch ended.
  func save(
    of model: some StoredModel, savesWeights: Bool, after step: Int, adding line: String? = nil,
    _ make: () throws -> Checkpoint
  ) throws {
    if let line { folder.addToHistory(line) }
    do {
      try folder.save(make(), of: model, savesWeights: savesWeights)
      if unsaved != nil { Console.warn("\(folder.model.path): saved again, after step \(step.grouped)") }
      unsaved = nil
    } catch let error as RecurrentError where [.invalidData, .outOfMemory].contains(error.kind) {
      if unsaved == nil || said.duration(to: .now) > .seconds(3600) {
        said = .now
        Console.warn(
          "\(error.place ?? ""): \(error.what), after step \(step.grouped); \(whatIsKept); training continues, and the next save "
            + "tries again")
      }
      unsaved = error
    }
  }

  /// What a run could go on from.
  var whatIsKept: String {
    folder.savedStep.map { "the checkpoint of step \($0.grouped) is kept in \(folder.model.path)" }
      ?? "nothing is saved yet"
  }

  /// Puts an event on standard output, if events are wanted.
  func put(_ event: some Encodable) throws {
    guard isJSON else { return }
    do {
      try Console.put(json: event)
    } catch let error as RecurrentError {
      if unheard == nil { Console.warn("\(error); training continues") }
      unheard = error
    }
  }

  /// To be called when the training is over.
  /// - Throws: `RecurrentError` that says why something is not where it belongs.
  func end() throws {
    if let unsaved {
      let remedy = unsaved.remedy.map { $0 + ", then " } ?? ""
      throw RecurrentError(
        unsaved.kind, "\(unsaved.what); \(whatIsKept)", at: unsaved.place,
        remedy: remedy
          + (folder.savedStep == nil
            ? "start the run again"
            : "resume with recur train \(command) --model \(folder.model.path.shellQuoted) --resume"))
    }
    if let unheard { throw unheard }
  }
}
