import Kernels
import RecurrentCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension CPUBackend {
  /// An optimizer step, with parameters or rows in parallel.
  package func update(_ operation: Update) throws {
    let (p, g) = (try Matrix(operation.parameters), try Matrix(operation.gradients))
    let states = try operation.states.map(Matrix.init)
    let state = { (place: Int, first: Int) in place < states.count ? states[place].data + first : nil }
    let (rate, decay) = (operation.learningRate, operation.weightDecay)
    let body: (_ first: Int, _ gradient: Int, _ count: Int) -> Void
    switch operation.rule {
    case .sgd(let momentum, let dampening, let nesterov):
      body = { [kernels] first, gradient, count in
        kernels.sgd(
          p.data + first, g.data + gradient, state(0, first), count, rate, decay, momentum, dampening, nesterov ? 1 : 0,
          operation.step == 1 ? 1 : 0)
      }
    case .adam(let beta1, let beta2, let epsilon, let decoupled):
      // The corrections in Double: 1 − 0.999ᵗ loses four digits in Float.
      let stepSize = Float(Double(rate) / (1 - pow(Double(beta1), Double(operation.step))))
      let rootCorrection = Float((1 - pow(Double(beta2), Double(operation.step))).squareRoot())
      body = { [kernels] first, gradient, count in
        kernels.adam(
          p.data + first, g.data + gradient, states[0].data + first, states[1].data + first, count, stepSize,
          decoupled ? 0 : decay, decoupled ? 1 - rate * decay : 1, beta1, beta2, rootCorrection, epsilon)
      }
    case .rmsprop(let alpha, let epsilon, let momentum, let centered):
      body = { [kernels] first, gradient, count in
        kernels.rmsprop(
          p.data + first, g.data + gradient, states[0].data + first, momentum == 0 ? nil : state(1, first),
          centered ? state(2, first) : nil, count, rate, decay, alpha, epsilon, momentum)
      }
    case .adagrad(let rateDecay, let epsilon):
      let decayed = Float(Double(rate) / (1 + Double(operation.step - 1) * Double(rateDecay)))
      body = { [kernels] first, gradient, count in
        kernels.adagrad(p.data + first, g.data + gradient, states[0].data + first, count, decayed, decay, epsilon)
      }
    }
    guard let rows = try operation.rows.map(Integers.init) else {
      return pool.split(p.rows * p.columns, grain: grain) { part in
        if !part.isEmpty { body(part.lowerBound, part.lowerBound, part.count) }
      }
    }
    eachRow(g.rows, g.columns) { body(Int(rows[$0]) * p.columns, $0 * g.columns, g.columns) }
  }
}
