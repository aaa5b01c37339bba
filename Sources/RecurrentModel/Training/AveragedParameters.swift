import RecurrentCore

/// The average of a model's parameters over the training (Polyak and Juditsky, 1992), on its device, in one buffer.
///
/// An exponential moving average starts with the values after the first step. After the n-th of the following steps it becomes
/// `average + (1 − d) · (values − average)` with `d = min(decay, (1 + n) / (10 + n))`, the warm-up of TensorFlow's
/// `ExponentialMovingAverage`: with `decay` alone, the values of the first step would weigh most for `1 / (1 − decay)` steps. A mean over
/// the last epochs starts with the values after the first of them; after the n-th, `1 − d` is `1 / n`. A frozen parameter has no
/// average; once it is unfrozen, its average starts with the next values.
final class AveragedParameters {
  /// Whether the parameters have the averages as values. The trained values are kept meanwhile.
  private(set) var isUsed = false

  /// The epochs in a mean over epochs, from 0; empty if there is none.
  private(set) var epochs = 0..<0

  private let averaging: WeightAveraging
  private let placed: PlacedParameters
  private var backend: any Backend { placed.placement.backend }
  /// In the layout of the values: the averages; while they are used, the trained values.
  let averages: Region
  private let scratch: Region
  private var hasAverage: [Bool]
  /// While averages are used: the versions of the parameters that have them.
  private var exchanged: [Int: Int] = [:]

  /// The number of averages and scratch elements on the device per parameter element.
  static let memoryCount = 2

  /// Memory for the averages of a model.
  /// - Throws: `RecurrentError.invalidArgument` if the decay is not in `0 ..< 1`, the number of epochs is not positive, or a parameter is
  ///   sparse; `.outOfMemory`.
  init(of placed: PlacedParameters, _ averaging: WeightAveraging) throws {
    switch averaging {
    case .exponential(let decay) where !(decay >= 0 && decay < 1):
      throw RecurrentError(
        .invalidArgument, "the decay of the averaged weights is \(decay)", at: "Trainer",
        remedy: "use a value from 0 to below 1")
    case .lastEpochs(let epochs): try requirePositive([("the number of averaged epochs", epochs)], at: "Trainer")
    case .exponential: break
    }
    if let sparse = placed.parameters.first(where: { $0.parameter.place?.rows != nil }) {
      throw RecurrentError(
        .invalidArgument, "averaging is not supported for \(sparse.name), which is sparse", at: "Trainer",
        remedy: "use no averaging, or a dense embedding")
    }
    self.averaging = averaging
    self.placed = placed
    let room = {
      try memory(for: "the averaged weights") {
        try placed.placement.backend.allocate(columns: placed.placement.values.count)
      }
    }
    (averages, scratch) = try (room(), room())
    hasAverage = placed.parameters.map { _ in false }
  }

  /// Whether there may be no averages after some steps.
  var mayBeEmpty: Bool { if case .lastEpochs = averaging { true } else { false } }

  /// Averages the values after a step, in an exponential moving average.
  /// - Parameter step: The number of steps before it.
  func update(step: Int) throws {
    guard case .exponential(let decay) = averaging else { return }
    try add(weight: 1 - min(decay, Float(1 + step) / Float(10 + step)))
  }

  /// Averages the values after an epoch, in a mean over epochs; does nothing for one that is in the mean. A mean that has earlier
  /// epochs than the last ones, since the run has more of them than before, is dropped.
  /// - Parameters:
  ///   - epoch: The epoch, from 0.
  ///   - total: The number of epochs of the run.
  func endEpoch(_ epoch: Int, of total: Int) throws {
    guard case .lastEpochs(let last) = averaging, epoch >= epochs.upperBound else { return }
    try use(false)
    let first = total - last
    if epochs.lowerBound < first || epochs.upperBound < epoch {
      epochs = epoch..<epoch
      hasAverage = hasAverage.map { _ in false }
    }
    guard epoch >= first else { return }
    epochs = epochs.lowerBound..<epoch + 1
    try add(weight: 1 / Float(epochs.count))
  }

