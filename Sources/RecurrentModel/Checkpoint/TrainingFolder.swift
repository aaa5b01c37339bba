import RecurrentCore
import RecurrentData

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The model folder of a training run, written by one process at a time, with its newest checkpoints.
///
/// `training/state.safetensors` is the newest checkpoint; older ones have their steps in their names. Nothing depends
/// on the times of files.
package final class TrainingFolder {
  /// The model folder.
  package let model: ModelFolder
  /// The step of the newest intact checkpoint, from which a run can be resumed; nil before the first save.
  package var savedStep: Int? { model.hasModel ? newest ?? older.last : nil }

  private let keep: Int
  private let notice: (String) -> Void
  private var lock: FolderLock?
  /// The lock of the model folder, which detects that it was removed or replaced.
  private var home: FolderLock?
  /// The step of `state.safetensors`; nil if it is missing or damaged.
  private var newest: Int?
  /// The steps of the earlier checkpoints, oldest first.
  private var older: [Int] = []
  /// Lines of the history that are not yet written.
  private var lines: [UInt8] = []
  /// Whether the removal of checkpoints on a full disk was reported.
  private var hasSaidFull = false

  /// A folder, which need not exist yet. Nothing is read or written before the other functions are called.
  /// - Parameters:
  ///   - model: The model's folder.
  ///   - keep: How many checkpoints are kept, the newest included.
  ///   - notice: Gets a line about what was wrong and is put right.
  /// - Throws: `RecurrentError.invalidArgument` if `keep` is less than 1.
  package init(_ model: ModelFolder, keep: Int = 2, notice: @escaping (String) -> Void = { _ in }) throws {
    guard keep >= 1 else {
      throw RecurrentError(.invalidArgument, "keep is \(keep)", at: "TrainingFolder", remedy: "use 1 or more")
    }
    self.model = model
    self.keep = keep
    self.notice = notice
  }

  private var path: String { model.trainingPath }
  private static let newestName = "state.safetensors"
  private var newestPath: String { "\(path)/\(Self.newestName)" }
  private var historyPath: String { path + "/history.jsonl" }

  private func olderPath(_ step: Int) -> String { "\(path)/state-\(step).safetensors" }

  /// The step in the name of an older checkpoint; nil for other names.
  private static func step(in name: String) -> Int? {
    guard name.hasPrefix("state-"), name.hasSuffix(".safetensors") else { return nil }
    return Int(name.dropFirst(6).dropLast(12))
  }

  /// The steps of the checkpoints besides the newest, oldest first.
  private func olderSteps() -> [Int] {
    ((try? Files.names(in: path)) ?? []).compactMap(TrainingFolder.step).filter { $0 >= 0 }.sorted()
  }

  // MARK: Begin

  /// Prepares the folder for a run, so that an unwritable folder is detected before training: locks it for the lifetime
  /// of this object, creates missing folders, and removes temporary files of killed programs. Does nothing the second
  /// time.
  /// - Throws: `RecurrentError.invalidData` if another run is active there, or the system refuses.
  package func begin() throws {
    guard lock == nil else { return }
    try Files.makeFolder(path)
    lock = try FolderLock(path, of: model.path)
    home = try FolderLock(model.path, of: model.path)
    for folder in [model.path, path] {
      try Files.requireWritable(folder)
      try Files.removeLeftovers(in: folder) {
        ModelFolder.isPart($0) || $0 == Self.newestName || TrainingFolder.step(in: $0) != nil
      }
    }
    if Files.exists(historyPath) { try Files.requireWritable(historyPath) }
    // A run that ended before its first save has no place in the history of the next.
    if !model.hasModel { try cutHistory(afterEpoch: 0) }
  }

  /// Removes the folders of a run without a save.
  package func removeIfEmpty() {
    if !model.hasModel { Files.remove(historyPath) }
    for folder in [path, model.path] { Files.removeEmptyFolder(folder) }
  }

  // MARK: Reading

  /// The newest intact checkpoint: if `state.safetensors` is damaged or missing, the kept one with the highest step,
  /// reported to `notice`. A checkpoint that cannot be read for lack of permission, or was written by a later version,
  /// is not damaged: it is an error, since the next save would replace it.
  /// - Throws: `RecurrentError.invalidModel` if there is none, `.invalidData` if it cannot be read here.
  package func checkpoint() throws -> Checkpoint {
    var faults: [RecurrentError] = []
    let steps = olderSteps()
    for step in [nil] + steps.reversed() {
      let file = step.map(olderPath) ?? newestPath
      do {
        let checkpoint = try read(file)
        newest = step == nil ? checkpoint.step : nil
        older = steps.filter { $0 <= step ?? (checkpoint.step ?? 0) - 1 }
        if let step { notice("\(Self.text(of: faults)); resuming from \(file), step \(step.grouped)") }
        return checkpoint
      } catch let error as RecurrentError where error.kind == .invalidModel {
        faults.append(error)
      }
    }
    guard Files.exists(newestPath) || !steps.isEmpty else {
      throw RecurrentError(
        .invalidModel, "has no training to resume", at: model.path,
        remedy: model.hasModel ? "start a run in another folder" : "start a run without `resume`")
    }
    throw RecurrentError(
      .invalidModel, faults[0].what + faults.dropFirst().map { "; \(Self.text(of: [$0]))" }.joined(),
      at: faults[0].location, remedy: "no other checkpoint is intact: start a new run in another folder")
  }

  private func read(_ file: String) throws -> Checkpoint {
    guard Files.exists(file) else { throw RecurrentError(.invalidModel, "is missing", at: file) }
    try model.placed(file) { try Files.requireFile(file) }
    let bytes = try Files.read(file, limit: .tensors)
    let contents = try model.placed(file) { try Safetensors(parsing: bytes, from: file) }
    if let format = TrainingState.laterFormat(of: contents) {
      throw RecurrentError(
        .invalidData, "is a checkpoint of format \(format), written by a later version of recur", at: file,
        remedy: "use that version")
    }
    return try model.placed(file) {
      let checkpoint = try Checkpoint(contents)
      try checkpoint.state.tensors.requireFinite()
      return checkpoint
    }
  }

  private static func text(of faults: [RecurrentError]) -> String {
    faults.map { "\($0.location ?? ""): \($0.what)" }.joined(separator: "; ")
  }

  // MARK: Writing

  /// Adds a JSON line to the history, written by the next save.
  package func addToHistory(_ line: String) { lines += Array((line + "\n").utf8) }

  /// Saves a model in training: first the history, since a resume removes a line without its checkpoint, but cannot
  /// restore a missing one; then the checkpoint and, the first time, the files that do not change, which is all that a
  /// resume reads; then the weights. The next save repeats failed parts; existing files are kept.
  /// - Parameters:
  ///   - checkpoint: The run at this instant.
  ///   - model: The model in training.
  ///   - savesWeights: Whether the checkpoint's weights become the model's; not if those of another epoch are better.
  /// - Throws: `RecurrentError` if the system refuses, or the model has no vocabulary.
  package func save(_ checkpoint: Checkpoint, of model: some StoredModel, savesWeights: Bool = true) throws {
    try hold()
    let history = Result { try writeHistory() }
    try write(checkpoint)
    if !self.model.hasModel { try self.model.saveDescription(of: model) }
    if savesWeights || !self.model.hasWeights {
      try self.model.saveWeights(checkpoint.state.weights)
    }
    try history.get()
  }

  /// Checks that the folder still belongs to this run.
  private func hold() throws {
    try begin()
    guard let lock, !lock.lies(at: path) else { return }
    (newest, older) = (nil, [])
    let isHome = home?.lies(at: model.path) ?? false
    guard !model.hasModel || isHome && !Files.exists(path) else {
      throw RecurrentError(
        .invalidData, "is not the folder in which the run began", at: model.path,
        remedy: "move it away")
    }
    notice("\(isHome ? path : model.path): was removed during the run and is created again")
    (self.lock, home) = (nil, nil)
    try begin()
  }

  private func writeHistory() throws {
    guard !lines.isEmpty else { return }
    try Files.append(lines, to: historyPath)
    lines = []
  }

  private func write(_ checkpoint: Checkpoint) throws {
    let bytes = try checkpoint.safetensors().serialized()
    makeRoom(for: bytes.count)
    var older = older
    try Files.replace(newestPath, with: bytes) {
      // The last one gets its second name before the new one takes the first: there is a whole one at every instant.
      guard let newest, newest != checkpoint.step, keep > 1 else { return }
      if (try? Files.link(newestPath, as: olderPath(newest))) != nil { older.append(newest) }
    }
    newest = checkpoint.step
    self.older = older.filter { $0 < checkpoint.step ?? 0 }.suffix(keep - 1)
    // Also those of a run that was here before, or of steps that are to come again.
    for step in olderSteps() where !self.older.contains(step) { Files.remove(olderPath(step)) }
  }

  /// Removes the oldest checkpoints if the disk is full; the newest is kept until the next is complete. The weights,
  /// which are no larger than the checkpoint, are written after it.
  private func makeRoom(for bytes: Int) {
    for step in olderSteps() where !Files.hasRoom(for: 2 * bytes, in: path) {
      if !hasSaidFull {
        notice("\(path): the disk is full; older checkpoints are removed to free space")
      }
      hasSaidFull = true
      Files.remove(olderPath(step))
      older.removeAll { $0 == step }
    }
  }

  /// Removes the lines of the history after an epoch, from which a run is resumed.
  /// - Throws: `RecurrentError.invalidData` if the system refuses.
  package func cutHistory(afterEpoch epoch: Int) throws {
    guard Files.exists(historyPath) else { return }
    try Files.requireFile(historyPath)
    let bytes = try Files.read(historyPath, limit: .list)
    let rest = Self.history(bytes, upTo: epoch)
    guard rest != bytes else { return }
    // Mostly lines at the end are dropped, which needs no room on a disk that may be full.
    if bytes.starts(with: rest) {
      try Files.shorten(historyPath, to: rest.count)
    } else {
      try Files.replace(historyPath, with: rest)
    }
  }

  /// The lines of a history up to an epoch. Others are removed: a crash of the machine may leave a partial line, or
  /// zeros.
  package static func history(_ bytes: [UInt8], upTo epoch: Int) -> [UInt8] {
    struct Line: Decodable { let epoch: Int }
    let lines = bytes.split(separator: UInt8(ascii: "\n")).filter { line in
      (try? JSON.decode(Line.self, from: line)).map { $0.epoch <= epoch } ?? false
    }
    return lines.reduce(into: []) { $0 += $1 + [UInt8(ascii: "\n")] }
  }
}
