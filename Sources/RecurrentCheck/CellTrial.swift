import RecurrentCore

/// The size and options of a cell.
struct CellOptions: Sendable, CustomStringConvertible {
  /// The incoming gradients.
  enum Gradients: String, Sendable, CaseIterable {
    case outputs
    case finals
    case all
  }
  /// The requested gradients.
  enum Wanted: String, Sendable, CaseIterable {
    case all
    case parameters
    case inputs
  }

  var kind: CellKind
  var steps: Int
  var batch: Int
  var inputs: Int
  var hidden: Int
  var isReversed = false
  var bias = CellBias.both
  var hasLengths = false
  var hasResets = false
  var hasInitial = false
  var gradients = Gradients.outputs
  var wanted = Wanted.all
  var adds = false
  var isPacked = false
  /// Whether the input is gathered from a table of `inputs` rows.
  var isLookup = false

  /// The group of the case.
  var operation: String {
    switch kind {
    case .elman: "elman"
    case .lstm: "lstm"
    case .gru: "gru"
    }
  }

  var description: String {
    let cell =
      switch kind {
      case .elman(let activation): "elman \(activation)"
      case .lstm: "lstm"
      case .gru(let convention): "gru \(convention)"
      }
    let flags = [
      (isReversed, "reversed"), (hasLengths, "lengths"), (hasResets, "resets"), (hasInitial, "initial"),
      (adds, "add"), (isPacked, "packed"), (isLookup, "lookup"),
    ]
    return "\(cell) T\(steps) N\(batch) D\(inputs) H\(hidden) bias:\(bias) gradients:\(gradients) wanted:\(wanted)"
      + flags.filter(\.0).map { " " + $0.1 }.joined()
  }
}

/// A cell's forward and backward pass on one stage, with all operands laid out at the start.
final class CellTrial {
  let stage: Stage
  let sequence: CellSequence
  private let isStepwise: Bool
  let forwardPass: SequenceForward
  private let backwardPass: SequenceBackward

  init(_ stage: Stage, _ options: CellOptions, isStepwise: Bool = false) throws {
    self.stage = stage
    self.isStepwise = isStepwise
    stage.isPacked = options.isPacked
    let cell = try CellDescriptor(
      options.kind, inputSize: options.inputs, hiddenSize: options.hidden, bias: options.bias)
    let (steps, batch, hidden) = (options.steps, options.batch, options.hidden)
    let state = { () -> Region? in options.hasInitial ? try stage.input(batch, hidden) : nil }
    let cellState = { () -> Region? in cell.kind.hasCellState ? try state() : nil }
    let final = { () -> Region? in
      options.hasInitial ? try stage.output(batch, hidden, terms: options.inputs + hidden).region : nil
    }

    let lengths = options.hasLengths ? randomLengths(stage, steps, batch) : nil
    let resets = options.hasResets ? randomResets(stage, options, lengths) : nil
    let reserve =
      isStepwise
      ? steps * batch * cell.reserveColumns : stage.backend.reserveCount(cell, steps: steps, batch: batch)
    sequence = try CellSequence(
      cell, steps: steps, batch: batch, isReversed: options.isReversed, input: randomInput(stage, options, cell),
      weights: randomWeights(stage, cell), h: stage.result((steps + 1) * batch, hidden, slices: steps + 1),
      c: cell.kind.hasCellState ? stage.result((steps + 1) * batch, hidden, slices: steps + 1) : nil,
      lengths: lengths.map { try stage.indices($0) }, resets: resets.map { try stage.indices($0) },
      reserve: stage.scratch(1, reserve))
    forwardPass = try SequenceForward(
      sequence, initialH: state(), initialC: cellState(), finalH: final(),
      finalC: cell.kind.hasCellState ? final() : nil,
      output: options.hasLengths ? stage.result(steps * batch, hidden, slices: steps) : nil)

    let incoming = { () -> Region? in options.gradients == .outputs ? nil : try stage.input(batch, hidden) }
    let parameter = { (region: Region?) -> Output? in
      guard let region, options.wanted != .inputs else { return nil }
      return try stage.output(region.rows, region.columns, adds: options.adds, terms: steps * batch)
    }
    let initial = { () -> Output? in
      guard options.hasInitial, options.wanted != .parameters else { return nil }
      return try stage.output(batch, hidden, adds: options.adds)
    }
    backwardPass = try SequenceBackward(
      sequence, dOutput: options.gradients == .finals ? nil : stage.input(steps * batch, hidden, -0.5...1),
      dFinalH: incoming(),
      dFinalC: cell.kind.hasCellState ? incoming() : nil,
      dInput: options.wanted == .parameters
        ? nil
        : stage.output(
          sequence.input.region.rows, sequence.input.region.columns, adds: options.adds,
          slices: options.isLookup ? 1 : steps, terms: options.isLookup ? steps * batch : 0),
      dInitialH: initial(), dInitialC: cell.kind.hasCellState ? initial() : nil,
      dWeightIH: options.isLookup ? nil : parameter(sequence.weights.weightIH),
      dWeightHH: parameter(sequence.weights.weightHH),
      dBiasIH: parameter(sequence.weights.biasIH), dBiasHH: parameter(sequence.weights.biasHH),
      startsAtZero: !options.hasInitial)
  }

