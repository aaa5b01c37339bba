import RecurrentCore

/// The complete state of a run, which continues from it as if uninterrupted: named tensors and integers, on the host.
///
/// Tensors: `model.…`, `average.…`, `optimizer.…`, `carried.0.h`, `loss.pending`. Integers: `epoch`, `batch`, `step`, `seed` and others,
/// Doubles by their bits. A learning rate that was set after the optimizer was made is among them.
/// ```swift
/// try trainer.state().write(to: "run.safetensors")
/// try trainer.restore(TrainingState(contentsOf: "run.safetensors"))
/// ```
public struct TrainingState: Hashable, Sendable {
  /// The tensors by name.
  package var tensors: StateDictionary
  /// The integers by name.
  package var integers: [String: UInt64]

  /// A state from its parts.
  package init(tensors: StateDictionary = [:], integers: [String: UInt64] = [:]) {
    self.tensors = tensors
    self.integers = integers
  }

  /// The weights of the model for use: the averaged ones, where there are any.
  package var weights: StateDictionary { tensors(under: "model").merging(tensors(under: "average")) { $1 } }

  /// The tensors whose names start with `prefix` and a dot, without it.
  package func tensors(under prefix: String) -> StateDictionary {
    let prefix = prefix + "."
    return Dictionary(
      uniqueKeysWithValues: tensors.compactMap { name, tensor in
        name.hasPrefix(prefix) ? (String(name.dropFirst(prefix.count)), tensor) : nil
      })
  }

  /// Adds tensors with the names prefixed by `prefix` and a dot.
  package mutating func insert(_ dictionary: StateDictionary, under prefix: String) {
    for (name, tensor) in dictionary { tensors["\(prefix).\(name)"] = tensor }
  }

  func tensor(_ name: String) throws -> HostTensor {
    guard let tensor = tensors[name] else { throw missing(name) }
    return tensor
  }

  func integer(_ name: String) throws -> UInt64 {
    guard let integer = integers[name] else { throw missing(name) }
    return integer
  }

  /// A counter.
  func count(_ name: String) throws -> Int {
    let integer = try integer(name)
    // Far more than any run counts, far from overflow.
    guard let count = Int(exactly: integer), count < 1 << 53 else {
      throw RecurrentError(
        .invalidModel, "the training state's \(name) is \(integer)", remedy: "it is damaged: start a new run")
    }
    return count
  }

  /// The epochs in a mean over epochs; empty for a state of a version that had none.
  func averagedEpochs() throws -> Range<Int> {
    guard integers["averagedFrom"] != nil else { return 0..<0 }
    let from = try count("averagedFrom")
    return from..<max(from, try count("averagedTo"))
  }

  private func missing(_ name: String) -> RecurrentError {
    RecurrentError(.invalidModel, "the training state has no \(name)", remedy: "start a new run")
  }
}

extension Trainer {
  /// The complete state of the run, after a check that all values are finite.
  /// - Throws: `RecurrentError.diverged` if it is not: non-finite values are never saved. `.invalidArgument` within a step that
  ///   accumulates gradients.
  public func state() throws -> TrainingState {
    guard accumulated == 0 else {
      throw RecurrentError(
        .invalidArgument, "\(accumulated) of \(accumulation) batches of a step are done", at: "Trainer",
        remedy: "save after a complete step")
    }
    try checkFinite()
    try requireMemoryForState()
    var state = TrainingState()
    try withWeights(averaged: false) {
      try state.insert(model.stateDictionary(), under: "model")
      if let averages { try state.insert(averages.stateDictionary(), under: "average") }
    }
    try state.insert(optimizer.stateDictionary(), under: "optimizer")
    for (index, carried) in carried.enumerated() {
      try state.insert(carried.hostTensors(), under: "carried.\(index)")
    }
    try meter.save(to: &state)
    state.integers["epoch"] = UInt64(progress.epoch)
    state.integers["batch"] = UInt64(progress.batch)
    state.integers["step"] = UInt64(progress.step)
    state.integers["seed"] = tape.seed
    state.integers["randomStep"] = tape.step
    state.integers["carried"] = UInt64(carried.count)
    if let averages {
      state.integers["averagedFrom"] = UInt64(averages.epochs.lowerBound)
      state.integers["averagedTo"] = UInt64(averages.epochs.upperBound)
    }
    if optimizer.hasNewRate { state.integers["learningRate"] = optimizer.learningRate.bitPattern }
    return state
  }

  /// Checks that there is memory for all values, as downloaded, as tensors of a file, and as its bytes.
  /// - Throws: `RecurrentError.outOfMemory` if a checkpoint could not be made.
  package func requireMemoryForState() throws {
    let bytes = 4 * placed.placement.values.count * (1 + optimizer.stateCount + (averages == nil ? 0 : 1))
    try HostMemory.require(
      3 * bytes, for: "a checkpoint of \(bytes.asBytes)", at: "training",
      remedy: "free memory, or use a smaller model")
  }

  /// Continues from a saved state, on this device or another. On the same device and variant the run gives the same
  /// bits as an uninterrupted one.
  /// - Throws: `RecurrentError.invalidModel` if the state is of another model or optimizer, or has averaged weights and the trainer does
  ///   not, or the reverse.
  public func restore(_ state: TrainingState) throws {
    let average = state.tensors(under: "average")
    let step = try state.count("step")
    guard average.isEmpty == (averages == nil || step == 0) || (average.isEmpty && averages?.mayBeEmpty == true) else {
      throw RecurrentError(
        .invalidModel, "the training state has \(average.isEmpty ? "no " : "")averaged weights", at: "Trainer",
        remedy: "create the trainer \(average.isEmpty ? "without" : "with") averaging")
    }
    try model.load(state.tensors(under: "model"))
    try averages?.load(average, epochs: state.averagedEpochs())
    try optimizer.load(state.tensors(under: "optimizer"))
    try meter.restore(from: state)
    if let rate = state.integers["learningRate"] { optimizer.learningRate = Double(bitPattern: rate) }
    forgetLatestLoss()
    carried = []
    for index in try 0..<state.count("carried") {
      try carried.append(RecurrentState(state.tensors(under: "carried.\(index)"), on: tape))
    }
    progress = try TrainingProgress(
      epoch: state.count("epoch"), batch: state.count("batch"), step: step)
    tape.seed = try state.integer("seed")
    tape.step = try UInt64(state.count("randomStep"))
  }
}
