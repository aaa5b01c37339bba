import RecurrentCore

/// Makes the initial state of a decoder from the final state of an encoder: for each layer of the decoder `tanh(W · [forward; reversed]
/// + b)` of the encoder's layer of the same index, or of its last one (Bahdanau et al. 2015); of an LSTM also `W · c + b`.
///
/// Parameters have the names of a PyTorch module with a `ModuleList` `h`, and `c` for an LSTM.
public final class StateBridge: Module {
  /// A layer for each layer of the decoder, `[D·H, decoder's H]`.
  public let h: [Dense]
  /// The same for the cell states; empty unless the cells have them.
  public let c: [Dense]
  private let layers: Int
  private let directions: Int

  /// A bridge with new weights.
  /// - Parameters:
  ///   - encoder: The layers whose final state is read.
  ///   - decoder: The layers whose initial state is made.
  /// - Throws: `RecurrentError.invalidArgument` if only one of them has cell states.
  public init(from encoder: RecurrentStack, to decoder: RecurrentStack) throws {
    guard encoder.kind.hasCellState == decoder.kind.hasCellState else {
      throw RecurrentError(
        .invalidArgument, "only one of encoder and decoder is an LSTM", at: "StateBridge",
        remedy: "use the same cell for both")
    }
    let make = { try Dense(input: encoder.outputSize, output: decoder.hiddenSize) }
    h = try (0..<decoder.layerCount).map { _ in try make() }
    c = decoder.kind.hasCellState ? try (0..<decoder.layerCount).map { _ in try make() } : []
    (layers, directions) = (encoder.layerCount, encoder.directions)
  }

  /// The initial state of the decoder, `[layers, N, H]`.
  /// - Throws: `RecurrentError.shapeMismatch` if the state is not of such an encoder.
  public func callAsFunction(_ state: RecurrentState) throws -> RecurrentState {
    let h = try Tensor.stack(h.enumerated().map { try $1(final(of: state.h, $0)).tanh() })
    let c = try state.c.map { c in try Tensor.stack(self.c.enumerated().map { try $1(final(of: c, $0)) }) }
    return RecurrentState(h: h, c: c)
  }

  /// What a layer of the decoder reads of the encoder's states `[L·D, N, H]`: `[N, D·H]`.
  private func final(of states: Tensor, _ layer: Int) throws -> Tensor {
    let first = min(layer, layers - 1) * directions
    return try Tensor.concatenate((first..<first + directions).map { try states.step($0) })
  }
}
