import RecurrentCore

/// The state of a recurrent layer between two chunks of a sequence. L layers, D directions, batch size N, H units.
public struct RecurrentState {
  /// `[L·D, N, H]`: for layer l, forward at `l·D`, then reversed, as PyTorch's `h_n`.
  public let h: Tensor
  /// `[L·D, N, H]`, the cell state of an LSTM.
  public let c: Tensor?

  /// A state from its parts.
  /// - Parameters:
  ///   - h: `[L·D, N, H]`.
  ///   - c: `[L·D, N, H]` for an LSTM; else nil.
  public init(h: Tensor, c: Tensor? = nil) {
    self.h = h
    self.c = c
  }

  /// A copy that outlives the pass, detached from the gradient: the state carried between batches in truncated
  /// backpropagation through time.
  /// - Throws: `RecurrentError.invalidArgument` if the state belongs to an earlier pass; `.outOfMemory`.
  public func detached() throws -> RecurrentState { try RecurrentState(h: h.detached(), c: c?.detached()) }

  /// The states of some rows, `[L·D, rows, H]`: rows may be left out or repeated.
  /// - Throws: `RecurrentError.invalidData` if a row does not exist.
  package func rows(_ rows: [Int32]) throws -> RecurrentState {
    try RecurrentState(h: h.rowsOfSecondAxis(rows), c: c?.rowsOfSecondAxis(rows))
  }

  /// The batch size N.
  public var batchSize: Int { h.shape[1] }

  /// The tensors on the host.
  func hostTensors() throws -> [String: HostTensor] {
    var tensors = ["h": try HostTensor(shape: h.shape, values: h.values())]
    if let c { tensors["c"] = try HostTensor(shape: c.shape, values: c.values()) }
    return tensors
  }

  /// A saved state, in memory that outlives the pass.
  init(_ tensors: [String: HostTensor], on tape: Tape) throws {
    guard let h = tensors["h"] else {
      throw RecurrentError(.invalidData, "the recurrent state has no h", at: "state")
    }
    self.h = try tape.kept(h.values, shape: h.shape)
    c = try tensors["c"].map { try tape.kept($0.values, shape: $0.shape) }
  }
}

/// The result of a recurrent layer.
public struct RecurrentOutput {
  /// `[T, N, D·H]` (`[N, T, D·H]` batch first): the last layer's h at each step, 0 past a row's length; forward and
  /// reversed concatenated.
  public let outputs: Tensor
  /// The state after each row's last step.
  public let state: RecurrentState

  /// The final h of the last layer, both directions concatenated: `[N, D·H]`, the input of a classifier.
  /// - Throws: `RecurrentError.invalidArgument` if the output belongs to an earlier pass.
  public func finalOutput() throws -> Tensor {
    let directions = outputs.shape[2] / state.h.shape[2]
    let layers = state.h.shape[0]
    return try Tensor.concatenate((layers - directions..<layers).map { try state.h.step($0) })
  }
}
