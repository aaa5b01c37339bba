import Recurrent
import RecurrentCore
import RecurrentReference
import TestSupport
import Testing

@testable import RecurrentModel

/// A module whose parameters have the names of the fixtures.
private final class Holder: Module {
  let rnn: RecurrentStack

  init(_ rnn: RecurrentStack) {
    self.rnn = rnn
  }
}

extension Fixture {
  fileprivate var bidirectionalOrNot: Bool { bidirectional ?? false }

  func stack(input: Int) throws -> RecurrentStack {
    switch cell {
    case "lstm": try LSTM(input: input, hidden: hidden, layers: layers, bidirectional: bidirectionalOrNot)
    case "gru": try GRU(input: input, hidden: hidden, layers: layers, bidirectional: bidirectionalOrNot)
    default:
      try Elman(
        input: input, hidden: hidden, layers: layers, activation: cell == "elman_relu" ? .relu : .tanh,
        bidirectional: bidirectionalOrNot)
    }
  }

  /// The tensors under a prefix, without it.
  func dictionary(_ prefix: String, keeping: String = "") throws -> StateDictionary {
    var dictionary: StateDictionary = [:]
    for (key, entry) in tensors where key.hasPrefix(prefix + keeping) {
      dictionary[String(key.dropFirst(prefix.count))] = try HostTensor(shape: entry.shape, values: entry.floats)
    }
    return dictionary
  }
}

/// The squared error over the squares of what was expected; float32 sits near 1e-13.
func expectClose(
  _ actual: [Float], _ expected: [Double], _ name: String, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(actual.count == expected.count, "\(name)", sourceLocation: sourceLocation)
  let error = zip(actual, expected).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }
  let size = expected.reduce(0) { $0 + $1 * $1 }
  // Written so that NaN fails.
  #expect(error <= 1e-12 * size, "\(name): an error of \(error / size)", sourceLocation: sourceLocation)
}

@Suite struct PyTorchTests {
  static let passes = ["lstm", "gru", "elman_tanh", "elman_relu"].flatMap { cell in
    [1, 2].flatMap { layers in
      ["", "_bidirectional"].flatMap { directions in
        ["", "_lengths"].map { "\(cell)_l\(layers)\(directions)\($0)" }
      }
    }
  }

  @Test(arguments: TestDevice.all) func aPassGivesPyTorchsNumbers(_ device: TestDevice) throws {
    try device.run { backend in
      for name in Self.passes { try checkPass(name, on: backend) }
    }
  }

  @Test func aPassOfTheOracleGivesPyTorchsNumbers() throws {
    for name in Self.passes { try checkPass(name, on: ReferenceBackend()) }
  }

  private func checkPass(_ name: String, on backend: any Backend) throws {
    let fixture = try Fixture(named: name)
    let model = Holder(try fixture.stack(input: fixture.inputs ?? 0))
    try model.move(to: Device(backend))
    try model.load(fixture.dictionary("", keeping: "rnn."))
    let tape = Tape(Device(backend))
    let leaf = { (key: String) in
      try tape.tensor(fixture[key].floats, shape: fixture[key].shape, needsGradient: true)
    }
    let hasCell = fixture.cell == "lstm"
    let (x, h, c) = (try leaf("x"), try leaf("h0"), hasCell ? try leaf("c0") : nil)
    let output = try model.rnn(
      x, state: RecurrentState(h: h, c: c), lengths: fixture.lengths.map { try tape.lengths($0) })
    let results = [("y", output.outputs), ("hn", output.state.h)] + (output.state.c.map { [("cn", $0)] } ?? [])
    for (key, tensor) in results { expectClose(try tensor.values(), try fixture[key].values, "\(name) \(key)") }

    let terms = try results.map { key, tensor in
      try (tensor * tape.tensor(fixture["d" + key].floats, shape: tensor.shape)).sum()
    }
    try terms.dropFirst().reduce(terms[0]) { try $0 + $1 }.backward()
    for (key, tensor) in [("x", x), ("h0", h)] + (c.map { [("c0", $0)] } ?? []) {
      expectClose(try tensor.gradient() ?? [], try fixture["grad." + key].values, "\(name) grad.\(key)")
    }
    for named in model.namedParameters {
      expectClose(
        try named.parameter.gradient() ?? [], try fixture["grad." + named.name].values, "\(name) grad.\(named.name)")
    }
  }

  @Test(arguments: TestDevice.all) func tenStepsGivePyTorchsLossesAndWeights(_ device: TestDevice) throws {
    try device.run { backend in
      for cell in ["lstm", "gru", "elman_tanh", "lstm_sparse"] { try checkTenSteps(cell, on: backend) }
    }
  }

  private func checkTenSteps(_ cell: String, on backend: any Backend) throws {
    let fixture = try Fixture(named: "ten_steps_" + cell)
    let (steps, rows, size) = (fixture.steps, fixture.batch, fixture.embedding ?? 0)
    let model = try LanguageModel(
      vocabularySize: fixture.vocabulary ?? 0, embedding: size, rnn: fixture.stack(input: size))
    model.embedding?.isSparse = cell.hasSuffix("sparse")
    try model.load(fixture.dictionary("before."))
    let trainer = try Trainer(
      model, optimizer: Adam(learningRate: Double(fixture.learningRate ?? 0)), clipNorm: fixture.clipNorm,
      device: Device(backend))
    let (inputs, targets) = (try fixture["inputs"].integers, try fixture["targets"].integers)
    for step in 0..<10 {
      let range = step * steps * rows..<(step + 1) * steps * rows
      try trainer.train(
        on: SequenceBatch(
          inputs: Array(inputs[range]), targets: Array(targets[range]), steps: steps, batchSize: rows))
      let total = try trainer.meter.total()
      try trainer.meter.clear()
      let loss = total / Double(steps * rows)
      let expected = try fixture["losses"].values[step]
      #expect(abs(loss - expected) <= 2e-6 * expected, "\(cell) step \(step): \(loss), not \(expected)")
      let norm = try Double(trainer.gradientNorm() ?? -1)
      let expectedNorm = try fixture["norms"].values[step]
      #expect(abs(norm - expectedNorm) <= 1e-5 * expectedNorm, "\(cell) step \(step): norm \(norm)")
    }
    for named in model.namedParameters {
      for (value, expected) in zip(try named.parameter.values(), try fixture["after." + named.name].values) {
        #expect(abs(Double(value) - expected) <= 1e-4, "\(cell) \(named.name)")
      }
    }
  }
}