  /// Adds the values to the averages with a weight in `0 ... 1`.
  private func add(weight: Float) throws {
    noteFrozen()
    for (values, average, scratch) in try parts(where: { hasAverage[$0] }) {
      try backend.combine(Combine(.subtract, values, average, into: .set(scratch)))
      try backend.scale(Scale(scratch, by: weight, into: .add(average)))
    }
    let isNew = placed.parameters.indices.map { !hasAverage[$0] && !placed.parameters[$0].parameter.isFrozen }
    for (values, average, _) in try parts(where: { isNew[$0] }) { try backend.copy(Copy(values, into: .set(average))) }
    for index in isNew.indices where isNew[index] { hasAverage[index] = true }
  }

  /// Gives the parameters their averages, or the trained values again. Those that were set by hand meanwhile keep their values.
  func use(_ averages: Bool) throws {
    guard averages != isUsed else { return }
    let parameters = placed.parameters.map(\.parameter)
    if averages {
      noteFrozen()
      exchanged = parameters.indices.reduce(into: [:]) { if hasAverage[$1] { $0[$1] = parameters[$1].version } }
    } else {
      for (index, version) in exchanged where parameters[index].version != version {
        exchanged[index] = nil
        hasAverage[index] = false
      }
    }
    for (values, average, scratch) in try parts(where: { exchanged[$0] != nil }) {
      try backend.copy(Copy(values, into: .set(scratch)))
      try backend.copy(Copy(average, into: .set(values)))
      try backend.copy(Copy(scratch, into: .set(average)))
    }
    for index in exchanged.keys {
      parameters[index].noteChange()
      exchanged[index] = parameters[index].version
    }
    isUsed = averages
  }

  /// Runs a body while the parameters have their averages, or the trained values.
  func using<Value>(_ averages: Bool, _ body: () throws -> Value) throws -> Value {
    let before = isUsed
    try use(averages)
    let result = Result { try body() }
    try use(before)
    return try result.get()
  }

  // MARK: Saving

  /// The averages by the names of their parameters. The parameters must have the trained values.
  func stateDictionary() throws -> StateDictionary {
    noteFrozen()
    var dictionary: StateDictionary = [:]
    for (index, named) in placed.parameters.enumerated() where hasAverage[index] {
      dictionary[named.name] = try HostTensor(
        shape: named.parameter.shape, values: backend.download(region(index)))
    }
    return dictionary
  }

  /// Restores averages, after the trained values were restored.
  /// - Parameters:
  ///   - dictionary: The averages by the names of their parameters.
  ///   - epochs: The value of `epochs` with them.
  /// - Throws: `RecurrentError.invalidModel`, which names the tensors that are unexpected or misshapen.
  func load(_ dictionary: StateDictionary, epochs: Range<Int>) throws {
    if let faults = dictionary.faults(missing: [], among: placed.parameters.map { ($0.name, $0.parameter.shape) }) {
      throw RecurrentError(
        .invalidModel, "the averaged weights do not match the model: " + faults, at: "Trainer",
        remedy: "use the model that wrote it")
    }
    (isUsed, exchanged, self.epochs) = (false, [:], epochs)
    for (index, named) in placed.parameters.enumerated() {
      let average = dictionary[named.name]
      hasAverage[index] = average != nil
      if let average { try backend.upload(average.values, to: region(index)) }
    }
  }

  // MARK: Regions

  /// A frozen parameter keeps its values, also if it was averaged before.
  private func noteFrozen() {
    for (index, named) in placed.parameters.enumerated() where named.parameter.isFrozen { hasAverage[index] = false }
  }

  private func region(_ index: Int) throws -> Region {
    try requirePlace()
    let parameter = placed.parameters[index].parameter
    let offset = parameter.place?.offset ?? 0
    return averages.columns(offset..<offset + parameter.count)
  }

  /// The values, averages and scratch memory of some parameters, adjacent ones joined.
  private func parts(where isIncluded: (Int) -> Bool) throws -> [(values: Region, average: Region, scratch: Region)] {
    try requirePlace()
    return placed.ranges { isIncluded($0) ? $2.count.aligned : 0 }.map {
      (placed.placement.values.columns($0), averages.columns($0), scratch.columns($0))
    }
  }

  private func requirePlace() throws {
    guard placed.areThere else {
      throw RecurrentError(
        .device, "the model was moved after the trainer was created", at: "Trainer", remedy: "create a new trainer")
    }
  }
}
