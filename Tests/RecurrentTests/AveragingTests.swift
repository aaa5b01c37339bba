import Recurrent
import RecurrentCore
import RecurrentReference
import TestSupport
import Testing

@testable import RecurrentModel

/// The exponential moving average of a trainer's weights.
@Suite struct AveragingTests {
  private typealias LineTrainer = Trainer<Dense, Float>

  /// A trainer of `y = w x + b` for the slope 3.
  private static func line(
    _ backend: any Backend = ReferenceBackend(), averaging: WeightAveraging? = 0.3
  ) throws -> LineTrainer {
    try Trainer(
      Dense(input: 1, output: 1), optimizer: SGD(learningRate: 0.1), averaging: averaging, seed: 4,
      device: Device(backend)
    ) { model, x, _, tape in
      try BatchLoss(meanSquaredError(model(tape.full([1, 1], x)), tape.full([1, 1], 3 * x)))
    }
  }

  private static func values(_ model: some Module) throws -> [Float] {
    try model.parameters.flatMap { try $0.values() }
  }

  private static func text(
    _ backend: any Backend = ReferenceBackend(), averaging: WeightAveraging? = 0.9
  ) throws -> Trainer<LanguageModel, SequenceBatch> {
    let model = try LanguageModel(
      vocabularySize: 5, embedding: 4, rnn: LSTM(input: 4, hidden: 6, layers: 2, dropout: 0.1))
    return try Trainer(
      model, optimizer: Adam(learningRate: 0.02), clipNorm: 1, averaging: averaging, seed: 3, device: Device(backend))
  }

