import Recurrent
import RecurrentCore
import RecurrentReference
import TestSupport
import Testing

@testable import RecurrentModel

@Suite struct TrainerTests {
  /// Batches of a text in which every token follows from the one before.
  static func batches(_ count: Int, batchSize: Int = 2, steps: Int = 4) -> [SequenceBatch] {
    (0..<count).map { batch in
      let tokens = (0...steps).map { step in (0..<batchSize).map { Int32((batch * steps + step + 2 * $0) % 5) } }
      return SequenceBatch(
        inputs: tokens[..<steps].flatMap { $0 }, targets: tokens[1...].flatMap { $0 }, steps: steps,
        batchSize: batchSize)
    }
  }

  static func trainer(
    _ backend: any Backend = ReferenceBackend(), optimizer: Optimizer = Adam(learningRate: 0.02), dropout: Float = 0.1,
    clipNorm: Float? = 1, accumulation: Int = 1
  ) throws -> Trainer<LanguageModel, SequenceBatch> {
    let model = try LanguageModel(
      vocabularySize: 5, embedding: 4, rnn: LSTM(input: 4, hidden: 6, layers: 2, dropout: dropout))
    return try Trainer(
      model, optimizer: optimizer, schedule: .cosine(total: 100, warmUp: 3), clipNorm: clipNorm,
      accumulation: accumulation, seed: 3, device: Device(backend))
  }

  @Test func itLearns() throws {
    let trainer = try Self.trainer()
    var reports: [TrainingReport] = []
    let outcome = try trainer.fit(
      Self.batches(10), epochs: 8, validation: Self.batches(3), reportEvery: 4
    ) { reports.append($0) }
    #expect(outcome == .finished && trainer.progress == TrainingProgress(epoch: 8, batch: 0, step: 80))
    let epochs = reports.filter { $0.kind == .epoch }
    #expect(epochs.count == 8 && reports.count == 28)
    #expect(epochs[0].items == 80 && epochs.last?.epoch == 8)
    #expect(epochs[0].loss > 1.2 && (epochs.last?.loss ?? 9) < 0.5)
    #expect((epochs.last?.validationLoss ?? 9) < 0.4)
    #expect(epochs.last?.gradientNorm ?? 0 > 0)
    #expect(epochs.last?.description.contains("epoch 8, step 80: loss 0.") == true)
    // The reports of an epoch's steps are means that add up to the epoch's.
    let first = reports.filter { $0.kind == .steps && $0.epoch == 1 }
    #expect(first.map(\.items) == [32, 32])
  }

  /// What an epoch used, not what the next one will.
  @Test func anEpochsLearningRateIsThatOfItsLastStep() throws {
    let trainer = try Trainer(
      LanguageModel(vocabularySize: 5, embedding: 4, rnn: LSTM(input: 4, hidden: 3)), optimizer: SGD(learningRate: 8),
      schedule: .step(every: 3, factor: 0.5), device: Device(ReferenceBackend()))
    var rates: [Double] = []
    try trainer.fit(Self.batches(3), epochs: 3) { rates.append($0.learningRate) }
    #expect(rates == [8, 4, 2] && trainer.learningRate == 1)
  }

  @Test(arguments: TestDevice.all) func aResumedRunGivesTheSameBits(_ device: TestDevice) throws {
    try device.run { try checkResume(on: $0) }
  }

  private func checkResume(on backend: any Backend) throws {
    let batches = Self.batches(7)
    let whole = try Self.trainer(backend)
    var losses: [Double] = []
    try whole.fit(batches, epochs: 3) { losses.append($0.loss) }

    let stopped = try Self.trainer(backend)
    stopped.shouldStop = { stopped.progress.step == 10 }
    var resumedLosses: [Double] = []
    #expect(try stopped.fit(batches, epochs: 3) { resumedLosses.append($0.loss) } == .stopped)
    let state = try stopped.state()
    #expect(state.integers["epoch"] == 1 && state.integers["batch"] == 3)

    let resumed = try Self.trainer(backend)
    try resumed.restore(state)
    try resumed.fit(batches, epochs: 3) { resumedLosses.append($0.loss) }
    #expect(try resumed.state() == whole.state())
    #expect(losses == resumedLosses)
  }