  func forward() throws {
    if isStepwise {
      try stage.backend.stepwiseForward(forwardPass)
    } else {
      try stage.backend.sequenceForward(forwardPass)
    }
  }

  func backward() throws {
    if isStepwise {
      try stage.backend.stepwiseBackward(backwardPass)
    } else {
      try stage.backend.sequenceBackward(backwardPass)
    }
  }

  /// The pass as a differentiable computation. Each forward pass recomputes the reserve.
  func differentiable() -> Differentiable {
    let (forward, backward, weights) = (forwardPass, backwardPass, sequence.weights)
    let results = [
      (forward.output ?? sequence.outputs, backward.dOutput), (forward.finalH, backward.dFinalH),
      (forward.finalC, backward.dFinalC),
    ]
    let arguments = [
      (sequence.input.region, backward.dInput), (forward.initialH, backward.dInitialH),
      (forward.initialC, backward.dInitialC),
      (weights.weightIH, backward.dWeightIH), (weights.weightHH, backward.dWeightHH),
      (weights.biasIH, backward.dBiasIH), (weights.biasHH, backward.dBiasHH),
    ]
    return Differentiable(
      forward: self.forward, backward: self.backward,
      results: results.compactMap { value, gradient in value.flatMap { value in gradient.map { (value, $0) } } },
      arguments: arguments.compactMap { value, output in
        value.flatMap { value in output.map { (value, $0.region) } }
      })
  }

  /// Replaces the results of the forward pass by those of another backend.
  func takeOver(_ other: CellTrial) throws {
    for (mine, theirs) in [(sequence.h, other.sequence.h), (sequence.c, other.sequence.c)] {
      guard let mine, let theirs else { continue }
      try stage.backend.upload(other.stage.backend.download(theirs), to: mine)
    }
    let (rows, columns) = (sequence.steps * sequence.batch, sequence.cell.reserveColumns)
    let exported = try other.stage.backend.allocate(rows: rows, columns: columns)
    try other.stage.backend.exportReserve(of: other.sequence, to: exported)
    let canonical = try stage.backend.upload(other.stage.backend.download(exported), rows: rows, columns: columns)
    try stage.backend.fill(sequence.reserve, with: .nan)
    try stage.backend.importReserve(of: sequence, from: canonical)
  }
}

/// Unsorted, including 0 and T if there are enough rows.
private func randomLengths(_ stage: Stage, _ steps: Int, _ batch: Int) -> [Int32] {
  var lengths = (0..<batch).map { _ in Int32(stage.random(steps + 1)) }
  if batch >= 3 {
    lengths[0] = Int32(steps / 2)
    lengths[1] = 0
    lengths[batch - 1] = Int32(steps)
  }
  return lengths
}

/// One step in five, including steps past a row's length, where a mark is ignored, and the first step of some row.
private func randomResets(_ stage: Stage, _ options: CellOptions, _ lengths: [Int32]?) -> [Int32] {
  (0..<options.steps * options.batch).map { place in
    let (t, n) = (place / options.batch, place % options.batch)
    let length = lengths.map { Int($0[n]) } ?? options.steps
    let isFirst = t == (options.isReversed ? length - 1 : 0) && n == options.batch - 1
    return stage.random(5) == 0 || isFirst ? 1 : 0
  }
}

/// Features, or rows of a table with as many rows: some repeated, some unused, some indices negative.
private func randomInput(_ stage: Stage, _ options: CellOptions, _ cell: CellDescriptor) throws -> CellInput {
  let rows = options.steps * options.batch
  guard options.isLookup else { return .features(try stage.input(rows, options.inputs)) }
  let indices = (0..<rows).map { _ in Int32(stage.random(options.inputs + 1) - 1) }
  return try .lookup(
    table: stage.input(options.inputs, cell.gateRows), indices: stage.indices(indices),
    occurrences: stage.occurrences(indices))
}

/// Recurrent weights that approximately preserve the size of a gradient from step to step; small biases, since the
/// derivative of a saturated unit, 1 − y², has few digits in Float.
private func randomWeights(_ stage: Stage, _ cell: CellDescriptor) throws -> CellWeights {
  let (input, recurrent) = (1 / Float(cell.inputSize).squareRoot(), 1.5 / Float(cell.hiddenSize).squareRoot())
  return CellWeights(
    weightIH: try stage.input(cell.gateRows, cell.inputSize, -input...input),
    weightHH: try stage.input(cell.gateRows, cell.hiddenSize, -recurrent...recurrent),
    biasIH: cell.bias == .none ? nil : try stage.input(1, cell.gateRows, -0.3...0.3),
    biasHH: cell.bias == .both ? try stage.input(1, cell.gateRows, -0.3...0.3) : nil)
}
