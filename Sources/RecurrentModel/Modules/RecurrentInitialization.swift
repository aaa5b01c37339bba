import RecurrentCore

/// Initialization of the parameters of a recurrent layer.
public struct RecurrentInitialization: Sendable {
  /// For `weight_ih [G·H, D]`.
  public var weightIH: Initializer
  /// For `weight_hh [G·H, H]`.
  public var weightHH: Initializer
  /// For `bias_ih [G·H]`.
  public var biasIH: Initializer
  /// For `bias_hh [G·H]`.
  public var biasHH: Initializer

  /// An initializer per parameter.
  public init(weightIH: Initializer, weightHH: Initializer, biasIH: Initializer = .zeros, biasHH: Initializer = .zeros)
  {
    self.weightIH = weightIH
    self.weightHH = weightHH
    self.biasIH = biasIH
    self.biasHH = biasHH
  }

  /// PyTorch's: all parameters uniform within `1 / √H`.
  public static func standard(hidden: Int) -> RecurrentInitialization {
    let uniform = Initializer.recurrent(hidden: hidden)
    return RecurrentInitialization(weightIH: uniform, weightHH: uniform, biasIH: uniform, biasHH: uniform)
  }

  /// Keras': Glorot uniform for W, orthogonal for U, and a forget-gate bias of 1 for an LSTM.
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