  /// The numbers of `AveragedModel` with `get_ema_multi_avg_fn`, which starts with the first step's values and then has
  /// `lerp(average, values, 1 − decay)`, with the decay of each step.
  @Test(arguments: TestDevice.all) func theAverageIsPyTorchsWithAWarmUp(_ device: TestDevice) throws {
    try device.run { backend in
      let (trainer, other) = (try Self.line(backend), try Self.line(backend, averaging: nil))
      var average: [Double] = []
      for (step, decay) in [0, 2.0 / 11, 3.0 / 12, 0.3, 0.3].enumerated() {
        let x = Float(1 + step % 3) / 2
        try trainer.train(on: x)
        try other.train(on: x)
        let values = try Self.values(trainer.model)
        #expect(values == (try Self.values(other.model)))
        average = values.indices.map { index in
          let before = step == 0 ? 0 : average[index]
          return before + (1 - decay) * (Double(values[index]) - before)
        }
      }
      let trained = try Self.values(trainer.model)
      try trainer.useAveragedWeights()
      let averaged = try Self.values(trainer.model)
      for (x, y) in zip(averaged, average) { #expect(abs(Double(x) - y) < 1e-6) }
      #expect(averaged.count == 2 && zip(averaged, trained).allSatisfy { abs($0 - $1) > 1e-3 })
      // The next step continues with the other weights.
      for trainer in [trainer, other] { try trainer.train(on: 1) }
      #expect(try Self.values(trainer.model) == Self.values(other.model))
    }
  }

  @Test func theAverageIsEvaluated() throws {
    let trainer = try Self.line()
    var losses: [Double] = []
    var seen: [[Float]] = []
    try trainer.fit(epochs: 2, batches: { _ in [1, 0.5, 2] as [Float] }) { report in
      losses.append(report.validationLoss ?? .nan)
      seen.append(try Self.values(trainer.model))
    } validate: {
      seen.append(try Self.values(trainer.model))
      return try trainer.validate(over: [1, 2])
    }
    let averaged = try trainer.state().weights
    #expect(try trainer.model.stateDictionary() == averaged)
    #expect(seen.count == 4 && seen[0] == seen[1] && seen[2] == seen[3] && seen[0] != seen[2])
    #expect(seen[3] == (try Self.values(trainer.model)))
    let plain = try Self.line(averaging: nil)
    try plain.model.load(averaged)
    let loss = try plain.evaluate([1, 2])
    // The oracle computes with Doubles, of which a dictionary has the Floats.
    #expect(abs((losses.last ?? .nan) - loss) < 1e-6)
    // Between steps the model has the trained weights, and an evaluation does not change them.
    try trainer.train(on: 1)
    let trained = try Self.values(trainer.model)
    #expect(try trainer.evaluate([1, 2]) > 0)
    #expect(try Self.values(trainer.model) == trained)
    // Before the first step there is no average.
    let new = try (Self.line(), Self.line(averaging: nil))
    #expect(try new.0.evaluate([1]) == new.1.evaluate([1]))
  }

  @Test(arguments: TestDevice.all) func aResumedRunGivesTheSameBits(_ device: TestDevice) throws {
    try device.run { backend in
      let (batches, validation) = (TrainerTests.batches(5), TrainerTests.batches(2))
      let whole = try Self.text(backend)
      var losses: [Double?] = []
      try whole.fit(batches, epochs: 3, validation: validation) { losses.append($0.validationLoss) }

      let stopped = try Self.text(backend)
      var (resumedLosses, last): ([Double?], TrainingState?) = ([], nil)
      stopped.shouldStop = { stopped.progress.step == 7 }
      let outcome = try stopped.fit(batches, epochs: 3, validation: validation) {
        resumedLosses.append($0.validationLoss)
        last = try stopped.state()
      }
      #expect(outcome == .stopped && last?.weights != last?.tensors(under: "model"))
      let resumed = try Self.text(backend)
      try resumed.restore(stopped.state())
      #expect(try resumed.state() == stopped.state())
      try resumed.fit(batches, epochs: 2, validation: validation) { resumedLosses.append($0.validationLoss) }
      // More epochs continue with the trained weights, in this trainer and in another.
      let more = try Self.text(backend)
      try more.restore(resumed.state())
      for trainer in [resumed, more] { try trainer.fit(batches, epochs: 3, validation: validation) }
      #expect(try resumed.state() == whole.state() && more.state() == whole.state())
      #expect(try more.model.stateDictionary() == whole.model.stateDictionary())
      #expect(resumedLosses == Array(losses[..<2]))
    }
  }

  @Test func whatIsFrozenOrSetByHandKeepsItsValues() throws {
    let trainer = try Self.line()
    let (weight, bias) = (trainer.model.weight, try trainer.model["bias"])
    bias.isFrozen = true
    try trainer.fit(epochs: 1, batches: { _ in [1, 2] as [Float] }) { _ in
    } validate: {
      try bias.setValues([7])
      try weight.setValues([0.5])
      return .none
    }
    #expect(try bias.values() == [7] && weight.values() == [0.5])
    #expect(try trainer.state().tensors.keys.filter { $0.hasPrefix("average") } == [])
    try trainer.train(on: 0)
    #expect(try bias.values() == [7] && weight.values() == [0.5])
    // Both averages start here.
    bias.isFrozen = false
    try trainer.train(on: 1)
    let trained = try Self.values(trainer.model)
    let state = try trainer.state()
    #expect(state.tensors["average.bias"]?.values == [trained[1]] && trained[1] != 7)
    #expect(state.tensors["average.weight"] != nil && trained[0] != 0.5)
  }

  @Test func aStepAllocatesNothingAndAReportWaitsOnce() throws {
    let counting = Counting(ReferenceBackend())
    let trainer = try Self.line(counting.backend)
    try trainer.fit([1], epochs: 1, validation: [1])
    let (allocations, downloads) = (counting.allocations, counting.downloads)
    try trainer.fit([1], epochs: 3, validation: [1])
    #expect(counting.allocations == allocations && counting.downloads == 3 * downloads)
  }

  /// The weights after epochs 3 to 5 of 5, whether or not the run is interrupted, or its last epoch is validated again.
  @Test(arguments: TestDevice.all) func theMeanOverTheLastEpochs(_ device: TestDevice) throws {
    try device.run { backend in
      let plain = try Self.line(backend, averaging: nil)
      var after: [[Float]] = []
      for epoch in 1...5 {
        try plain.fit([1, 2], epochs: epoch)
        after.append(try Self.values(plain.model))
      }
      let expected = after[0].indices.map { index in after[2...].reduce(0.0) { $0 + Double($1[index]) } / 3 }
      let whole = try Self.line(backend, averaging: .lastEpochs(3))
      try whole.fit([1, 2], epochs: 5)
      expectClose(try Self.values(whole.model), expected, "mean")
      let parts = try Self.line(backend, averaging: .lastEpochs(3))
      for epoch in 1...5 {
        parts.shouldStop = { parts.progress.epoch == epoch }
        try parts.fit([1, 2], epochs: 5)
        try parts.restore(parts.state())
      }
      parts.shouldStop = { false }
      try parts.fit([1, 2], epochs: 5)
      #expect(try Self.values(parts.model) == Self.values(whole.model))
    }
  }

  @Test func wrongSettingsAndStatesAreNamed() throws {
    #expect(
      message { _ = try Self.line(averaging: .lastEpochs(0)) }?.contains("the number of averaged epochs is 0") == true)
    for decay in [-0.1, 1, .nan] as [Float] {
      #expect(
        message { _ = try Self.line(averaging: .exponential(decay: decay)) }?.contains(
          "the decay of the averaged weights is") == true)
    }
    let sparse = try LanguageModel(vocabularySize: 5, embedding: 4, rnn: GRU(input: 4, hidden: 3))
    sparse.embedding?.isSparse = true
    #expect(
      message { _ = try Trainer(sparse, optimizer: Adam(), averaging: 0.9, device: Device(ReferenceBackend())) }
        == "Trainer: averaging is not supported for embedding.weight, which is sparse; use no averaging, or a dense embedding"
    )
    let (with, without) = (try Self.line(), try Self.line(averaging: nil))
    for trainer in [with, without] { try trainer.train(on: 1) }
    #expect(
      message { try with.restore(without.state()) }
        == "Trainer: the training state has no averaged weights; create the trainer without averaging")
    #expect(
      message { try without.restore(with.state()) }
        == "Trainer: the training state has averaged weights; create the trainer with averaging")
    var state = try with.state()
    state.tensors["average.other"] = try HostTensor(shape: [1], values: [1])
    #expect(
      message { try with.restore(state) }?.contains("averaged weights do not match the model: unexpected") == true)
    try with.model.move(to: Device(ReferenceBackend()))
    #expect(message { try with.useAveragedWeights() }?.contains("the model was moved") == true)
  }
}
