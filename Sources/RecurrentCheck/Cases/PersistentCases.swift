import RecurrentCore

extension ParityCase {
  /// The cases of persistent launches, for backends that have them: the barrier alone, and long passes, which are compared
  /// with one launch per step, since the oracle would take minutes.
  package static func persistent(size: Size) -> [ParityCase] {
    let rounds = size == .quick ? 100 : 1000
    let barrier = ParityCase("barrier", "barrier \(rounds) rounds", for: { $0.hasBarrier }) { backend, name in
      let trial = try backend.prepareBarriers(rounds: rounds, exchanges: true)
      try trial.run()
      var comparison = Comparison(name)
      if let fault = try trial.fault() { comparison.fail(fault) }
      return comparison.result
    }
    guard size == .full else { return [barrier] }
    return [barrier]
      + [CellKind.lstm, .gru(.resetAfter), .gru(.resetBefore)].flatMap { kind in
        [512, 1024].map { persistentCase(CellOptions(kind: kind, steps: 64, batch: 64, inputs: 16, hidden: $0), false) }
          + [persistentCase(CellOptions(kind: kind, steps: 16, batch: 5, inputs: 16, hidden: 65), true)]
      }
  }

  private static func persistentCase(_ options: CellOptions, _ isSmall: Bool) -> ParityCase {
    ParityCase(
      "persistent", "persistent \(options)", for: { $0.usesPersistentLaunches && $0.isProcessor == isSmall }
    ) { backend, name in
      let trial = { (isPersistent: Bool) in
        let trial = try CellTrial(Stage(backend, seed: name), options)
        try backend.run(persistent: isPersistent) {
          try trial.forward()
          try trial.backward()
        }
        return trial.stage
      }
      var comparison = Comparison(name)
      let before = backend.failedStarts
      let (steps, found) = try (trial(false), trial(true))
      try comparison.compare(found, withOtherPath: steps)
      let again = try trial(true)
      // After a failed start the next passes take another path.
      if backend.failedStarts == before { try comparison.requireSameBits(found, again) }
      return comparison.result
    }
  }

  /// A case for backends with persistent launches.
  private init(
    _ operation: String, _ name: String, for applies: @escaping @Sendable (any PersistentBackend) -> Bool,
    body: @escaping @Sendable (any PersistentBackend, String) throws -> ParityResult
  ) {
    self.init(operation, name) {
      { backend, _ in
        guard let backend = backend as? any PersistentBackend else { preconditionFailure("no persistent launches") }
        return try body(backend, name)
      }
    }
    self.applies = { ($0 as? any PersistentBackend).map(applies) ?? false }
  }
}
