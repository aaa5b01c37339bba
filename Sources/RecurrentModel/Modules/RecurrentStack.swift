import RecurrentCore

/// Stacked recurrent layers, in one direction or two: the base class of Elman, LSTM and GRU.
///
/// T steps, batch size N, L layers, D directions, H units. Parameters have PyTorch's names: `weight_ih_l0`,
/// `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`, `…_l0_reverse`.
public class RecurrentStack: Layer {
  /// The kind of cell.
  public let kind: CellKind
  /// The number of input features.
  public let inputSize: Int
  /// The number of hidden units H.
  public let hiddenSize: Int
  /// The number of layers L.
  public let layerCount: Int
  /// Whether each layer also runs in reverse.
  public let isBidirectional: Bool
  /// Dropout probability between layers, in training: unused with one layer, as in PyTorch.
  public let dropout: Float
  /// The bias vectors.
  public let bias: CellBias
  /// Whether inputs and outputs are `[N, T, …]`.
  public let isBatchFirst: Bool

  /// The largest number of layers: each allocates objects, and deeper stacks do not train.
  private static let mostLayers = 10_000

  // [layer][direction]
  let cells: [[CellParameters]]

  /// Runs the layers step by step and keeps their states, while gradient flow is measured.
  var recorder: StateRecorder?

  init(
    _ kind: CellKind, input: Int, hidden: Int, layers: Int, dropout: Float, bidirectional: Bool, bias: CellBias,
    batchFirst: Bool, initialization: RecurrentInitialization?
  ) throws {
    let place = "\(Self.self)"
    try requireSizes([("input", input), ("hidden", hidden), ("layers", layers)], at: place)
    guard layers <= Self.mostLayers else {
      throw RecurrentError(
        .invalidArgument, "layers is \(layers.grouped)", at: place,
        remedy: "it must be at most \(Self.mostLayers.grouped)")
    }
    try requireProbability(dropout, at: place)
    self.kind = kind
    inputSize = input
    hiddenSize = hidden
    layerCount = layers
    isBidirectional = bidirectional
    self.dropout = dropout
    self.bias = bias
    isBatchFirst = batchFirst
    let directions = bidirectional ? 2 : 1
    let initialization = initialization ?? .standard(hidden: hidden)
    cells = try (0..<layers).map { layer in
      let cell = try CellDescriptor(
        kind, inputSize: layer == 0 ? input : hidden * directions, hiddenSize: hidden, bias: bias)
      return (0..<directions).map {
        CellParameters(cell, suffix: "_l\(layer)" + ($0 == 1 ? "_reverse" : ""), initialization: initialization)
      }
    }
  }

  /// The number of directions D.
  public var directions: Int { isBidirectional ? 2 : 1 }

  /// The number of output features, D·H.
  public var outputSize: Int { directions * hiddenSize }

  /// The parameters under PyTorch's names.
  public var members: [Member] { cells.flatMap { $0.flatMap(\.members) } }

  /// The sizes, and the options that differ from the defaults.
  public var summary: String {
    var parts = ["\(inputSize)", "\(hiddenSize)"]
    if layerCount > 1 { parts.append("layers: \(layerCount)") }
    if dropout > 0 { parts.append("dropout: \(dropout)") }
    if isBatchFirst { parts.append("batch first") }
    parts += cellOptions
    return "\(Self.self)(" + parts.joined(separator: ", ") + ")"
  }

  /// The options of a layer that differ from the defaults.
  var cellOptions: [String] {
    var parts: [String] = []
    if isBidirectional { parts.append("bidirectional") }
    if bias != .both { parts.append("bias: \(bias.rawValue)") }
    switch kind {
    case .elman(let activation): if activation != .tanh { parts.append("\(activation)") }
    case .gru(let convention): if convention != .resetAfter { parts.append("reset before") }
    case .lstm: break
    }
    return parts
  }

