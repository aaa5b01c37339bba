import Recurrent
import Testing

@testable import RecurrentModel

@Suite struct RecurrentStackTests {
  static let kinds: [CellKind] = [
    .elman(.tanh), .elman(.relu), .lstm, .gru(.resetAfter), .gru(.resetBefore),
  ]

  /// A stack of any kind, its weights large enough to keep gradients alive.
  static func stack(
    _ kind: CellKind, input: Int = 3, hidden: Int = 4, layers: Int = 1, dropout: Float = 0, bidirectional: Bool = false,
    bias: CellBias = .both, batchFirst: Bool = false
  ) throws -> RecurrentStack {
    let start = RecurrentInitialization(
      weightIH: .normal(0.6), weightHH: .normal(0.6), biasIH: .normal(0.3), biasHH: .normal(0.3))
    return switch kind {
    case .elman(let activation):
      try Elman(
        input: input, hidden: hidden, layers: layers, activation: activation, dropout: dropout,
        bidirectional: bidirectional, bias: bias, batchFirst: batchFirst, initialization: start)
    case .lstm:
      try LSTM(
        input: input, hidden: hidden, layers: layers, dropout: dropout, bidirectional: bidirectional, bias: bias,
        batchFirst: batchFirst, initialization: start)
    case .gru(let convention):
      try GRU(
        input: input, hidden: hidden, layers: layers, convention: convention, dropout: dropout,
        bidirectional: bidirectional, bias: bias, batchFirst: batchFirst, initialization: start)
    }
  }

  private func all(_ output: RecurrentOutput) throws -> [Tensor] {
    try [output.outputs, output.finalOutput(), output.state.h] + [output.state.c].compactMap { $0 }
  }

  @Test(arguments: kinds, [false, true])
  func everyGradientIsRight(_ kind: CellKind, bidirectional: Bool) throws {
    let model = try Self.stack(kind, layers: 2, dropout: 0.3, bidirectional: bidirectional)
    let directions = bidirectional ? 2 : 1
    try checkGradients(
      inputs: [[3, 2, 3], [2 * directions, 2, 4], [2 * directions, 2, 4]], of: [model], scale: 0.5
    ) { _, x in
      try all(model(x[0], state: RecurrentState(h: x[1], c: kind.hasCellState ? x[2] : nil)))
    }
  }

  @Test(arguments: kinds, CellBias.allCases)
  func lengthsAndResetsKeepGradientsRight(_ kind: CellKind, _ bias: CellBias) throws {
    let model = try Self.stack(kind, bidirectional: true, bias: bias)
    try checkGradients(inputs: [[3, 4, 3], [2, 4, 4], [2, 4, 4]], of: [model], scale: 0.5) { tape, x in
      let state = RecurrentState(h: x[1], c: kind.hasCellState ? x[2] : nil)
      let resets = try tape.resets((0..<12).map { $0 == 0 || $0 == 5 || $0 == 10 })
      return try all(model(x[0], state: state, lengths: tape.lengths([3, 0, 1, 2])))
        + all(model(x[0], state: state, resets: resets))
    }
  }

  @Test(arguments: kinds) func batchFirstIsTheSameTurnedAround(_ kind: CellKind) throws {
    let (plain, turned) = (try Self.stack(kind), try Self.stack(kind, batchFirst: true))
    let tape = referenceTape()
    try plain.move(to: Device(tape.backend))
    try turned.move(to: Device(tape.backend))
    try turned.load(plain.stateDictionary())
    let x = try tape.tensor((0..<24).map { Float($0) / 10 - 1 }, shape: [4, 2, 3])
    let expected = try plain(x).outputs.swappingLeadingAxes().values()
    #expect(try turned(x.swappingLeadingAxes()).outputs.values() == expected)
    try checkGradients(inputs: [[2, 3, 3]], of: [turned]) { _, x in try all(turned(x[0])) }
  }

