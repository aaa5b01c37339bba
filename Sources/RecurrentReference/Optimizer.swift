import RecurrentCore

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension ReferenceBackend {
  /// An optimizer step, as in PyTorch's single-tensor code.
  package func update(_ operation: Update) throws {
    let (parameters, gradients) = (OracleMatrix(operation.parameters), OracleMatrix(operation.gradients))
    let states = operation.states.map { OracleMatrix($0) }
    let (rate, decay) = (Double(operation.learningRate), Double(operation.weightDecay))
    let decouples = if case .adam(_, _, _, true) = operation.rule { true } else { false }
    gradients.forEach { place, column in
      let row = operation.rows.map { Int($0.start[place]) } ?? place
      var parameter = parameters[row, column]
      var gradient = gradients[place, column]
      if decouples { parameter -= rate * decay * parameter } else { gradient += decay * parameter }
      let state = states.map { $0.start + row * $0.stride + column }
      parameter -= operation.rule.change(gradient, state, rate: rate, step: operation.step)
      parameters[row, column] = parameter
    }
  }
}

extension UpdateRule {
  /// The decrement of one parameter; updates its states.
  fileprivate func change(_ gradient: Double, _ state: [Row], rate: Double, step: Int) -> Double {
    switch self {
    case .sgd(let momentum, let dampening, let nesterov):
      guard momentum != 0 else { return rate * gradient }
      let kept = Double(momentum) * state[0].pointee + (1 - Double(dampening)) * gradient
      state[0].pointee = step == 1 ? gradient : kept
      return rate * (nesterov ? gradient + Double(momentum) * state[0].pointee : state[0].pointee)
    case .adam(let beta1, let beta2, let epsilon, _):
      state[0].pointee = Double(beta1) * state[0].pointee + (1 - Double(beta1)) * gradient
      state[1].pointee = Double(beta2) * state[1].pointee + (1 - Double(beta2)) * gradient * gradient
      let mean = state[0].pointee / (1 - pow(Double(beta1), Double(step)))
      let square = state[1].pointee / (1 - pow(Double(beta2), Double(step)))
      return rate * mean / (square.squareRoot() + Double(epsilon))
    case .rmsprop(let alpha, let epsilon, let momentum, let centered):
      state[0].pointee = Double(alpha) * state[0].pointee + (1 - Double(alpha)) * gradient * gradient
      var square = state[0].pointee
      if centered {
        state[2].pointee = Double(alpha) * state[2].pointee + (1 - Double(alpha)) * gradient
        square -= state[2].pointee * state[2].pointee
        if square < 0 { square = 0 }  // due to rounding; NaN is kept
      }
      let direction = gradient / (square.squareRoot() + Double(epsilon))
      guard momentum != 0 else { return rate * direction }
      state[1].pointee = Double(momentum) * state[1].pointee + direction
      return rate * state[1].pointee
    case .adagrad(let learningRateDecay, let epsilon):
      state[0].pointee += gradient * gradient
      let decayed = rate / (1 + Double(step - 1) * Double(learningRateDecay))
      return decayed * gradient / (state[0].pointee.squareRoot() + Double(epsilon))
    }
  }
}
