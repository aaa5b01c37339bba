import RecurrentCore
import RecurrentReference
import TestSupport
import Testing

/// One layer of each cell, in one direction and in both, against PyTorch: outputs, final states and every gradient.
@Suite struct PyTorchTests {
  static let fixtures = ["lstm", "gru", "elman_tanh", "elman_relu"].flatMap { cell in
    ["", "_lengths", "_bidirectional", "_bidirectional_lengths"].map { "\(cell)_l1\($0)" }
  }

  @Test(arguments: TestDevice.all + [TestDevice("reference") { ReferenceBackend() }], fixtures)
  func layer(device: TestDevice, name: String) throws {
    let fixture = try Fixture(named: name)
    let errors = try device.run { backend in
      let layer = try FixtureLayer(fixture, backend)
      for direction in 0..<layer.directions { try layer.run(direction) }
      return try layer.errors()
    }
    for (key, error) in errors { #expect(error <= 1e-12, "\(device): \(name): \(key)") }
  }
}

/// A fixture's layer on a backend: both directions write to halves of the same regions.
private final class FixtureLayer {
  let fixture: Fixture
  let backend: any Backend
  let directions: Int
  private let cell: CellDescriptor
  private var results: [String: Region] = [:]

  init(_ fixture: Fixture, _ backend: any Backend) throws {
    self.fixture = fixture
    self.backend = backend
    directions = fixture.bidirectional == true ? 2 : 1
    let kinds: [String: CellKind] = [
      "lstm": .lstm, "gru": .gru(.resetAfter), "elman_tanh": .elman(.tanh), "elman_relu": .elman(.relu),
    ]
    cell = try CellDescriptor(
      #require(kinds[fixture.cell]), inputSize: #require(fixture.inputs), hiddenSize: fixture.hidden)
    for key in ["y", "hn", "cn"] + fixture.tensors.keys.filter({ $0.hasPrefix("grad.") })
    where fixture.tensors[key] != nil {
      results[key] = try region(key, values: nil)
    }
  }

  /// Forward and backward in one direction.
  func run(_ direction: Int) throws {
    let (steps, batch, hidden) = (fixture.steps, fixture.batch, fixture.hidden)
    let suffix = direction == 0 ? "" : "_reverse"
    let states = { try self.backend.allocate(rows: (steps + 1) * batch, columns: hidden) }
    let state = { (key: String) in
      try self.input(key).map { $0.rows(direction * batch..<(direction + 1) * batch) }
    }
    let result = { (key: String) in self.results[key]?.rows(direction * batch..<(direction + 1) * batch) }
    let half = direction * hidden..<(direction + 1) * hidden
    let weight = { (key: String) throws -> Region in try #require(try self.input("rnn.\(key)_l0\(suffix)")) }
    let gradient = { (key: String) -> Output? in self.results["grad.rnn.\(key)_l0\(suffix)"].map { .set($0) } }

    let y = try #require(results["y"]).columns(half)
    let lengths = try fixture.lengths.map { try backend.upload($0) }
    let sequence = try CellSequence(
      cell, steps: steps, batch: batch, isReversed: direction == 1, x: #require(try input("x")),
      weights: CellWeights(
        weightIH: weight("weight_ih"), weightHH: weight("weight_hh"), biasIH: weight("bias_ih"),
        biasHH: weight("bias_hh")),
      h: states(), c: cell.kind.hasCellState ? states() : nil, lengths: lengths,
      reserve: backend.allocate(columns: backend.reserveCount(cell, steps: steps, batch: batch)))
    try backend.sequenceForward(
      SequenceForward(
        sequence, initialH: state("h0"), initialC: state("c0"), finalH: result("hn"), finalC: result("cn"),
        output: lengths == nil ? nil : y))
    if lengths == nil { try backend.copy(Copy(sequence.outputs, into: .set(y))) }

    let dx = try #require(results["grad.x"])
    try backend.sequenceBackward(
      SequenceBackward(
        sequence, dOutput: #require(try input("dy")).columns(half), dFinalH: state("dhn"), dFinalC: state("dcn"),
        dx: direction == 0 ? .set(dx) : .add(dx), dInitialH: result("grad.h0").map { .set($0) },
        dInitialC: result("grad.c0").map { .set($0) }, dWeightIH: gradient("weight_ih"),
        dWeightHH: gradient("weight_hh"), dBiasIH: gradient("bias_ih"), dBiasHH: gradient("bias_hh")))
  }

  /// Each result's normalised squared error; infinite where a value is not finite.
  func errors() throws -> [String: Double] {
    var errors: [String: Double] = [:]
    for (key, region) in results {
      let expected = try fixture[key].values
      let pairs = try zip(backend.download(region).map { Double($0) }, expected)
      let error = pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / expected.reduce(0) { $0 + $1 * $1 }
      errors[key] = error.isFinite ? error : .infinity
    }
    return errors
  }

  private func input(_ key: String) throws -> Region? {
    try fixture.tensors[key].map { try region(key, values: $0.floats) }
  }

  /// A tensor as a matrix: the last axis gives the columns.
  private func region(_ key: String, values: [Float]?) throws -> Region {
    let shape = try fixture[key].shape
    let columns = shape.last ?? 1
    let region = try backend.allocate(rows: shape.reduce(1, *) / columns, columns: columns)
    if let values { try backend.upload(values, to: region) }
    return region
  }
}
