/// A recurrent cell with its sizes: all that a backend needs to run it.
///
/// Weights lie as PyTorch's do, gates stacked in the order of `CellKind`: `weightIH [G·H, D]`, `weightHH [G·H, H]`,
/// `biasIH [G·H]`, `biasHH [G·H]`.
public struct CellDescriptor: Hashable, Sendable {
  /// The kind of cell.
  package let kind: CellKind
  /// The input size, D.
  package let inputSize: Int
  /// The hidden size, H.
  package let hiddenSize: Int
  /// The bias vectors.
  package let bias: CellBias

  /// The maximum input or hidden size: the range of a kernel's 32-bit integers.
  package static let largestSize = Int(Int32.max)

  /// A cell with these sizes.
  /// - Throws: `RecurrentError.invalidArgument` if a size is not from 1 to `largestSize`.
  package init(_ kind: CellKind, inputSize: Int, hiddenSize: Int, bias: CellBias = .both) throws {
    guard (1...Self.largestSize).contains(inputSize), (1...Self.largestSize).contains(hiddenSize) else {
      throw RecurrentError(
        .invalidArgument, "an input size of \(inputSize) and a hidden size of \(hiddenSize)", at: "\(kind) cell",
        remedy: "use sizes of 1 to \(Self.largestSize)")
    }
    self.kind = kind
    self.inputSize = inputSize
    self.hiddenSize = hiddenSize
    self.bias = bias
  }

  /// The number of rows of a weight, G·H.
  package var gateRows: Int { kind.gateCount * hiddenSize }

  /// The number of columns of the canonical reserve, S·H.
  package var reserveColumns: Int { kind.reserveSlots * hiddenSize }
}

/// The bias vectors of a cell.
public enum CellBias: String, Hashable, Sendable, CaseIterable {
  /// `biasIH` and `biasHH`, as in PyTorch.
  case both
  /// `biasIH` alone, as in Keras.
  case single
  /// No bias.
  case none
}

/// The equations of a recurrent cell. ⊙ is the product by elements, σ the sigmoid, U is `weightHH`, W is `weightIH`.
public enum CellKind: Hashable, Sendable {
  /// `h = activation(W x + b + U h₋₁ + b′)` (Elman 1990), as `torch.nn.RNN`; tanh or ReLU.
  case elman(Activation)
  /// Gates i, f, g, o; `c = f ⊙ c₋₁ + i ⊙ g`, `h = o ⊙ tanh c` (Hochreiter and Schmidhuber 1997; Gers 2000), as
  /// `torch.nn.LSTM`.
  case lstm
  /// Gates r, z, n; `h = (1 − z) ⊙ n + z ⊙ h₋₁` (Cho et al. 2014).
  case gru(GRUConvention)

  /// The number of gates stacked in a weight, G.
  package var gateCount: Int {
    switch self {
    case .elman: 1
    case .lstm: 4
    case .gru: 3
    }
  }

  /// The number of slots of the canonical reserve per unit and step, S.
  ///
  /// After forward: Elman's h; the LSTM's i, f, g, o; the GRU's r, z, n and, in slot 3, `U_n h₋₁ + b′_n` (reset after)
  /// or `r ⊙ h₋₁` (reset before).
  package var reserveSlots: Int {
    switch self {
    case .elman: 1
    case .lstm, .gru: 4
    }
  }

  /// Whether the cell has a cell state c in addition to h.
  package var hasCellState: Bool { self == .lstm }

  /// The slots in which the backward pass stores the gradient of `U h₋₁ + b′`: those of the gates, but slot 3 for n of
  /// a reset-after GRU.
  package var recurrentRuns: [GateRun] {
    self == .gru(.resetAfter) ? [GateRun(0..<2), GateRun(2..<3, slot: 3)] : [GateRun(0..<gateCount)]
  }
}

/// Gates that are adjacent in the stacked weights and in the reserve.
package struct GateRun: Sendable {
  /// The range of gates.
  package let gates: Range<Int>
  /// The reserve slot of the first gate.
  package let slot: Int

  /// A run of gates in their own slots, or in slots from `slot` on.
  package init(_ gates: Range<Int>, slot: Int? = nil) {
    self.gates = gates
    self.slot = slot ?? gates.lowerBound
  }

  /// Its rows of W or U, and its columns of a bias.
  package func rows(_ hidden: Int) -> Range<Int> { gates.lowerBound * hidden..<gates.upperBound * hidden }
  /// Its columns of the reserve.
  package func columns(_ hidden: Int) -> Range<Int> { slot * hidden..<(slot + gates.count) * hidden }
}

/// The position of a GRU's reset gate.
public enum GRUConvention: String, Hashable, Sendable, CaseIterable {
  /// `n = tanh(W_n x + b_n + r ⊙ (U_n h₋₁ + b′_n))`: PyTorch, cuDNN, Keras' default.
  case resetAfter
  /// `n = tanh(W_n x + b_n + U_n (r ⊙ h₋₁) + b′_n)`: the original paper, Keras' `reset_after=False`.
  case resetBefore
}

/// A cell's parameters, in PyTorch's layouts.
public struct CellWeights {
  /// `[G·H, D]`; not read if the input is a lookup.
  package var weightIH: Region
  /// `[G·H, H]`.
  package var weightHH: Region
  /// `[1, G·H]`, unless the cell has no bias.
  package var biasIH: Region?
  /// `[1, G·H]`, if the cell has both biases.
  package var biasHH: Region?

  /// The parameters of a cell.
  package init(weightIH: Region, weightHH: Region, biasIH: Region? = nil, biasHH: Region? = nil) {
    self.weightIH = weightIH
    self.weightHH = weightHH
    self.biasIH = biasIH
    self.biasHH = biasHH
  }

  /// Whether both have the same memory.
  package func areSame(as other: CellWeights) -> Bool {
    func isSame(_ region: Region?, _ other: Region?) -> Bool {
      guard let region, let other else { return region == nil && other == nil }
      return region.isSame(as: other)
    }
    return isSame(weightIH, other.weightIH) && isSame(weightHH, other.weightHH) && isSame(biasIH, other.biasIH)
      && isSame(biasHH, other.biasHH)
  }

  func fit(_ cell: CellDescriptor) -> Bool {
    let bias = { (bias: Region?, isThere: Bool) in
      bias.map { isThere && $0.rows == 1 && $0.columns == cell.gateRows } ?? !isThere
    }
    return weightIH.rows == cell.gateRows && weightIH.columns == cell.inputSize
      && weightHH.rows == cell.gateRows && weightHH.columns == cell.hiddenSize
      && bias(biasIH, cell.bias != .none) && bias(biasHH, cell.bias == .both)
  }
}
