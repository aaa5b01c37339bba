import Recurrent
import RecurrentCore
import RecurrentReference
import TestSupport
import Testing

@testable import RecurrentModel

@Suite struct AttentionTests {
  @Test(arguments: TestDevice.all) func everyAttentionGivesPyTorchsNumbers(_ device: TestDevice) throws {
    try device.run { backend in
      for kind in ["dot", "scaled", "general", "additive", "heads"] { try checkPass(kind, on: backend) }
    }
  }

  @Test func theOracleGivesPyTorchsNumbers() throws {
    for kind in ["dot", "scaled", "general", "additive", "heads"] { try checkPass(kind, on: ReferenceBackend()) }
  }

  private func checkPass(_ kind: String, on backend: any Backend) throws {
    let fixture = try Fixture(named: "attention_\(kind)")
    let (size, tape) = (fixture.inputs ?? 0, Tape(Device(backend)))
    let model: any Module =
      switch kind {
      case "general": try GeneralAttention(query: size, memory: size)
      case "additive": try AdditiveAttention(query: size, memory: size, units: fixture.hidden)
      case "heads": try MultiHeadAttention(size, heads: 2)
      default: DotAttention(scaled: kind == "scaled")
      }
    if !model.parameters.isEmpty {
      try model.move(to: Device(backend))
      try model.load(fixture.dictionary("model."))
    }
    let input = { (key: String) in
      try tape.tensor(fixture[key].floats, shape: fixture[key].shape, needsGradient: true)
    }
    let (queries, states) = (try input("queries"), try input("states"))
    let lengths = try tape.lengths(fixture.lengths ?? [])
    let output: AttentionOutput
    if let heads = model as? MultiHeadAttention {
      let mask = try tape.mask([true, true, true, false, true], shape: [5])
      output = try heads(queries, heads.memory(states, lengths: lengths), mask: mask)
    } else {
      let attention = try #require(model as? any Attention)
      output = try attention(queries, attention.memory(states, lengths: lengths))
    }
    try (output.context * tape.tensor(fixture["upstream"].floats, shape: output.context.shape)).sum().backward()
    expectClose(try output.context.values(), try fixture["context"].values, "\(kind) context")
    expectClose(try output.weights.values(), try fixture["weights"].values, "\(kind) weights")
    expectClose(try queries.gradient() ?? [], try fixture["grad.queries"].values, "\(kind) grad.queries")
    expectClose(try states.gradient() ?? [], try fixture["grad.states"].values, "\(kind) grad.states")
    // All together: the terms of a bias in front of a softmax all but cancel.
    expectClose(
      try model.namedParameters.flatMap { try $0.parameter.gradient() ?? [] },
      try model.namedParameters.flatMap { try fixture["grad.model." + $0.name].values }, "\(kind) parameters")
  }

  @Test func gradientsAreRightForAStepAndForASequence() throws {
    let additive = try AdditiveAttention(query: 3, memory: 2, units: 4)
    let (general, heads) = (try GeneralAttention(query: 3, memory: 2), try MultiHeadAttention(4, heads: 2))
    try checkGradients(inputs: [[3, 2, 3], [4, 2, 2], [3, 2, 4]], of: [additive, general, heads]) { tape, x in
      let lengths = try tape.lengths([4, 2])
      var results = [try heads(x[2], lengths: tape.lengths([3, 0]), isCausal: true).context]
      for attention in [additive, general] as [any Attention] {
        let memory = try attention.memory(x[1], lengths: lengths)
        results += [try attention(x[0], memory).context, try attention(x[0].step(1), memory).context]
      }
      return results
    }
  }

  /// A query that is its own key as well: both parts of its gradient are there.
  @Test func aSequenceMayAttendToItself() throws {
    let attention = DotAttention(scaled: true)
    try checkGradients(inputs: [[3, 2, 4]]) { tape, x in
      [try attention(x[0], attention.memory(x[0]), mask: tape.causalMask(3)).context]
    }
  }

