import Recurrent
import RecurrentCore
import TestSupport
import Testing

@testable import RecurrentModel

/// Segments, a recurrent encoder, and a decoder of one step for each part and row.
private final class SegmentDecoder: Module {
  let segment: Dense
  let rnn: RecurrentStack
  let parts: Parameter
  let head: Dense

  init(_ kind: CellKind) throws {
    segment = try Dense(input: 24, output: 37)
    rnn = try RecurrentStackTests.stack(kind, input: 37, hidden: 52)
    parts = Parameter([6, 37], .normal())
    head = try Dense(input: 52, output: 5)
  }

  /// `[3, N, 24] → [1, 2 N, 5]`: for each part the rows, whose parts' vectors depend on the row.
  func callAsFunction(_ x: Tensor) throws -> Tensor {
    let (tape, rows) = (x.tape, x.shape[1])
    let state = try rnn(segment(x).relu()).state
    let owners = try tape.labels((0..<2 * rows).map { Int32($0 % rows) }, shape: [1, 2 * rows])
    let places = try tape.labels((0..<2 * rows).map { Int32($0 / rows * 3 + $0 % rows % 3) }, shape: [1, 2 * rows])
    let shared = { (states: Tensor) in try states.reshaped([rows, 52]).rows(at: owners) }
    let start = RecurrentState(h: try shared(state.h), c: try state.c.map(shared))
    return try head(rnn(parts.tensor(on: tape).rows(at: places), state: start).outputs)
  }
}

@Suite struct RowBitsTests {
  /// Products of up to four rows sum in another order: batches of five rows or more give the bits that any larger batch gives.
  @Test(arguments: TestDevice.all) func aRowHasTheSameBitsInEveryBatchOfFiveOrMore(_ device: TestDevice) throws {
    try device.run { backend in
      let most = 70
      var random = RandomSource(seed: 3)
      let values = (0..<3 * most * 24).map { _ in Float(random.normal()) }
      for kind in RecurrentStackTests.kinds {
        let model = try SegmentDecoder(kind)
        try model.move(to: Device(backend))
        let tape = Tape(Device(backend), mode: .evaluation)
        let results = { (rows: Int) in
          tape.reset()
          let steps = (0..<3).flatMap { values[$0 * most * 24..<($0 * most + rows) * 24] }
          return try model(tape.tensor(steps, shape: [3, rows, 24])).values().map(\.bitPattern)
        }
        let all = try results(most)
        for rows in [5, 6, 11, 12, 17, 64] {
          let expected = (0..<2).flatMap { all[$0 * most * 5..<($0 * most + rows) * 5] }
          #expect(try results(rows) == expected, "\(kind), \(rows) rows")
        }
      }
    }
  }
}
