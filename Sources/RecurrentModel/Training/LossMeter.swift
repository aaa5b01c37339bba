import RecurrentCore

/// Sums losses on the device, so that a step does not wait for them.
///
/// Every `interval` additions the sum moves to the host, into a Double: at the same places in every run, so that a run that
/// was stopped and resumed sums in the same order.
package final class LossMeter {
  static let interval = 128

  private let backend: any Backend
  /// The sum on the device, `[1, 1]`, since the last transfer to the host.
  private let pending: Region
  /// `pending` on the host; nil after an addition.
  private var pendingOnHost: Float? = 0
  private var sum = 0.0
  private(set) var weight = 0.0
  /// The number of items, for rates; not saved, as it belongs to this process.
  private(set) var items = 0
  private var additions = 0

  /// A meter that sums in `pending`, an element that is 0, or in a new one.
  package init(_ backend: any Backend, in pending: Region? = nil) throws {
    self.backend = backend
    self.pending = try pending ?? backend.allocate(columns: 1)
  }

  /// Adds `weight · loss`.
  /// - Throws: `RecurrentError.shapeMismatch` if the loss is no scalar, `.invalidArgument` if its weight or count is not one.
  func add(_ batch: BatchLoss) throws {
    try batch.check()
    // A batch in which nothing counts has no mean.
    if batch.weight > 0 {
      let loss = try batch.loss.region.reshaped(rows: 1, columns: 1)
      try backend.scale(Scale(loss, by: Float(batch.weight), into: .add(pending)))
      pendingOnHost = nil
    }
    weight += batch.weight
    items = [items, batch.items].saturatingSum
    additions += 1
    guard additions % LossMeter.interval == 0 else { return }
    sum = try total()
    try setPending(0)
  }

  /// The sum of the weighted losses; waits for the device, unless it was read since the last addition.
  func total() throws -> Double { try sum + Double(readPending()) }

  private func readPending() throws -> Float {
    let value = try pendingOnHost ?? backend.download(pending)[0]
    pendingOnHost = value
    return value
  }

  /// Sets the downloaded value of `pending`.
  func notePending(_ value: Float) { pendingOnHost = value }

  private func setPending(_ value: Float) throws {
    try backend.fill(pending, with: value)
    pendingOnHost = value
  }

  /// Resets the sum.
  func clear() throws {
    try setPending(0)
    (sum, weight, items, additions) = (0, 0, 0, 0)
  }

  /// Saves its state to a training state.
  func save(to state: inout TrainingState) throws {
    state.tensors["loss.pending"] = try HostTensor(shape: [1], values: [readPending()])
    state.integers["loss.sum"] = sum.bitPattern
    state.integers["loss.weight"] = weight.bitPattern
    state.integers["loss.additions"] = UInt64(additions)
  }

  /// Restores a saved state.
  func restore(from state: TrainingState) throws {
    try backend.upload(state.tensor("loss.pending").values, to: pending)
    pendingOnHost = nil
    sum = try Double(bitPattern: state.integer("loss.sum"))
    weight = try Double(bitPattern: state.integer("loss.weight"))
    additions = try state.count("loss.additions")
    items = 0
  }
}

extension LossMeter {
  /// The loop of every evaluation: resets the sum, runs a body for each batch, in a separate pass in evaluation mode,
  /// and adds its loss. The carried states start empty.
  /// - Throws: `CancellationError` if `shouldStop` returned true before the last batch.
  package func measure<Batch>(
    _ batches: some Sequence<Batch>, on tape: Tape, shouldStop: () -> Bool = { false },
    loss: (Batch, [RecurrentState]) throws -> BatchLoss
  ) throws {
    let mode = tape.mode
    tape.mode = .evaluation
    defer { tape.mode = mode }
    try clear()
    var carried: [RecurrentState] = []
    for batch in batches {
      if shouldStop() { throw CancellationError() }
      tape.reset()
      let result = try loss(batch, carried)
      try add(result)
      carried = try result.carried.map { try $0.detached() }
    }
  }

  /// The mean loss, as `mean()`; if the total weight is 0, another value.
  package func mean(ifEmpty value: Double) throws -> Double { weight > 0 ? try mean() : value }

  /// The mean loss; waits for the device.
  /// - Throws: `RecurrentError.invalidData` if nothing counts, `.diverged` if the mean is not finite.
  package func mean() throws -> Double {
    guard weight > 0 else {
      throw RecurrentError(
        .invalidData, "nothing to evaluate", at: "evaluation",
        remedy: "give more data, or shorter sequences or fewer rows")
    }
    let mean = try total() / weight
    guard mean.isFinite else {
      throw RecurrentError(
        .diverged, "the mean loss is not finite", at: "evaluation",
        remedy: "use weights from before the training diverged, or train again with a lower learning rate")
    }
    return mean
  }
}
