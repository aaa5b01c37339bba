extension Module {
  /// Initializes all parameters, biases too, uniformly in `−bound ..< bound` (Zaremba et al. 2014). Call it before the weights are
  /// drawn.
  public func initializeUniformly(within bound: Double) {
    for parameter in parameters { parameter.initializer = .uniform(bound) }
  }

  /// Initializes all embeddings, dense and recurrent layers like Keras: embeddings uniform within 0.05, Glorot uniform
  /// for input weights, orthogonal recurrent weights, and zero biases, except 1 for an LSTM's forget gate. Call it
  /// before the weights are drawn.
  public func initializeAsKeras() { initializeAsKeras(below: []) }

  private func initializeAsKeras(below above: [ObjectIdentifier]) {
    switch self {
    case let embedding as Embedding: embedding.weight.initializer = .uniform(0.05)
    case let dense as Dense:
      dense.weight.initializer = .glorotUniform()
      dense.bias?.initializer = .zeros
    case let rnn as RecurrentStack:
      for cell in rnn.cells.joined() { cell.start(as: .orthogonal(rnn.kind)) }
    default:
      let (members, above) = members(below: above)
      for case .module(_, let module) in members { module.initializeAsKeras(below: above) }
    }
  }
}
