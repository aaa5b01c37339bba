extension Module {
  /// Lets all embeddings, dense and recurrent layers in it start as Keras' do: vectors uniform within 0.05, Glorot for what
  /// reads features, orthogonal recurrent weights, and biases of 0, an LSTM's forget gate of 1. Call it before the weights are
  /// drawn.
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
