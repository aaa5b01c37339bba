import RecurrentCore

private let rules: [(String, UpdateRule)] = [
  ("SGD", .sgd()),
  ("SGD with momentum", .sgd(momentum: 0.9, dampening: 0.1)),
  ("SGD with Nesterov's momentum", .sgd(momentum: 0.9, nesterov: true)),
  ("Adam", .adam()),
  ("AdamW", .adam(beta1: 0.8, beta2: 0.99, decoupled: true)),
  ("RMSprop", .rmsprop()),
  ("RMSprop with momentum", .rmsprop(alpha: 0.9, momentum: 0.5)),
  ("RMSprop, centered", .rmsprop(alpha: 0.9, centered: true)),
  ("RMSprop, centered with momentum", .rmsprop(alpha: 0.9, momentum: 0.5, centered: true)),
  ("Adagrad", .adagrad(learningRateDecay: 0.1)),
]

/// Three steps of each rule, with and without weight decay; and steps over some rows.
func optimizerCases(_ size: ParityCase.Size) -> [ParityCase] {
  rules.flatMap { name, rule in
    (size == .quick ? [3] : [1, 3, 17, 130]).map { columns in
      ParityCase("optimizer", "\(name) of some rows of \(columns)") { stage in
        let parameters = try stage.variable(50, columns, 2...3, contiguous: true)
        let states = try (0..<rule.stateCount).map { _ in try stage.variable(50, columns, 0...0, contiguous: true) }
        for (step, rows) in ([[3, 49, 0], [49], [1, 2, 0, 3, 40, 30, 20]] as [[Int32]]).enumerated() {
          try stage.backend.update(
            Update(
              rule, learningRate: 0.5, weightDecay: 0.1, step: step + 1, parameters: parameters,
              gradients: stage.input(rows.count, columns, contiguous: true), states: states,
              rows: stage.indices(rows)))
        }
      }
    }
  }
    + rules.flatMap { name, rule in
      (size == .quick ? [17] : [1, 3, 33, 100_003]).flatMap { count in
        (size == .quick ? [0.1] : [0, 0.1] as [Float]).map { decay in
          ParityCase("optimizer", "\(name) of \(count), weight decay \(decay)") { stage in
            // With this rate the change is about as large as the parameter, so that errors are visible.
            let parameters = try stage.variable(1, count, 2...3, contiguous: true)
            let states = try (0..<rule.stateCount).map { _ in try stage.variable(1, count, 0...0, contiguous: true) }
            for step in 1...3 {
              let gradients = try stage.input(1, count, contiguous: true)
              try stage.backend.update(
                Update(
                  rule, learningRate: 0.5, weightDecay: decay, step: step, parameters: parameters, gradients: gradients,
                  states: states))
            }
          }
        }
      }
    }
}
