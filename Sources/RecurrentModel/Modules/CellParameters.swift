import RecurrentCore

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
    weightIH = Parameter([cell.gateRows, cell.inputSize])
    weightHH = Parameter([cell.gateRows, cell.hiddenSize])
    biasIH = cell.bias == .none ? nil : Parameter([cell.gateRows])
    biasHH = cell.bias == .both ? Parameter([cell.gateRows]) : nil
    // A reset-before GRU has its own parameter names, since torch.nn.GRU would load it and compute something else.
    let mark = cell.kind == .gru(.resetBefore) ? "_rb" : ""
    let named = [("weight_ih", weightIH), ("weight_hh", weightHH), ("bias_ih", biasIH), ("bias_hh", biasHH)]
    members = named.compactMap { name, parameter in parameter.map { .parameter(name + mark + suffix, $0) } }
    start(as: initialization)
  }

  /// Sets the initializers.
  func start(as initialization: RecurrentInitialization) {
    weightIH.initializer = initialization.weightIH
    weightHH.initializer = initialization.weightHH
    biasIH?.initializer = initialization.biasIH
    biasHH?.initializer = initialization.biasHH
  }

  /// The parameters in the form that backends take.
  func weights(on backend: any Backend) throws -> CellWeights {
    let region = { (parameter: Parameter) in try parameter.region(on: backend) }
    return try CellWeights(
      weightIH: region(weightIH), weightHH: region(weightHH), biasIH: biasIH.map(region), biasHH: biasHH.map(region))
  }

  /// The parameters as tensors: W, U and the biases.
  func tensors(on tape: Tape) throws -> (weights: CellWeights, tensors: [Tensor]) {
    let (w, u) = (try weightIH.tensor(on: tape), try weightHH.tensor(on: tape))
    let (b, c) = (try biasIH?.tensor(on: tape), try biasHH?.tensor(on: tape))
    let weights = CellWeights(weightIH: w.region, weightHH: u.region, biasIH: b?.region, biasHH: c?.region)
    return (weights, [w, u] + [b, c].compactMap { $0 })
  }
}
