import RecurrentCore

/// An attention mechanism over a sequence: each query scores every step of a memory, a softmax over the valid steps
/// turns scores into weights, and the result is the weighted mean of the memory's values.
///
/// Batch size N, Q queries, T steps of a memory, D and V features. A decoder that attends to the outputs of an encoder:
/// ```swift
/// let memory = try attention.memory(encoded.outputs, lengths: tokens.lengths)
/// let attended = try attention(decoded, memory)
/// let readout = try Tensor.concatenate([decoded, attended.context])
/// ```
/// `memory` computes everything that does not depend on the query, so a step-by-step decoder calls it once before its
/// loop.
public protocol Attention: Module {
  /// Prepares a sequence as a memory.
  /// - Parameters:
  ///   - states: `[T, N, V]`, time first.
  ///   - lengths: The number of valid steps per row; nil if all are valid.
  /// - Throws: `RecurrentError.shapeMismatch`.
  func memory(_ states: Tensor, lengths: Lengths?) throws -> AttentionMemory

  /// The scores of queries `[Q, N, D]` against all steps of a memory, before the softmax: `[N, Q, T]`.
  /// - Throws: `RecurrentError.shapeMismatch`.
  func scores(_ queries: Tensor, _ memory: AttentionMemory) throws -> Tensor
}

extension Attention {
  /// Prepares a sequence `[T, N, V]`, all of whose steps are valid, as a memory.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public func memory(_ states: Tensor) throws -> AttentionMemory { try memory(states, lengths: nil) }

  /// Attends to a memory.
  /// - Parameters:
  ///   - queries: `[Q, N, D]`, time first; or one query per row, `[N, D]`: a decoder's state.
  ///   - memory: The memory to attend to.
  ///   - mask: 0 for masked steps, of a shape that broadcasts to `[N, Q, T]`: `tape.causalMask(T)`, for example. A mask
  ///     of two axes is `[Q, T]`, or `[N, T]` for one query per row.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public func callAsFunction(_ queries: Tensor, _ memory: AttentionMemory, mask: Tensor? = nil) throws
    -> AttentionOutput
  {
    if queries.shape.count == 2 {
      let mask = try mask.map { $0.shape.count == 2 ? try $0.reshaped([$0.shape[0], 1, $0.shape[1]]) : $0 }
      let output = try self(queries.reshaped([1] + queries.shape), memory, mask: mask)
      let weights = output.weights
      return try AttentionOutput(
        context: output.context.step(0), weights: weights.reshaped([weights.shape[0], weights.shape[2]]))
    }
    let weights = try scores(queries, memory).softmax(mask: mask, lengths: memory.lengths)
    let context = try weights.batchedMatmul(memory.values, axes: (.first, .middle, .middle))
    return AttentionOutput(context: context, weights: weights)
  }
}

/// A sequence prepared by an attention to be attended to. T steps, batch size N.
public struct AttentionMemory {
  /// The keys, compared with queries, `[T, N, …]`.
  public let keys: Tensor
  /// The values, averaged, `[T, N, V]`.
  public let values: Tensor
  /// The number of valid steps per row; nil if all are valid.
  public let lengths: Lengths?

  /// A memory for a custom attention.
  /// - Throws: `RecurrentError.shapeMismatch` unless keys and values are sequences of the same steps and rows with
  ///   matching lengths.
  public init(keys: Tensor, values: Tensor, lengths: Lengths? = nil) throws {
    let location = "attention's memory"
    guard keys.shape.count == 3, values.shape.count == 3, keys.shape.prefix(2) == values.shape.prefix(2) else {
      throw RecurrentError(
        .shapeMismatch, "keys of shape \(keys.shape) do not match values of shape \(values.shape)", at: location,
        remedy: "give sequences [T, N, …], time first, of the same steps and rows")
    }
    try lengths?.check(steps: values.shape[0], batchSize: values.shape[1], on: values.tape, at: location)
    self.keys = keys
    self.values = values
    self.lengths = lengths
  }
}

/// The result of an attention.
public struct AttentionOutput {
  /// The weighted means of the values: `[Q, N, V]`, or `[N, V]` for one query per row. 0 for a row of length 0.
  public let context: Tensor
  /// The attention weights: `[N, Q, T]`, or `[N, T]` for one query per row; with several heads `[N, heads, Q, T]`. 0
  /// past a row's length and where the mask is 0; the weights of a query sum to 1.
  public let weights: Tensor
}

extension AttentionMemory {
  /// The states of a decoder as queries, `[S, N, D] → [S · N / M, M, D]`: M rows of the memory serve N, the rows `m`, `m + M`,
  /// `m + 2 M`, …, as further queries of the same row.
  /// - Throws: `RecurrentError.shapeMismatch` unless N is a multiple of M.
  func queries(_ states: Tensor, at location: String) throws -> Tensor {
    let (steps, rows, served) = (states.shape[0], states.shape[1], values.shape[1])
    guard served > 0, rows.isMultiple(of: served) else {
      throw RecurrentError(
        .shapeMismatch, "\(rows) rows for a memory of \(served)", at: location,
        remedy: "give as many rows, or a multiple")
    }
    return try states.reshaped([steps * rows / served, served, states.shape[2]])
  }

  /// Throws unless queries are `[Q, N, features]` with this memory's rows, and its keys and values have the features
  /// that the attention expects.
  func check(_ queries: Tensor, features: Int, keys: Int, values: Int? = nil, at attention: String) throws {
    guard keys == self.keys.shape[2], values ?? self.values.shape[2] == self.values.shape[2] else {
      throw RecurrentError(
        .shapeMismatch,
        "a memory with keys of shape \(self.keys.shape) and values of shape \(self.values.shape), but keys need \(keys) "
          + "features" + (values.map { " and values \($0)" } ?? ""), at: attention,
        remedy: "create the memory with memory(_:lengths:) of the same attention")
    }
    let rows = self.values.shape[1]
    guard queries.shape.count == 3, queries.shape[1] == rows, queries.shape[2] == features else {
      throw RecurrentError(
        .shapeMismatch, "queries of shape \(queries.shape) do not match a memory of shape \(self.values.shape)",
        at: attention,
        remedy: "give queries [Q, \(rows), \(features)], or one per row: [\(rows), \(features)]")
    }
  }
}

extension Module {
  /// Throws unless states are a sequence `[T, N, features]`.
  func requireMemory(_ states: Tensor, features: Int) throws {
    guard states.shape.count == 3, states.shape[2] == features else {
      throw RecurrentError(
        .shapeMismatch, "the memory has shape \(states.shape), not [T, N, \(features)]", at: summary)
    }
  }
}