  @Test(arguments: TestDevice.all) func aRowAloneAndInABatchGetsTheSame(_ device: TestDevice) throws {
    try device.run { backend in
      let attention = try AdditiveAttention(query: 3, memory: 2, units: 5)
      try attention.move(to: Device(backend), seed: 3)
      let tape = Tape(Device(backend), mode: .evaluation)
      var random = RandomSource(seed: 1)
      let queries = (0..<6).map { _ in Float(random.normal()) }
      let states = (0..<16).map { _ in Float(random.normal()) }
      // Row 1 has 2 of 4 steps; what fills it is NaN.
      let padded = states.indices.map { $0 / 4 >= 2 && $0 % 4 >= 2 ? Float.nan : states[$0] }
      let batch = try attention(
        tape.tensor(queries, shape: [2, 3]),
        attention.memory(tape.tensor(padded, shape: [4, 2, 2]), lengths: tape.lengths([4, 2])))
      #expect(try batch.weights.values()[6...].elementsEqual([0, 0]))
      let alone = try attention(
        tape.tensor(Array(queries[3...]), shape: [1, 3]),
        attention.memory(tape.tensor([0, 1].flatMap { states[$0 * 4 + 2..<$0 * 4 + 4] }, shape: [2, 1, 2])))
      expectClose(Array(try batch.weights.values()[4..<6]), try alone.weights.values().map { Double($0) }, "weights")
    }
  }

  @Test func masksAreTensors() throws {
    let tape = referenceTape()
    let lengths = try tape.lengths([2, 0, 3])
    #expect(try tape.mask(lengths, steps: 3).values() == [1, 1, 0, 0, 0, 0, 1, 1, 1])
    #expect(try tape.causalMask(3).values() == [1, 0, 0, 1, 1, 0, 1, 1, 1])
    #expect(try lengths.asNumbers().values() == [2, 0, 3])
    #expect(try tape.mask([true, false], shape: [2, 1]).values() == [1, 0])
    // A NaN is not 0, and a row of which none counts is 0.
    let mask = try tape.tensor([.nan, 0, 0, 0], shape: [2, 2])
    #expect(try tape.full([2, 2], 1).softmax(mask: mask).values() == [1, 0, 0, 0])
    #expect(
      try tape.tensor([1, 2, 3, 1, 2, 3], shape: [2, 3]).softmax(axis: 0).values() == .init(repeating: 0.5, count: 6))
  }

  @Test func errorsNameWhatWasGiven() throws {
    let tape = referenceTape()
    let (states, queries) = (try tape.full([4, 2, 3], 1), try tape.full([2, 2, 5], 1))
    let attention = try AdditiveAttention(query: 5, memory: 2, units: 4)
    try attention.move(to: Device(tape.backend))
    #expect(
      message { _ = try attention.memory(states) }
        == "AdditiveAttention(5, 2, units: 4): the memory has shape [4, 2, 3], not [T, N, 2]")
    #expect(
      message { _ = try DotAttention()(queries, DotAttention().memory(states)) }
        == "DotAttention(): queries of shape [2, 2, 5] do not match a memory of shape [4, 2, 3]; "
        + "give queries [Q, 2, 3], or one per row: [2, 3]")
    #expect(
      message { _ = try attention(queries, DotAttention().memory(queries)) }?.hasSuffix(
        "but keys need 4 features; create the memory with memory(_:lengths:) of the same attention") == true)
    #expect(
      message { _ = try AttentionMemory(keys: states, values: queries) }?.contains(
        "[4, 2, 3] do not match values of shape [2, 2, 5]")
        == true)
    let (h, heads) = (try tape.full([2, 6], 1), try MultiHeadAttention(6, heads: 2))
    try heads.move(to: Device(tape.backend))
    let memory = try heads.memory(tape.full([3, 2, 6], 1))
    #expect(try heads(h, memory).context.shape == [2, 6])
    let (dot, mask) = (DotAttention(), try tape.mask(tape.lengths([1, 2]), steps: 3))
    #expect(try dot(h, dot.memory(tape.full([3, 2, 6], 1)), mask: mask).weights.values() == [1, 0, 0, 0.5, 0.5, 0])
    #expect(
      message { _ = try MultiHeadAttention(6, heads: 4) }
        == "MultiHeadAttention: 6 features are not divisible by 4 heads; use a multiple of the heads as features")
    #expect(
      message { _ = try states.softmax(lengths: tape.lengths([1, 2])) }
        == "softmax: 2 lengths for 4 rows; give one length per row, from 0 to 3")
    #expect(
      message { _ = try states.softmax(mask: tape.full([3, 3], 1)) }?.contains(
        "a mask of shape [3, 3] does not broadcast to a tensor of shape [4, 2, 3]") == true)
    #expect(
      message { _ = try tape.mask(tape.lengths([3]), steps: 2) }
        == "mask: the length 3 is out of range for 2 steps; give one length per row, from 0 to 2")
  }
}
