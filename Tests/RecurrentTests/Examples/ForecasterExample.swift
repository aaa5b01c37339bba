import Foundation
import Recurrent
import Testing

// The article FirstModel, and README.

/// Predicts a step of a series from the steps before it.
final class Forecaster: Module {
  let rnn: GRU, head: Dense

  init(features: Int, hidden: Int) throws {
    rnn = try GRU(input: features, hidden: hidden)
    head = try Dense(input: hidden, output: features)
  }

  /// `[T, N, features] → [N, features]`.
  func callAsFunction(_ x: Tensor) throws -> Tensor { try head(rnn(x).finalOutput()) }
}

// The example names a file beside itself, which lies elsewhere here.
extension Forecaster {
  func save(to name: String) throws { try (self as any Module).save(to: WordTagger.path(name)) }

  func load(from name: String) throws { try (self as any Module).load(from: WordTagger.path(name)) }
}

@Suite struct ForecasterExample {
  @Test func aForecasterTrainsAndIsSaved() throws {
    defer { try? FileManager.default.removeItem(atPath: WordTagger.path("forecaster.safetensors")) }

    var random = RandomSource(seed: 1)
    let temperatures = (0..<240).map { 11 + 9 * sin(2 * .pi * Float($0) / 12) + Float(random.normal()) }
    let (past, recent) = (Array(temperatures[..<192]), Array(temperatures[192...]))

    let scaler = try StandardScaler(fitting: past)
    let training = try Windows(scaler.applied(to: past), steps: 24)
    let validation = try Windows(scaler.applied(to: recent), steps: 24)

    let model = try Forecaster(features: 1, hidden: 32)
    let trainer = try Trainer(model, optimizer: Adam(learningRate: 0.01), clipNorm: 1, device: .auto()) {
      (model, batch: Windows.Batch, _, tape) in
      let error = try meanSquaredError(model(batch.inputs(on: tape)), batch.targets(on: tape).step(0))
      return BatchLoss(error, weight: Double(batch.batchSize), items: batch.batchSize)
    }
    try trainer.fit(epochs: 20, validation: validation.batches(of: 24)) { epoch in
      training.batches(of: 24, seed: 1, epoch: epoch)
    } report: {
      print($0)
    }

    let tape = try Tape(model.device(), mode: .evaluation)
    let latest = try tape.tensor(scaler.applied(to: Array(temperatures.suffix(24))), shape: [24, 1, 1])
    print(try scaler.inverted(model(latest).values()))

    // A forecast of the mean would have an error of about 1.
    #expect(try trainer.evaluate(validation.batches(of: 24)) < 0.15)
    let forecast = try scaler.inverted(model(latest).values())[0]
    #expect(abs(forecast - 11) < 3, "\(forecast)")

    try model.save(to: "forecaster.safetensors")

    let saved = try Forecaster(features: 1, hidden: 32)
    try saved.load(from: "forecaster.safetensors")
    try saved.move(to: .auto())

    #expect(try saved.stateDictionary() == model.stateDictionary())

    let stream = try RecurrentStream(saved.rnn)
    for value in try scaler.applied(to: recent) {
      let state = try stream([value])
      print(state.count)
    }

    #expect("\(model)" == Self.printed)
    do {
      _ = try model(tape.tensor([0, 1], shape: [1, 1, 2]))
    } catch let error as RecurrentError {
      #expect(error.kind == .shapeMismatch)
      #expect("\(error)" == "GRU: the input has shape [1, 1, 2], not [T, N, 1]")
    }
  }

  private static let printed = """
    Forecaster(
      (rnn): GRU(1, 32)  # 3,360
      (head): Dense(32, 1)  # 33
    )
    3,393 parameters
    """
}