  @Test(arguments: kinds) func carryingTheStateIsNotStopping(_ kind: CellKind) throws {
    let model = try Self.stack(kind, layers: 2)
    let tape = referenceTape()
    try model.move(to: Device(tape.backend))
    let values = (0..<36).map { Float($0 % 7) / 5 - 0.6 }
    let whole = try model(tape.tensor(values, shape: [6, 2, 3])).outputs.values()
    let first = try model(tape.tensor(Array(values[..<18]), shape: [3, 2, 3]))
    let (start, state) = (try first.outputs.values(), try first.state.detached())
    tape.reset()
    let rest = try model(tape.tensor(Array(values[18...]), shape: [3, 2, 3]), state: state).outputs.values()
    #expect(start + rest == whole)
  }

  @Test func namesArePyTorchs() throws {
    let names = try Self.stack(.lstm, layers: 2, bidirectional: true).namedParameters.map(\.name)
    #expect(
      names.prefix(8) == [
        "weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0", "weight_ih_l0_reverse", "weight_hh_l0_reverse",
        "bias_ih_l0_reverse", "bias_hh_l0_reverse",
      ])
    #expect(names.count == 16 && names[8] == "weight_ih_l1")
    #expect(
      try Self.stack(.gru(.resetBefore), bias: .single).namedParameters.map(\.name)
        == ["weight_ih_rb_l0", "weight_hh_rb_l0", "bias_ih_rb_l0"])
    let second = try Self.stack(.gru(.resetAfter), layers: 2, bidirectional: true).namedParameters[8].parameter
    #expect(second.shape == [12, 8])
  }

  @Test func whatDoesNotFitIsNamed() throws {
    let model = try Self.stack(.lstm)
    let tape = referenceTape()
    try model.move(to: Device(tape.backend))
    let x = try tape.full([2, 2, 3], 1)
    #expect(message { _ = try model(tape.full([2, 2, 5], 1)) }?.contains("[2, 2, 5]") == true)
    #expect(message { _ = try model(x, lengths: tape.lengths([3, 1])) }?.contains("the length 3") == true)
    let state = RecurrentState(h: try tape.full([1, 3, 4], 0), c: try tape.full([1, 3, 4], 0))
    #expect(message { _ = try model(x, state: state) }?.contains("[1, 2, 4]") == true)
    #expect(message { _ = try model(x, state: RecurrentState(h: tape.full([1, 2, 4], 0))) } != nil)
    #expect(throws: RecurrentError.self) { try LSTM(input: 0, hidden: 4) }
    #expect(throws: RecurrentError.self) { try GRU(input: 1, hidden: 4, dropout: 1) }
    #expect(throws: RecurrentError.self) { try Elman(input: 1, hidden: 4, activation: .sigmoid) }
  }

  @Test func lengthsAndResetsOfAnotherPassOrTapeAreRefused() throws {
    let model = try Self.stack(.lstm)
    let tape = referenceTape()
    try model.move(to: Device(tape.backend))
    let (lengths, resets) = (try tape.lengths([2, 1]), try tape.resets([false, true, false, true]))
    tape.reset()
    let x = try tape.full([2, 2, 3], 0)
    #expect(message { _ = try model(x, lengths: lengths) }?.contains("earlier pass") == true)
    #expect(message { _ = try model(x, resets: resets) }?.contains("earlier pass") == true)
    let other = Tape(Device(tape.backend))
    #expect(message { _ = try model(x, lengths: other.lengths([2, 1])) }?.contains("another tape") == true)
    #expect(message { _ = try model(x, lengths: tape.lengths([2, -1])) }?.contains("the length -1") == true)
    #expect(message { _ = try model(x, lengths: tape.lengths([2])) }?.contains("1 lengths for 2 rows") == true)
    #expect(message { _ = try model(x, resets: tape.resets([true])) }?.contains("1 reset marks") == true)
  }
}