  /// Runs the layers over a sequence.
  /// - Parameters:
  ///   - x: `[T, N, input]`, or `[N, T, input]` batch first.
  ///   - state: The initial state; nil for 0.
  ///   - lengths: The number of valid steps per row; past them the output is 0 and the state is kept.
  ///   - resets: The steps before which a row's state is set to 0; marks past a row's length are ignored.
  /// - Returns: The outputs `[T, N, D·H]`, or `[N, T, D·H]` batch first, and the state after each row's last step.
  /// - Throws: `RecurrentError.shapeMismatch` if the input, the state, the lengths or the resets do not match.
  public func callAsFunction(
    _ x: Tensor, state: RecurrentState? = nil, lengths: Lengths? = nil, resets: Resets? = nil
  ) throws -> RecurrentOutput {
    guard x.shape.count == 3, x.shape[2] == inputSize else {
      throw RecurrentError(
        .shapeMismatch, "the input has shape \(x.shape), not [\(isBatchFirst ? "N, T" : "T, N"), \(inputSize)]",
        at: "\(Self.self)")
    }
    guard x.count > 0 else {
      throw RecurrentError(
        .shapeMismatch, "the input of shape \(x.shape) has no steps or no rows", at: "\(Self.self)",
        remedy: "skip empty batches")
    }
    var sequence = isBatchFirst ? try x.swappingLeadingAxes() : x
    let (steps, rows) = (sequence.shape[0], sequence.shape[1])
    try check(state, rows: rows)
    let tape = x.tape
    try lengths?.check(steps: steps, batchSize: rows, on: tape, at: "\(Self.self)")
    try resets?.check(steps: steps, batchSize: rows, on: tape, at: "\(Self.self)")
    let weights = try cells.map { try $0.map { try $0.tensors(on: tape) } }
    let inputs = [x] + [state?.h, state?.c].compactMap { $0 } + weights.flatMap { $0.flatMap(\.tensors) }
    let final = try finalState(rows: rows, from: inputs, on: tape)
    for (layer, weights) in weights.enumerated() {
      if layer > 0 { sequence = try sequence.dropout(dropout) }
      let run = LayerRun(
        cell: cells[layer][0].cell, weights: weights, lengths: lengths?.indices, resets: resets?.indices,
        initial: try state.map { try states($0, layer) }, final: try states(final, layer))
      sequence = try recorder?.run(run, sequence, layer: layer, lengths: lengths) ?? run(sequence)
    }
    return RecurrentOutput(outputs: isBatchFirst ? try sequence.swappingLeadingAxes() : sequence, state: final)
  }

  /// The outputs alone: `[T, N, input] → [T, N, D·H]`.
  /// - Throws: `RecurrentError.shapeMismatch` if the input does not match.
  public func forward(_ x: Tensor) throws -> Tensor { try self(x).outputs }

  private func check(_ state: RecurrentState?, rows: Int) throws {
    guard let state else { return }
    guard (state.c != nil) == kind.hasCellState else {
      throw RecurrentError(
        .shapeMismatch, kind.hasCellState ? "the state has no c" : "the state has a c", at: "\(Self.self)",
        remedy: kind.hasCellState
          ? "give both: RecurrentState(h: h, c: c)" : "only an LSTM has one: RecurrentState(h: h)")
    }
    let due = [layerCount * directions, rows, hiddenSize]
    for (name, part) in [("h", state.h), ("c", state.c)] {
      guard let part, part.shape != due else { continue }
      throw RecurrentError(
        .shapeMismatch, "\(name) of the state has shape \(part.shape), not \(due)", at: "\(Self.self)",
        remedy: "give [layers · directions, rows, hidden]; carry states only between batches of the same size"
      )
    }
  }

  /// Memory for the final states, which the layers fill.
  private func finalState(rows: Int, from inputs: [Tensor], on tape: Tape) throws -> RecurrentState {
    let shape = [layerCount * directions, rows, hiddenSize]
    let part = { try tape.result(tape.allocate(rows: shape.rows, columns: shape.columns), shape: shape, from: inputs) }
    return RecurrentState(h: try part(), c: kind.hasCellState ? try part() : nil)
  }

  /// One layer's part of a state, for each direction. The only one of a layer still knows the table of its rows.
  private func states(_ state: RecurrentState, _ layer: Int) throws -> [(h: Tensor, c: Tensor?)] {
    try (layer * directions..<(layer + 1) * directions).map {
      var h = try state.h.step($0)
      if state.h.shape[0] == 1 { h.lookup = state.h.lookup }
      return (h, try state.c?.step($0))
    }
  }
}
