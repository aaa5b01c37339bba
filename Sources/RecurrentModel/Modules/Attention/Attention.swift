/// An attention mechanism over a sequence: each query gives every step of a memory a score, a softmax over the steps that count makes
/// weights of the scores, and the result is the mean of the memory's values with these weights.
///
/// N rows, Q queries, T steps of a memory, D and V features. A decoder that attends to what an encoder read:
/// ```swift
/// let memory = try attention.memory(encoded.outputs, lengths: tokens.lengths)
/// let attended = try attention(decoded, memory)
/// let readout = try Tensor.concatenate([decoded, attended.context])
/// ```
/// `memory` computes once what no query changes, so that a decoder which goes step by step calls it before its loop.
public protocol Attention: Module {
  /// Prepares a sequence to be attended to.
  /// - Parameters:
  ///   - states: `[T, N, V]`, time first.
  ///   - lengths: How many steps of each row count; nil for all.
  /// - Throws: `RecurrentError.shapeMismatch`.
  func memory(_ states: Tensor, lengths: Lengths?) throws -> AttentionMemory

  /// The scores of queries `[Q, N, D]` with all steps of a memory, before the softmax: `[N, Q, T]`.
  /// - Throws: `RecurrentError.shapeMismatch`.
  func scores(_ queries: Tensor, _ memory: AttentionMemory) throws -> Tensor
}

extension Attention {
  /// Prepares a sequence `[T, N, V]` to be attended to, all of whose steps count.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public func memory(_ states: Tensor) throws -> AttentionMemory { try memory(states, lengths: nil) }

  /// Attends to a memory.
  /// - Parameters:
  ///   - queries: `[Q, N, D]`, time first; or one query a row, `[N, D]`: a decoder's state.
  ///   - memory: What is attended to.
  ///   - mask: 0 where a query must not look, of a shape that broadcasts to `[N, Q, T]`: `tape.causalMask(T)`, for example. A
  ///     mask of two axes is `[Q, T]`, for one query a row `[N, T]`.
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

/// A sequence that is attended to, prepared by the attention that attends. T steps, N rows.
public struct AttentionMemory {
  /// What queries are compared with, `[T, N, …]`.
  public let keys: Tensor
  /// What is averaged, `[T, N, V]`.
  public let values: Tensor
  /// How many steps of each row count; nil for all.
  public let lengths: Lengths?

  /// A memory, for an attention of one's own.
  /// - Throws: `RecurrentError.shapeMismatch` if keys and values are not sequences of the same steps and rows, or the lengths do
  ///   not fit.
  public init(keys: Tensor, values: Tensor, lengths: Lengths? = nil) throws {
    let place = "attention's memory"
    guard keys.shape.count == 3, values.shape.count == 3, keys.shape.prefix(2) == values.shape.prefix(2) else {
      throw RecurrentError(
        .shapeMismatch, "keys of shape \(keys.shape) and values of shape \(values.shape)", at: place,
        remedy: "give sequences [T, N, …], time first, of the same steps and rows")
    }
    try lengths?.check(steps: values.shape[0], rows: values.shape[1], on: values.tape, at: place)
    self.keys = keys
    self.values = values
    self.lengths = lengths
  }
}

/// The result of an attention.
public struct AttentionOutput {
  /// The weighted means of the values: `[Q, N, V]`, or `[N, V]` for one query a row. 0 for a row of length 0.
  public let context: Tensor
  /// How much each step counts: `[N, Q, T]`, or `[N, T]` for one query a row; of several heads `[N, heads, Q, T]`. They are 0
  /// past a row's length and where the mask is 0, else their sum is 1.
  public let weights: Tensor
}

extension AttentionMemory {
  /// Throws unless queries are `[Q, N, features]` with this memory's rows, and its keys and values are as wide as they are for the
  /// attention that asks.
  func check(_ queries: Tensor, features: Int, keys: Int, values: Int? = nil, at attention: String) throws {
    guard keys == self.keys.shape[2], values ?? self.values.shape[2] == self.values.shape[2] else {
      throw RecurrentError(
        .shapeMismatch,
        "a memory with keys of shape \(self.keys.shape) and values of shape \(self.values.shape) where keys have \(keys) "
          + "features" + (values.map { " and values \($0)" } ?? ""), at: attention,
        remedy: "make the memory with memory(_:lengths:) of the same attention")
    }
    let rows = self.values.shape[1]
    guard queries.shape.count == 3, queries.shape[1] == rows, queries.shape[2] == features else {
      throw RecurrentError(
        .shapeMismatch, "queries of shape \(queries.shape) for a memory of shape \(self.values.shape)", at: attention,
        remedy: "give queries [Q, \(rows), \(features)], or one a row: [\(rows), \(features)]")
    }
  }
}

extension Module {
  /// Throws unless states are a sequence `[T, N, …]` of so many features.
  func requireMemory(_ states: Tensor, features: Int) throws {
    guard states.shape.count == 3, states.shape[2] == features else {
      throw RecurrentError(
        .shapeMismatch, "a memory of shape \(states.shape) where [T, N, \(features)] is due", at: summary)
    }
  }
}
