/// The parameters of one layer in one direction of a recurrent stack.
final class CellParameters {
  let cell: CellDescriptor
  let members: [Member]
  private let weightIH: Parameter
  private let weightHH: Parameter
  private let biasIH: Parameter?
  private let biasHH: Parameter?

  /// - Parameter suffix: `_l0`, `_l1_reverse`.
  init(_ cell: CellDescriptor, suffix: String, initialization: RecurrentInitialization) {
    self.cell = cell
    weightIH = Parameter([cell.gateRows, cell.inputSize], initialization.weightIH)
    weightHH = Parameter([cell.gateRows, cell.hiddenSize], initialization.weightHH)
    biasIH = cell.bias == .none ? nil : Parameter([cell.gateRows], initialization.biasIH)
    biasHH = cell.bias == .both ? Parameter([cell.gateRows], initialization.biasHH) : nil
    // torch.nn.GRU would load a reset-before GRU and compute something else: so it has names of its own.
    let mark = cell.kind == .gru(.resetBefore) ? "_rb" : ""
    let named = [("weight_ih", weightIH), ("weight_hh", weightHH), ("bias_ih", biasIH), ("bias_hh", biasHH)]
    members = named.compactMap { name, parameter in parameter.map { .parameter(name + mark + suffix, $0) } }
  }

  /// The parameters as tensors: W, U and the biases that there are.
  func tensors(on tape: Tape) throws -> (weights: CellWeights, tensors: [Tensor]) {
    let (w, u) = (try weightIH.tensor(on: tape), try weightHH.tensor(on: tape))
    let (b, c) = (try biasIH?.tensor(on: tape), try biasHH?.tensor(on: tape))
    let weights = CellWeights(weightIH: w.region, weightHH: u.region, biasIH: b?.region, biasHH: c?.region)
    return (weights, [w, u] + [b, c].compactMap { $0 })
  }
}

/// How the parameters of a recurrent layer get their first values.
public struct RecurrentInitialization: Sendable {
  /// For `weight_ih [G·H, D]`.
  public var weightIH: Initializer
  /// For `weight_hh [G·H, H]`.
  public var weightHH: Initializer
  /// For `bias_ih [G·H]`.
  public var biasIH: Initializer
  /// For `bias_hh [G·H]`.
  public var biasHH: Initializer

  /// One initializer for each kind of parameter.
  public init(weightIH: Initializer, weightHH: Initializer, biasIH: Initializer = .zeros, biasHH: Initializer = .zeros)
  {
    self.weightIH = weightIH
    self.weightHH = weightHH
    self.biasIH = biasIH
    self.biasHH = biasHH
  }

  /// PyTorch's: everything uniform within `1 / √H`.
  public static func standard(hidden: Int) -> RecurrentInitialization {
    let uniform = Initializer.recurrent(hidden: hidden)
    return RecurrentInitialization(weightIH: uniform, weightHH: uniform, biasIH: uniform, biasHH: uniform)
  }

  /// Keras': Glorot for W, an orthogonal U, and for an LSTM a forget-gate bias of 1.
  public static func orthogonal(_ kind: CellKind) -> RecurrentInitialization {
    RecurrentInitialization(
      weightIH: .glorotUniform(), weightHH: .gates(kind.gateCount, .orthogonal()),
      biasIH: kind == .lstm ? .forgetGate(1) : .zeros)
  }

  /// The IRNN's (Le et al. 2015): for an Elman layer with ReLU.
  public static func identity(scale: Float = 1) -> RecurrentInitialization {
    RecurrentInitialization(weightIH: .normal(0.001), weightHH: .identity(scale: scale))
  }
}
