import Recurrent

/// The output of a run: checkpoints, the history, and events on standard output. A full disk or short memory does not
/// end the run: it is reported, and again every hour, the next save tries again, and data that is still missing at the
/// end is the run's error.
final class RunOutput {
  var isJSON = false

  private let folder: TrainingFolder
  private let command: String
  private var unsaved: RecurrentError?
  /// The time of the last report of a failed save.
  private var said = ContinuousClock.now
  private var unheard: RecurrentError?

  /// - Parameter command: The subcommand of `recur train` that resumes the run.
  init(_ folder: TrainingFolder, command: String) {
    self.folder = folder
    self.command = command
  }

  /// Writes the checkpoint of `make`, and a line of the history if an epoch ended.
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
          "\(error.location ?? ""): \(error.what), after step \(step.grouped); \(whatIsKept); training continues, and the next save "
            + "tries again")
      }
      unsaved = error
    }
  }

  /// The checkpoint from which the run could be resumed, as text.
  var whatIsKept: String {
    folder.savedStep.map { "the checkpoint of step \($0.grouped) is kept in \(folder.model.path)" }
      ?? "nothing is saved yet"
  }

  /// Prints an event on standard output, with `--json`.
  func put(_ event: some Encodable) throws {
    guard isJSON else { return }
    do {
      try Console.put(json: event)
    } catch let error as RecurrentError {
      if unheard == nil { Console.warn("\(error); training continues") }
      unheard = error
    }
  }

  /// Must be called at the end of training.
  /// - Throws: `RecurrentError` if data is still not written.
  func end() throws {
    if let unsaved {
      let remedy = unsaved.remedy.map { $0 + ", then " } ?? ""
      throw RecurrentError(
        unsaved.kind, "\(unsaved.what); \(whatIsKept)", at: unsaved.location,
        remedy: remedy
          + (folder.savedStep == nil
            ? "start the run again"
            : "resume with recur train \(command) --model \(folder.model.path.shellQuoted) --resume"))
    }
    if let unheard { throw unheard }
  }
}
