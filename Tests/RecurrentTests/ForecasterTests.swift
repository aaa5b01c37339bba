import Recurrent
import RecurrentCore
import RecurrentReference
import TestSupport
import Testing

@testable import RecurrentModel
@testable import RecurrentTasks

@Suite struct ForecasterTests {
  static let names = ["parallel", "lstm", "direct", "recursive", "known", "missing", "gate", "difference", "quantiles"]

  @Test(arguments: TestDevice.all) func aPassGivesPyTorchsNumbers(_ device: TestDevice) throws {
    try device.run { backend in
      for name in Self.names { try checkPass(name, on: backend) }
    }
  }

  @Test(arguments: names) func aPassOfTheOracleGivesPyTorchsNumbers(_ name: String) throws {
    try checkPass(name, on: ReferenceBackend())
  }

  private func checkPass(_ name: String, on backend: any Backend) throws {
    let fixture = try Fixture(named: "forecaster_" + name)
    let tape = Tape(Device(backend))
    let model = try model(name, fixture)
    try model.move(to: Device(backend))
    var weights = try fixture.dictionary("model.")
    weights["intervals"] = try HostTensor(
      shape: model.intervals.shape, values: [Float](repeating: 0, count: model.intervals.count))
    try model.load(weights)
    let rows = fixture.batch
    var inputs = ForecastInputs(
      values: try tape.tensor(fixture["x"].floats, shape: fixture["x"].shape),
      channels: (0..<rows).map { Int32($0 % 2) })
    if name == "known" { inputs.known = try tape.tensor(fixture["known"].floats, shape: fixture["known"].shape) }
    if name == "missing" {
      inputs.observed = try tape.tensor(fixture["observed"].floats, shape: fixture["observed"].shape)
    }
    let targets = try tape.tensor(fixture["targets"].floats, shape: fixture["targets"].shape)
    let (loss, predictions) = try model.loss(
      of: ForecastRows(inputs: inputs, targets: targets, observed: nil, count: targets.count))
    try loss.backward()
    expectClose(try predictions.values(), try fixture["y"].values, "\(name) predictions")
    expectClose(try loss.values(), try fixture["loss"].values, "\(name) loss")
    for parameter in model.namedParameters where parameter.name != "intervals" {
      expectClose(
        try parameter.parameter.gradient() ?? [], try fixture["grad." + parameter.name].values,
        "\(name) grad.\(parameter.name)")
    }
  }

  private func model(_ name: String, _ fixture: Fixture) throws -> RecurrentTasks.Forecaster {
    var shape = ForecasterShape(window: fixture.steps, horizon: 7, segment: 3)
    shape.channels = 2
    switch name {
    case "direct": shape.decoding = .direct
    case "recursive": shape.decoding = .recursive
    case "known": shape.known = 2
    case "missing": shape.readsMissing = true
    case "gate": (shape.gateLags, shape.scale) = ([1, 3, 6], .deviation)
    case "difference": shape.scale = .difference
    default: break
    }
    let hidden = fixture.hidden
    let rnn: RecurrentStack =
      name == "lstm" ? try LSTM(input: hidden, hidden: hidden) : try GRU(input: hidden, hidden: hidden)
    return try RecurrentTasks.Forecaster(
      shape, output: name == "quantiles" ? .quantiles([0.1, 0.5, 0.9]) : .point(.mae), rnn: rnn)
  }

  @Test func missingTargetsDoNotCount() throws {
    let tape = Tape(try Device.named("cpu"))
    let predictions = try tape.tensor([1, 2, 3, 4], shape: [2, 2, 1])
    let targets = try tape.tensor([2, 9, 1, 4], shape: [2, 2])
    let observed = try tape.tensor([1, 0, 1, 1], shape: [2, 2])
    for (output, expected) in [(ForecastOutput.point(.mae), 1), (.point(.mse), 5.0 / 3)] as [(ForecastOutput, Float)] {
      let loss = try output.loss(predictions, targets, observed: observed, count: 3)
      #expect(abs(try loss.item() - expected) < 1e-6)
    }
  }

  @Test func outputsAreTexts() {
    for text in ["mae", "mse", "huber", "quantiles", "quantiles:0.1,0.5,0.9", "gaussian", "negative-binomial"] {
      #expect(ForecastOutput(text)?.description == text)
    }
    for text in ["", "mea", "quantiles:", "quantiles:0.9,0.5,0.1", "quantiles:0.1,0.9", "quantiles:0,1", "gaussian:1"] {
      #expect(ForecastOutput(text) == nil)
    }
  }

  @Test func countsHaveQuantiles() {
    // A negative binomial with size 1 is geometric: P(X ≤ k) = 1 − (μ / (1 + μ))^(k + 1).
    let counts = NegativeBinomial(mean: 3, dispersion: 1)
    #expect([0.2, 0.5, 0.9].map(counts.quantile) == [0, 2, 8])
    #expect(abs(NormalQuantile.value(0.975) - 1.959964) < 1e-5)
  }
}
