import Recurrent
import Testing

// The article DevicesAndThreads.

@Suite struct DevicesExample {
  @Test func devicesAreListed() throws {
    for device in try Device.catalogue().devices {
      print(device.identifier, device.name, device.driver, device.computeUnits)
    }

    let best = try Device.auto { note in print(note) }
    let twoThreads = try Device.named("cpu", threads: 2)

    #expect(!best.description.identifier.isEmpty && twoThreads.description.computeUnits == 2)
  }

  @Test func modelsTrainSideBySide() async throws {
    let points: [(x: Float, y: Float)] = (0..<10).map { (Float($0) / 10, 1 - Float($0) / 5) }

    let weights = try await withThrowingTaskGroup(of: StateDictionary.self) { group in
      for seed: UInt64 in 1...3 {
        group.addTask {
          let trainer = try Trainer(
            Dense(input: 1, output: 1), optimizer: SGD(learningRate: 0.3), seed: seed,
            device: .named("cpu", threads: 1)
          ) { (model, point: (x: Float, y: Float), _, tape) in
            try BatchLoss(meanSquaredError(model(tape.full([1, 1], point.x)), tape.full([1, 1], point.y)))
          }
          try trainer.fit(points, epochs: 40)
          return try trainer.model.stateDictionary()
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }

    #expect(weights.count == 3)
    for state in weights { #expect(abs((state["weight"]?.values[0] ?? 0) + 2) < 0.05) }
  }

  @Test func whatOutlivesAPass() throws {
    let tape = try Tape(.auto())
    let x = try tape.tensor([1, 2, 3], shape: [3])
    let kept = try x.detached()
    tape.reset()
    print(try kept.values())
    #expect(throws: RecurrentError.self) { try x.values() }
  }
}
