import Recurrent
import RecurrentCore
import TestSupport
import Testing

@testable import RecurrentModel

/// A step of 9 rows from 4 states, whose inputs are rows of a table of 3.
private final class Decoder: Module {
  let rnn: RecurrentStack
  let states: Parameter
  let inputs: Parameter
  /// Whether the layer may read the tables in place of the gathered rows.
  var folds = true

  private static let owners: [Int32] = [0, 1, 3, 0, 1, 3, 3, -1, 0]
  private static let parts: [Int32] = [2, 2, 2, 0, 0, 0, -1, 1, 2]

  init(_ kind: CellKind, bias: CellBias = .both) throws {
    rnn = try RecurrentStackTests.stack(kind, bias: bias)
    states = Parameter([4, rnn.hiddenSize], .normal())
    inputs = Parameter([3, rnn.inputSize], .normal())
  }

  func callAsFunction(on tape: Tape, lengths: Lengths? = nil) throws -> [Tensor] {
    let rows = { (table: Parameter, indices: [Int32]) in
      let rows = try table.tensor(on: tape).rows(at: tape.labels(indices, shape: [1, indices.count]))
      return self.folds ? rows : try rows.scaled(by: 1)
    }
    let (h, x) = (try rows(states, Self.owners), try rows(inputs, Self.parts))
    let c = rnn.kind.hasCellState ? try h * h : nil
    let output = try rnn(x, state: RecurrentState(h: h, c: c), lengths: lengths)
    return [output.outputs, output.state.h, h] + [output.state.c].compactMap { $0 }
  }

  /// The loss and the gradients of a pass.
  func pass(on tape: Tape, lengths: [Int32]?) throws -> (loss: Float, gradients: [[Float]]) {
    try zeroGradients()
    tape.reset()
    let losses = try self(on: tape, lengths: lengths.map(tape.lengths)).map { try ($0 * $0).mean() }
    let loss = try losses.dropFirst().reduce(losses[0]) { try $0 + $1 }
    try loss.backward()
    return (try loss.item(), try namedParameters.map { try $0.parameter.gradient() ?? [] })
  }
}

/// Rows that were gathered from a tensor, as inputs and as states of a layer that reads the tensor in their place.
@Suite struct SharedRowsTests {
  @Test(arguments: TestDevice.all) func tensorsReadInPlaceOfTheirRowsGiveTheSame(_ device: TestDevice) throws {
    try device.run { backend in
      for kind in RecurrentStackTests.kinds {
        for (bias, lengths) in [
          (CellBias.both, nil), (.single, [1, 1, 0, 1, 1, 0, 1, 1, 1]), (.none, nil),
        ] as [(CellBias, [Int32]?)] {
          let model = try Decoder(kind, bias: bias)
          try model.move(to: Device(backend))
          let tape = Tape(Device(backend))
          for frozen in [nil, model.states, model.rnn.namedParameters[1].parameter] {
            frozen?.isFrozen = true
            model.folds = true
            let folded = try model.pass(on: tape, lengths: lengths)
            model.folds = false
            let plain = try model.pass(on: tape, lengths: lengths)
            frozen?.isFrozen = false
            #expect(abs(folded.loss - plain.loss) <= 1e-6 * plain.loss, "\(kind)")
            for (found, expected) in zip(folded.gradients, plain.gradients) {
              let error = zip(found, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
              #expect(error <= 1e-11 * expected.reduce(0) { $0 + $1 * $1 }, "\(kind)")
            }
          }
        }
      }
    }
  }

  @Test(arguments: RecurrentStackTests.kinds) func theGradientsAreRight(_ kind: CellKind) throws {
    let model = try Decoder(kind)
    try checkGradients(of: [model]) { tape, _ in try model(on: tape) }
  }

  /// The products with W and U have the rows of the tables.
  @Test func aStepMultipliesEachStateOnce() throws {
    let counting = Counting(referenceTape().backend)
    let backend = counting.backend
    let model = try Decoder(.gru(.resetAfter))
    try model.move(to: Device(backend))
    _ = try model(on: Tape(Device(backend)))
    let sizes = counting.products.map { [$0.rows, $0.columns, $0.depth] }
    #expect(sizes == [[3, 12, 3], [4, 12, 4]])
  }
}
