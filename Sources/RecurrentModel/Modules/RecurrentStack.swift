/// Recurrent layers on top of each other, in one direction or two: what Elman, LSTM and GRU share.
///
/// T steps, N rows, L layers, D directions, H units. Parameters have PyTorch's names: `weight_ih_l0`, `weight_hh_l0`,
/// `bias_ih_l0`, `bias_hh_l0`, `…_l0_reverse`.
public class RecurrentStack: Layer {
  /// The equations.
  public let kind: CellKind
  /// The features of an input.
  public let inputSize: Int
  /// H.
  public let hiddenSize: Int
  /// L.
  public let layerCount: Int
  /// Whether each layer also runs from the last step to the first.
  public let isBidirectional: Bool
  /// The share of each layer's output, but the last one's, that is dropped in training: one layer drops nothing, as in
  /// PyTorch.
  public let dropout: Float
  /// Which biases there are.
  public let bias: CellBias
  /// Whether sequences come and go as `[N, T, …]`.
  public let isBatchFirst: Bool

  /// The most layers of a stack: each has objects of its own, and nothing learns through more.
  private static let mostLayers = 10_000

  // [layer][direction]
  let cells: [[CellParameters]]

  /// Runs the layers in steps and keeps their states while a gradient flow is measured.
  var recorder: StateRecorder?

  init(
    _ kind: CellKind, input: Int, hidden: Int, layers: Int, dropout: Float, bidirectional: Bool, bias: CellBias,
    batchFirst: Bool, initialization: RecurrentInitialization?
  ) throws {
    let place = "\(Self.self)"
    try requireSizes([("input", input), ("hidden", hidden), ("layers", layers)], at: place)
    guard layers <= Self.mostLayers else {
      throw RecurrentError(
        .invalidArgument, "layers is \(layers.grouped)", at: place, remedy: "take at most \(Self.mostLayers.grouped)")
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

  /// D.
  public var directions: Int { isBidirectional ? 2 : 1 }

  /// D·H, the features of an output.
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
  ///   - state: The state before the first step, or nil for 0.
  ///   - lengths: How many steps of each row count; past them the output is 0 and the state stays.
  ///   - resets: Where a row's state is taken as 0 before a step; marks past a row's length count nothing.
  /// - Returns: The outputs `[T, N, D·H]`, or `[N, T, D·H]` batch first, and the state after each row's last step.
  /// - Throws: `RecurrentError.shapeMismatch` if the input, the state, the lengths or the resets do not fit.
  public func callAsFunction(
    _ x: Tensor, state: RecurrentState? = nil, lengths: Lengths? = nil, resets: Resets? = nil
  ) throws -> RecurrentOutput {
    guard x.shape.count == 3, x.shape[2] == inputSize else {
      throw RecurrentError(
        .shapeMismatch, "an input of shape \(x.shape) where [\(isBatchFirst ? "N, T" : "T, N"), \(inputSize)] is due",
        at: "\(Self.self)")
    }
    guard x.count > 0 else {
      throw RecurrentError(
        .shapeMismatch, "an input of shape \(x.shape), without a step or a row", at: "\(Self.self)",
        remedy: "leave empty batches out")
    }
    var sequence = isBatchFirst ? try x.swappingLeadingAxes() : x
    let (steps, rows) = (sequence.shape[0], sequence.shape[1])
    try check(state, rows: rows)
    let tape = x.tape
    try lengths?.check(steps: steps, rows: rows, on: tape, at: "\(Self.self)")
    try resets?.check(steps: steps, rows: rows, on: tape, at: "\(Self.self)")
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
  /// - Throws: `RecurrentError.shapeMismatch` if the input does not fit.
  public func forward(_ x: Tensor) throws -> Tensor { try self(x).outputs }

  private func check(_ state: RecurrentState?, rows: Int) throws {
    guard let state else { return }
    guard (state.c != nil) == kind.hasCellState else {
      throw RecurrentError(
        .shapeMismatch, kind.hasCellState ? "a state without c" : "a state with c", at: "\(Self.self)",
        remedy: kind.hasCellState
          ? "give both parts: RecurrentState(h: h, c: c)" : "only an LSTM has one: RecurrentState(h: h)")
    }
    let due = [layerCount * directions, rows, hiddenSize]
    for (name, part) in [("h", state.h), ("c", state.c)] {
      guard let part, part.shape != due else { continue }
      throw RecurrentError(
        .shapeMismatch, "a state whose \(name) has shape \(part.shape) where \(due) is due", at: "\(Self.self)",
        remedy: "give [layers · directions, rows, hidden]; carry states only between batches of the same number of rows"
      )
    }
  }

  /// Room for the final states, which the layers fill.
  private func finalState(rows: Int, from inputs: [Tensor], on tape: Tape) throws -> RecurrentState {
    let shape = [layerCount * directions, rows, hiddenSize]
    let part = { try tape.result(tape.allocate(rows: shape.rows, columns: shape.columns), shape: shape, from: inputs) }
    return RecurrentState(h: try part(), c: kind.hasCellState ? try part() : nil)
  }

  /// One layer's part of a state, for each direction.
  private func states(_ state: RecurrentState, _ layer: Int) throws -> [(h: Tensor, c: Tensor?)] {
    try (layer * directions..<(layer + 1) * directions).map { (try state.h.step($0), try state.c?.step($0)) }
  }
}
