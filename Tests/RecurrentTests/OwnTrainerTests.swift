import Recurrent
import RecurrentCore
import RecurrentReference
import TestSupport
import Testing

@testable import RecurrentModel

/// What a trainer gives to those who look into its steps.
@Suite struct OwnTrainerTests {
  @Test func theLastLossIsThatOfTheLastBatch() throws {
    let trainer = try TrainerTests.trainer(dropout: 0)
    #expect(try trainer.lastLoss() == nil)
    let batches = TrainerTests.batches(3)
    let first = try trainer.evaluate(batches[..<1])
    try trainer.train(on: batches[0])
    #expect(try abs(Double(trainer.lastLoss() ?? 0) - first) < 1e-6)
    try trainer.train(on: batches[1])
    let last = try trainer.lastLoss()
    // Other passes use its memory.
    _ = try trainer.evaluate(TrainerTests.batches(4))
    #expect(try last != nil && trainer.lastLoss() == last)
    trainer.tape.reset()
    #expect(try trainer.lastLoss() == last)
    try trainer.train(on: batches[2])
    trainer.tape.reset()
    #expect(message { _ = try trainer.lastLoss() }?.contains("earlier pass") == true)
    try trainer.restore(trainer.state())
    #expect(try trainer.lastLoss() == nil)
    var losses: [Float?] = []
    try trainer.fit(batches, epochs: 1, afterStep: { _ in try losses.append(trainer.lastLoss()) })
    #expect(losses.count == 3 && !losses.contains(nil))
  }

  @Test func aHookSeesAndChangesGradientsBeforeTheyAreClipped() throws {
    let batch = TrainerTests.batches(1)[0]
    let (trainer, other) = (try TrainerTests.trainer(clipNorm: 1), try TrainerTests.trainer(clipNorm: 1))
    var norms: [Float] = []
    trainer.beforeStep = { model in
      norms.append(try model.gradientNorm())
      let head = try model["head.weight"]
      try head.setGradient([Float](repeating: 0, count: head.count))
    }
    let head = try trainer.model["head.weight"].values()
    try trainer.train(on: batch)
    try other.train(on: batch)
    #expect(try norms.count == 1 && norms[0] == other.gradientNorm())
    #expect(try trainer.gradientNorm() ?? 9 < norms[0])
    #expect(try trainer.model["head.weight"].values() == head)
    #expect(try other.model["head.weight"].values() != head)
    // Once a step, not once a batch; and what it throws ends the step.
    let slow = try TrainerTests.trainer(accumulation: 2)
    var calls = 0
    slow.beforeStep = { _ in calls += 1 }
    for _ in 0..<4 { try slow.train(on: batch) }
    #expect(calls == 2)
    slow.beforeStep = { _ in throw RecurrentError(.invalidData, "no") }
    try slow.train(on: batch)
    #expect(message { try slow.train(on: batch) } == "no")
    #expect(slow.progress.step == 2)
  }

  @Test(arguments: TestDevice.all) func aRunWithAnOptimizerOfOnesOwnGoesOnFromAFile(_ device: TestDevice) throws {
    try withFolder { file in try device.run { try checkResume(on: $0, by: file) } }
  }

  private func checkResume(on backend: any Backend, by file: String) throws {
    let trainer = { try TrainerTests.trainer(backend, optimizer: Lion(learningRate: 0.01, weightDecay: 0.1)) }
    let whole = try trainer()
    let batches = TrainerTests.batches(8)
    for batch in batches[..<4] { try whole.train(on: batch) }
    whole.optimizer.learningRate = 0.004
    try whole.state().write(to: file)
    #expect(try TrainingState(contentsOf: file) == whole.state())
    for batch in batches[4...] { try whole.train(on: batch) }

    let resumed = try trainer()
    try resumed.restore(TrainingState(contentsOf: file))
    #expect(resumed.optimizer.learningRate == 0.004)
    for batch in batches[4...] { try resumed.train(on: batch) }
    #expect(try resumed.state() == whole.state())
    #expect(try whole.state().tensors["optimizer.head.weight.exp_avg"]?.shape == [5, 6])
  }

  /// A rate that was never set is that of the settings, not of the state.
  @Test func aRateThatWasNotSetIsNotSaved() throws {
    let state = try TrainerTests.trainer(optimizer: SGD(learningRate: 0.5)).state()
    #expect(state.integers["learningRate"] == nil)
    let trainer = try TrainerTests.trainer(optimizer: SGD(learningRate: 0.25))
    try trainer.restore(state)
    #expect(trainer.optimizer.learningRate == 0.25)
  }

  @Test func aFileThatIsNoStateIsNamed() throws {
    try withFolder { weights in try withFolder { state in try checkFaults(weights, state) } }
  }

  private func checkFaults(_ weights: String, _ state: String) throws {
    let trainer = try TrainerTests.trainer()
    try trainer.model.rnn.save(to: weights)
    let noState = "is not a training state of this version; use the version of recur that wrote it"
    #expect(message { _ = try TrainingState(contentsOf: weights) } == "\(weights): \(noState)")
    try trainer.state().write(to: state)
    var bytes = try Files.read(state, limit: .tensors)
    bytes[bytes.count - 3] ^= 1
    try Files.replace(state, with: bytes)
    #expect(message { _ = try TrainingState(contentsOf: state) }?.contains("is damaged") == true)
    #expect(message { _ = try TrainingState(contentsOf: state + "-none") }?.hasPrefix(state + "-none") == true)
  }

  @Test func aStepWithAnOptimizerOfOnesOwnAllocatesNothing() throws {
    let counting = Counting(ReferenceBackend())
    let trainer = try TrainerTests.trainer(counting.backend, optimizer: Lion(), clipNorm: 1)
    trainer.beforeStep = { try $0.clipGradients(value: 0.5) }
    let batches = TrainerTests.batches(3)
    for batch in batches {
      try trainer.train(on: batch)
      _ = try (trainer.lastLoss(), trainer.model.gradientNorm(), trainer.evaluate(batches[..<1]))
    }
    let before = counting.allocations
    for batch in batches {
      try trainer.train(on: batch)
      trainer.optimizer.learningRate *= 0.9
      _ = try (trainer.lastLoss(), trainer.model.gradientNorm(), trainer.evaluate(batches[..<1]))
    }
    #expect(counting.allocations == before)
  }
}
