import RecurrentCore

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension OpenCLBackend {
  /// An optimizer step.
  package func update(_ operation: Update) throws {
    let count = operation.gradients.count
    let (rate, step) = (Double(operation.learningRate), Double(operation.step))
    let state = { (index: Int) -> any KernelArgument in
      index < operation.states.count ? Run(operation.states[index]) : Absent.indices
    }
    let operands: [any KernelArgument] = [
      Run(operation.parameters), Run(operation.gradients), operation.rows ?? Absent.indices,
      operation.rows == nil ? 0 : operation.gradients.columns,
    ]
    let run = { (kernel: String, states: Int, rate: Double, settings: [any KernelArgument]) in
      var arguments = operands + (0..<states).map(state)
      arguments += [count, Float(rate), operation.weightDecay] as [any KernelArgument]
      try self.elementwise(
        kernel, of: "optimizer", rows: 1, columns: count, bytes: operation.bytes, arguments + settings)
    }
    switch operation.rule {
    case .sgd(let momentum, let dampening, let nesterov):
      try run("sgd", 1, rate, [momentum, dampening, nesterov, operation.step == 1])
    case .adam(let beta1, let beta2, let epsilon, let decoupled):
      // What PyTorch computes in double before the step.
      let (b1, b2) = (Double(beta1), Double(beta2))
      let stepSize = Float(rate / (1 - pow(b1, step)))
      let root = Float((1 - pow(b2, step)).squareRoot())
      try run(
        "adam", 2, rate, [decoupled, beta1, Float(1 - b1), beta2, Float(1 - b2), epsilon, stepSize, root])
    case .rmsprop(let alpha, let epsilon, let momentum, let centered):
      try run("rmsprop", 3, rate, [alpha, Float(1 - Double(alpha)), epsilon, momentum, centered])
    case .adagrad(let decay, let epsilon):
      try run("adagrad", 1, rate / (1 + (step - 1) * Double(decay)), [epsilon])
    }
  }
}
