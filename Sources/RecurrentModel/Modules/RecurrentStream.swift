import RecurrentCore

/// Recurrent layers that read one step at a time: live inference. The state stays on the device from step to step; memory,
/// packed weights and calls are prepared once, so that a step allocates and copies nothing. Batch size N, D features, H units.
///
/// The layers' parameters must not change while a stream is in use, or a step throws.
public final class RecurrentStream {
  /// The batch size, N.
  public let batchSize: Int
  /// The prepared passes of the steps.
  package let backend: any Backend
  /// The last layer's h after the last step, `[N, H]`, in one of two alternating slots.
  package var output: Region { outputs[slot] }
  /// The last layer's h if the state is in a slot, `[N, H]`.
  let outputs: [Region]
  /// Which of the layers' two slots holds the state. A step reads that one and fills the other.
  private(set) var slot = 0
  private let input: Region?
  private let layers: [StreamLayer]
  private let versions: ParameterVersions

  /// A stream that starts from a state of 0 and reads features.
  /// - Parameters:
  ///   - rnn: Layers on a device, alone or in a model.
  ///   - batchSize: The number of parallel sequences.
  /// - Throws: `RecurrentError.invalidArgument` if the layers are bidirectional or `batchSize` is not positive, `.device` if
  ///   the layers are not on a device.
  public convenience init(_ rnn: RecurrentStack, batchSize: Int = 1) throws {
    try requireSizes([("the batch size", batchSize)], at: "RecurrentStream")
    guard let backend = rnn.namedParameters.first?.parameter.place?.placement.backend else {
      throw RecurrentError(
        .device, "the layers are not on a device", at: "RecurrentStream",
        remedy: "call move(to:) on the model that owns them first")
    }
    let x = try backend.allocate(rows: batchSize, columns: rnn.inputSize)
    try self.init(rnn, batchSize: batchSize, on: backend, input: .features(x))
  }

  /// A stream whose first layer reads the content of `input` when a step runs.
  init(_ rnn: RecurrentStack, batchSize: Int, on backend: any Backend, input: CellInput) throws {
    guard !rnn.isBidirectional else {
      throw RecurrentError(
        .invalidArgument, "the layers are bidirectional", at: "RecurrentStream",
        remedy: "use forward layers, or run whole sequences")
    }
    var layers: [StreamLayer] = []
    for cell in rnn.cells.joined() {
      let below = layers.last?.h
      layers.append(
        try StreamLayer(cell, batchSize: batchSize, on: backend) { slot in
          below.map { .features($0[1 - slot]) } ?? input
        })
    }
    self.batchSize = batchSize
    self.backend = backend
    self.layers = layers
    versions = ParameterVersions(rnn.parameters)
    outputs =
      try layers.last?.h ?? [Region](repeating: backend.allocate(rows: batchSize, columns: rnn.outputSize), count: 2)
    self.input = if case .features(let x) = input { x } else { nil }
  }

  /// Reads features `[N, D]`, row after row, and gives the last layer's h `[N, H]`.
  /// - Throws: `RecurrentError.shapeMismatch` if there are not N·D of them.
  public func callAsFunction(_ x: [Float]) throws -> [Float] {
    try upload(x)
    try step()
    return try backend.download(output)
  }

  private func upload(_ x: [Float]) throws {
    try check(x)
    if let input { try backend.upload(x, to: input) }
  }

  private func check(_ x: [Float]) throws {
    guard let input else { return }
    guard x.count == input.count else {
      throw RecurrentError(
        .shapeMismatch, "\(x.count) features, not \(batchSize) × \(input.columns)", at: "RecurrentStream",
        remedy: "give one step of each row")
    }
  }

  /// Reads a sequence of steps, each with features `[N, D]`, and gives the last layer's h `[N, H]` after the last of them: what a
  /// forecast knows of the past.
  /// - Throws: `RecurrentError.shapeMismatch` unless each step has N·D features, and there is at least one.
  public func read(_ steps: [[Float]]) throws -> [Float] {
    guard let last = steps.last else {
      throw RecurrentError(
        .shapeMismatch, "the sequence has no steps", at: "RecurrentStream", remedy: "give at least one step")
    }
    // All of them before the first moves the state.
    try steps.forEach(check)
    for step in steps.dropLast() {
      try upload(step)
      try self.step()
    }
    return try self(last)
  }

  /// Runs a step on the content of the first layer's input.
  func step() throws {
    try versions.check(since: ParameterVersions.inUse, at: "RecurrentStream", remedy: ParameterVersions.newStream)
    for layer in layers { try layer.steps[slot]() }
    slot = 1 - slot
  }

  /// Resets the state to 0.
  /// - Throws: Errors of the device.
  public func reset() throws {
    for layer in layers {
      for states in [layer.h, layer.c].compactMap(\.self) { try backend.fill(states[slot], with: 0) }
    }
  }

  /// Continues from the final state of whole sequences.
  /// - Throws: `RecurrentError.shapeMismatch` if it is for other layers or rows.
  public func resume(from state: RecurrentState) throws {
    let due = [layers.count, batchSize, output.columns]
    guard state.h.shape == due, state.h.tape.backend === backend, (state.c == nil) == (layers[0].c == nil) else {
      throw RecurrentError(
        .shapeMismatch, "the state has shape \(state.h.shape), not \(due)", at: "RecurrentStream",
        remedy: "use a state of the same layers, device and rows")
    }
    for (place, layer) in layers.enumerated() {
      try backend.copy(Copy(state.h.step(place).region, into: .set(layer.h[slot])))
      guard let c = layer.c, let from = state.c else { continue }
      try backend.copy(Copy(from.step(place).region, into: .set(c[slot])))
    }
  }
}

/// A layer's state in two slots, and two prepared steps: from slot 0 to slot 1, and from slot 1 to slot 0.
private struct StreamLayer {
  let h: [Region]
  let c: [Region]?
  let steps: [() throws -> Void]

  /// - Parameter input: The input of the step that reads the state from `slot`.
  init(_ parameters: CellParameters, batchSize: Int, on backend: any Backend, input: (_ slot: Int) -> CellInput) throws
  {
    let cell = parameters.cell
    let slots = { try backend.allocate(rows: 2 * batchSize, columns: cell.hiddenSize) }
    let (h, c) = (try slots(), try cell.kind.hasCellState ? slots() : nil)
    let reserve = try backend.allocate(columns: backend.reserveCount(cell, steps: 1, batch: batchSize))
    let weights = try parameters.weights(on: backend)
    // Backwards through time, a sequence of one step reads slot 1 and fills slot 0.
    let passes = try [false, true].map { isReversed in
      let sequence = try CellSequence(
        cell, steps: 1, batch: batchSize, isReversed: isReversed, input: input(isReversed ? 1 : 0), weights: weights,
        h: h,
        c: c, reserve: reserve)
      let initial = sequence.initialSlot
      return try SequenceForward(
        sequence, initialH: sequence.slot(initial, of: h), initialC: c.map { sequence.slot(initial, of: $0) })
    }
    steps = try backend.prepare(passes)
    let parts = { (states: Region) in [states.rows(0..<batchSize), states.rows(batchSize..<2 * batchSize)] }
    (self.h, self.c) = (parts(h), c.map(parts))
  }
}
