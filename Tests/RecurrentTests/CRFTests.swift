import Recurrent
import RecurrentCore
import RecurrentReference
import TestSupport
import Testing

@testable import RecurrentModel
@testable import RecurrentTasks

@Suite struct CRFTests {
  @Test func negativeLogLikelihoodHasTheRightGradient() throws {
    let field = try CRF(tags: 3)
    try checkGradients(inputs: [[4, 3, 3]], of: [field]) { tape, x in
      let tags = try tape.tokens([0, 2, 1, 1, -1, 1, 2, -1, 0, 2, -1, 2], steps: 4, batchSize: 3)
      let whole = try tape.tokens([0, 2, 1, 1, 0, 1, 2, 0, 0, 2, 0, 2], steps: 4, batchSize: 3)
      return [
        try field.negativeLogLikelihood(emissions: x[0], tags: tags, lengths: tape.lengths([3, 1, 4])),
        try field.negativeLogLikelihood(emissions: x[0], tags: whole),
      ]
    }
  }

  @Test(arguments: TestDevice.all) func aPassGivesPyTorchsNumbers(_ device: TestDevice) throws {
    try device.run { try checkPass(on: $0) }
  }

  @Test func aPassOfTheOracleGivesPyTorchsNumbers() throws { try checkPass(on: ReferenceBackend()) }

  private func checkPass(on backend: any Backend) throws {
    let fixture = try Fixture(named: "crf")
    let field = try CRF(tags: fixture.hidden)
    try field.move(to: Device(backend))
    try field.load(fixture.dictionary("model."))
    let tape = Tape(Device(backend))
    let scores = try fixture["emissions"]
    let emissions = try tape.tensor(scores.floats, shape: scores.shape, needsGradient: true)
    let tags = try tape.tokens(fixture["tags"].integers, steps: fixture.steps, batchSize: fixture.batch)
    let counts = try #require(fixture.lengths)
    let lengths = try tape.lengths(counts)
    let loss = try field.negativeLogLikelihood(emissions: emissions, tags: tags, lengths: lengths)
    try loss.backward()
    expectClose(try loss.values(), try fixture["loss"].values, "loss")
    expectClose(try emissions.gradient() ?? [], try fixture["grad.emissions"].values, "grad.emissions")
    for named in field.namedParameters {
      let gradient = try #require(try named.parameter.gradient())
      expectClose(gradient, try fixture["grad." + named.name].values, "grad.\(named.name)")
    }
    let best = try fixture["best"].integers
    let expected = counts.enumerated().map { row, length in
      (0..<Int(length)).map { best[$0 * fixture.batch + row] }
    }
    #expect(try field.decode(emissions, lengths: lengths) == expected)
  }

  @Test func parametersStartAsPyTorchCRFs() throws {
    let field = try CRF(tags: 30)
    try field.initialize(seed: 4)
    #expect(
      field.namedParameters.map { "\($0.name) \($0.parameter.shape)" }
        == ["start_transitions [30]", "end_transitions [30]", "transitions [30, 30]"])
    let values = try field.transitions.values()
    #expect(values.allSatisfy { abs($0) <= 0.1 } && values.contains { $0 > 0.09 } && values.contains { $0 < -0.09 })
  }

  @Test func ofEquallyLikelyTagsTheLowestIsTaken() throws {
    let field = try CRF(tags: 3)
    let backend = ReferenceBackend()
    try field.move(to: Device(backend))
    for parameter in field.parameters { try parameter.setValues([Float](repeating: 0, count: parameter.count)) }
    let tape = Tape(Device(backend))
    let emissions = try tape.tensor([0, 0, 0, 1, 2, 2], shape: [2, 1, 3])
    #expect(try field.decode(emissions) == [[0, 1]])
    #expect(try field.decode(emissions, lengths: tape.lengths([0])) == [[]])
  }

  @Test func whatDoesNotFitIsAnError() throws {
    #expect(message { _ = try CRF(tags: 0) }?.contains("tags") == true)
    let field = try CRF(tags: 3)
    let backend = ReferenceBackend()
    try field.move(to: Device(backend))
    let tape = Tape(Device(backend))
    let emissions = try tape.full([2, 2, 3], 0)
    let loss = { (tags: [Int32], lengths: [Int32]?) throws in
      let tokens = try tape.tokens(tags, steps: tags.count / 2, batchSize: 2)
      _ = try field.negativeLogLikelihood(
        emissions: emissions, tags: tokens, lengths: lengths.map { try tape.lengths($0) })
    }
    #expect(message { try loss([0, 1, 2, 3], nil) }?.contains("index 3") == true)
    #expect(message { try loss([0, 1, 2, -1], nil) }?.contains("tag -1 at step 1 of row 1") == true)
    #expect(message { try loss([0, 1, 2, -1], [2, 1]) } == nil)
    #expect(message { try loss([0, 1], nil) }?.contains("2 tags for 2 steps of 2 rows") == true)
    #expect(message { try loss([0, 1, 2, 0], [2, 3]) }?.contains("the length 3") == true)
    #expect(message { _ = try field.decode(tape.full([2, 2, 4], 0)) }?.contains("for 3 tags") == true)
  }
}