  @Test func accumulationEqualsABigBatch() throws {
    let wide = Self.batches(3, batchSize: 4)
    // The same rows in two halves.
    let halves = wide.flatMap { batch in
      [0, 2].map { first in
        let pick = { (tokens: [Int32]) in tokens.indices.filter { ($0 % 4) / 2 == first / 2 }.map { tokens[$0] } }
        return SequenceBatch(
          inputs: pick(batch.inputs), targets: pick(batch.targets), steps: 4, batchSize: 2, continues: false)
      }
    }
    let fresh = wide.map { batch in
      var batch = batch
      batch.continues = false
      return batch
    }
    let big = try Self.trainer(optimizer: SGD(learningRate: 0.1), dropout: 0)
    let small = try Self.trainer(optimizer: SGD(learningRate: 0.1), dropout: 0, accumulation: 2)
    for batch in fresh { try big.train(on: batch) }
    for half in halves { try small.train(on: half) }
    #expect(small.progress.step == 3 && big.progress.step == 3)
    for (a, b) in zip(big.model.parameters, small.model.parameters) {
      for (x, y) in zip(try a.values(), try b.values()) { #expect(abs(x - y) < 1e-6) }
    }
  }

  @Test func whatIsFrozenStays() throws {
    let trainer = try Self.trainer(optimizer: AdamW(learningRate: 0.1, weightDecay: 0.5))
    trainer.model.embedding?.freeze()
    let before = try trainer.model.stateDictionary()
    for batch in Self.batches(3) { try trainer.train(on: batch) }
    let after = try trainer.model.stateDictionary()
    #expect(before["embedding.weight"] == after["embedding.weight"])
    #expect(before["head.weight"] != after["head.weight"])
  }

  @Test(arguments: TestDevice.all) func divergenceIsFoundBeforeAnythingIsSaved(_ device: TestDevice) throws {
    try device.run { backend in
      let trainer = try Self.trainer(backend, clipNorm: nil)
      let weight = trainer.model.rnn.namedParameters[1].parameter
      var values = try weight.values()
      values[3] = .nan
      try weight.setValues(values)
      let text = message { try trainer.fit(Self.batches(10), epochs: 2) }
      #expect(text?.contains("lower learning rate") == true && text?.contains("clip norm") == true)
      #expect(throws: RecurrentError.self) { try trainer.state() }
      // The loss itself shows it too: no kernel swallows a NaN.
      #expect(try trainer.epochLoss()?.isNaN == true)
    }
  }

  @Test func evaluationChangesNothing() throws {
    let (trainer, other) = (try Self.trainer(), try Self.trainer())
    for (index, batch) in Self.batches(6).enumerated() {
      try trainer.train(on: batch)
      try other.train(on: batch)
      if index == 2 {
        #expect(try trainer.evaluate(Self.batches(4)) == trainer.evaluate(Self.batches(4)))
      }
    }
    #expect(try trainer.state() == other.state())
    #expect(message { _ = try trainer.evaluate([]) }?.contains("nothing to evaluate") == true)
    #expect(message { try Self.trainer().fit([], epochs: 1) }?.contains("has no batches") == true)
  }

  @Test func aStepAllocatesNothingOnceOneHasRun() throws {
    let counting = Counting(ReferenceBackend())
    let backend = counting.backend
    let trainer = try Self.trainer(backend)
    let batches = Self.batches(6)
    try trainer.train(on: batches[0])
    let allocations = counting.allocations
    for batch in batches[1...] { try trainer.train(on: batch) }
    #expect(counting.allocations == allocations && allocations > 0)
  }

  @Test func aReportWaitsForTheDeviceOnce() throws {
    let counting = Counting(ReferenceBackend())
    let trainer = try Self.trainer(counting.backend)
    var (reports, before) = (0, 0)
    try trainer.fit(Self.batches(6), epochs: 2, reportEvery: 2) { report in
      reports += 1
      #expect(report.loss > 0 && report.gradientNorm ?? 0 > 0)
    } afterStep: { _ in
      #expect(counting.downloads - before <= reports)
      (reports, before) = (0, counting.downloads)
    }
    #expect(counting.downloads == 8)
  }

  /// A model whose members are asked for when it is placed, and not in a step.
  private final class Counted: Module {
    let dense: Dense
    private(set) var walks = 0

    init() throws { dense = try Dense(input: 1, output: 1) }

    var members: [Member] {
      walks += 1
      return [.module("dense", dense)]
    }
  }

  @Test func aStepWalksNoModel() throws {
    let trainer = try Trainer(Counted(), optimizer: Adam(), clipNorm: 1, device: Device(ReferenceBackend())) {
      (model, batch: Float, _, tape) in BatchLoss(try model.dense(tape.full([1, 1], batch)).sum())
    }
    let walks = trainer.model.walks
    try trainer.fit([1, 2, 3], epochs: 2, validation: [4], reportEvery: 1)
    #expect(walks > 0 && trainer.model.walks == walks)
  }

  @Test func aLossThatIsNoScalarIsNamed() throws {
    let trainer = try Trainer(
      Dense(input: 2, output: 3), optimizer: SGD(), device: Device(ReferenceBackend())
    ) { (model, batch: [Float], _, tape) in try BatchLoss(model(tape.tensor(batch, shape: [1, 2]))) }
    let wanted = "Trainer: the loss is a tensor of shape [1, 3]; reduce it to a scalar with mean() or sum()"
    #expect(message { try trainer.train(on: [1, 2]) } == wanted)
    #expect(message { _ = try trainer.evaluate([[1, 2]]) } == wanted)
  }

  @Test func batchesOfOnesOwnSkipNoneOfAnEpoch() throws {
    var seen: [Int] = []
    let model = try Dense(input: 1, output: 1)
    let trainer = try Trainer(model, optimizer: SGD(), accumulation: 2, device: Device(ReferenceBackend())) {
      (model, batch: Int, _, tape) in
      seen.append(batch)
      return BatchLoss(try model(tape.full([1, 1], 1)).sum(), weight: 2, items: 5)
    }
    for batch in 0..<3 { try trainer.train(on: batch) }
    #expect(trainer.progress == TrainingProgress(epoch: 0, batch: 0, step: 1))
    var reports: [TrainingReport] = []
    // The half step that was left is made, and the epoch's own reports count the epoch alone.
    try trainer.fit([10, 11, 12, 13], epochs: 2) { reports.append($0) }
    #expect(seen == [0, 1, 2, 10, 11, 12, 13, 10, 11, 12, 13])
    #expect(trainer.progress == TrainingProgress(epoch: 2, batch: 0, step: 6))
    #expect(reports.map(\.items) == [20, 20] && reports.map(\.batch) == [4, 4])
    try trainer.train(on: 20)
    try trainer.fit([30], epochs: 3) { _ in }
    #expect(seen.suffix(2) == [20, 30])
  }

  @Test func ratesCountItemsWhateverTheyWeigh() throws {
    let model = try Classifier(
      vocabularySize: 4, encoding: .embedding(2), rnn: GRU(input: 2, hidden: 2), classes: 2)
    for weight: Float in [1000, 1e18] {
      let trainer = try Trainer(model, optimizer: SGD(learningRate: 1e-9), device: Device(ReferenceBackend())) {
        (model, batch: [Int32], _, tape) in
        let tokens = try tape.tokens(batch, steps: 1, batchSize: batch.count)
        return try model.loss(of: tokens, labels: batch.map { $0 % 2 }, weights: [weight, weight])
      }
      var reports: [TrainingReport] = []
      try trainer.fit([[0, 1, 2], [3, 1, 2]], epochs: 1) { reports.append($0) }
      #expect(reports.map(\.items) == [6] && reports[0].loss < 2 && reports[0].description.contains("/s"))
    }
    let fast = TrainingReport(
      kind: .steps, epoch: 1, batch: 1, step: 1, loss: 1, validationLoss: nil, learningRate: 1, gradientNorm: nil,
      seconds: 1e-300, items: .max)
    #expect(fast.description.hasSuffix("\(Int.max.grouped)/s"))
    for weight in [-1, .nan, .infinity, 1e300] {
      let trainer = try Trainer(model, optimizer: SGD(), device: Device(ReferenceBackend())) {
        (model, batch: Float, _, tape) in BatchLoss(try tape.full([], batch), weight: weight)
      }
      #expect(message { try trainer.train(on: 1) }?.contains("has the weight") == true)
      #expect(message { _ = try trainer.evaluate([1]) }?.contains("has the weight") == true)
    }
  }

  @Test func settingsThatMakeNoSenseAreNamed() throws {
    #expect(message { _ = try Self.trainer(accumulation: 0) }?.contains("accumulation") == true)
    #expect(message { _ = try Self.trainer(clipNorm: 0) }?.contains("clipNorm") == true)
  }

  @Test func whatNobodyHoldsIsFreed() throws {
    weak var model: LanguageModel?
    do {
      let trainer = try Self.trainer()
      model = trainer.model
      try trainer.fit(Self.batches(2), epochs: 1)
    }
    #expect(model == nil)
  }

  @Test func aResumedEpochsRateCountsWhatThisProcessDid() throws {
    let batches = Self.batches(7)
    let stopped = try Self.trainer()
    stopped.shouldStop = { stopped.progress.step == 5 }
    try stopped.fit(batches, epochs: 1)
    let resumed = try Self.trainer()
    try resumed.restore(stopped.state())
    var reports: [TrainingReport] = []
    try resumed.fit(batches, epochs: 1) { reports.append($0) }
    #expect(reports.map(\.items) == [16])
    let loss = try resumed.epochLoss()
    #expect(reports.map(\.loss) == [loss])
  }

  @Test func aStopEndsAValidation() throws {
    let trainer = try Self.trainer()
    var asked = 0
    var reports: [TrainingReport] = []
    trainer.shouldStop = {
      asked += 1
      // Two steps, then two of the validation's batches.
      return asked > 4
    }
    let outcome = try trainer.fit(Self.batches(2), epochs: 2, validation: Self.batches(9)) { reports.append($0) }
    #expect(outcome == .stopped && asked == 5 && reports.isEmpty)
    #expect(trainer.progress == TrainingProgress(epoch: 0, batch: 2, step: 2))
    // Going on makes the validation up.
    trainer.shouldStop = { false }
    #expect(
      try trainer.fit(Self.batches(2), epochs: 1, validation: Self.batches(9)) { reports.append($0) } == .finished)
    #expect(reports.count == 1 && reports.first?.validationLoss != nil)
    #expect(trainer.progress == TrainingProgress(epoch: 1, batch: 0, step: 2))
  }

  @Test func aLossThatIsNotFiniteIsNoResult() throws {
    let trainer = try Self.trainer()
    let streams = try Streams([0, 1, 2, 3, 4, 0, 1], batchSize: 1, steps: 2)
    let loss = try trainer.model.meanLoss(over: streams)
    #expect(abs(try trainer.evaluate(streams) - loss) < 1e-6)
    let weight = trainer.model.head.weight
    try weight.setValues(weight.values().map { _ in .nan })
    for body in [{ _ = try trainer.evaluate(streams) }, { _ = try trainer.model.meanLoss(over: streams) }] {
      let error = #expect(throws: RecurrentError.self) { try body() }
      #expect(error?.kind == .diverged)
    }
  }

  @Test func targetsPastALengthCountNothing() throws {
    let trainer = try Self.trainer(dropout: 0)
    var batch = Self.batches(1)[0]
    batch.lengths = [4, 2]
    var masked = batch
    masked.targets[2 * 2 + 1] = -1
    masked.targets[3 * 2 + 1] = -1
    let results = try [batch, masked].map { batch in
      trainer.tape.reset()
      let result = try trainer.model.loss(of: batch, carrying: nil, on: trainer.tape)
      #expect(result.weight == 6)
      return try result.loss.item()
    }
    #expect(results[0] == results[1] && results[0] > 0)
    // Whatever token pads a row, the step is the same.
    var padded = batch
    padded.inputs[2 * 2 + 1] = -1
    padded.inputs[3 * 2 + 1] = 0
    let weights = try [batch, padded].map { batch in
      let trainer = try Self.trainer(dropout: 0)
      try trainer.train(on: batch)
      return try trainer.model.stateDictionary()
    }
    #expect(weights[0] == weights[1])
    batch.lengths = [4]
    #expect(message { try trainer.train(on: batch) }?.contains("1 lengths for 2 rows") == true)
  }

  @Test func damagedCountersAreNamed() throws {
    let trainer = try Self.trainer()
    try trainer.train(on: Self.batches(1)[0])
    for name in ["epoch", "batch", "step", "carried", "loss.additions"] {
      var state = try trainer.state()
      state.integers[name] = .max
      let error = #expect(throws: RecurrentError.self) { try trainer.restore(state) }
      #expect(error?.kind == .invalidModel && error?.what.contains(name) == true)
    }
    var state = try trainer.state()
    state.integers["carried"] = 1 << 50
    #expect(throws: RecurrentError.self) { try trainer.restore(state) }
  }
}
