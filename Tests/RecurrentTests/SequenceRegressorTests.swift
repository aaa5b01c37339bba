import Recurrent
import Testing

@Suite struct SequenceRegressorTests {
  @Test func gradientsAreExact() throws {
    let model = try SequenceRegressor(rnn: GRU(input: 2, hidden: 3))
    var random = RandomSource(seed: 1)
    let (x, y) = ((0..<16).map { _ in Float(random.uniform()) }, [Float(0.5), 1.5])
    try checkGradients(of: [model]) { tape, _ in
      let error = try meanSquaredError(model(tape.tensor(x, shape: [4, 2, 2])), tape.tensor(y, shape: [2, 1]))
      return [error]
    }
  }
}
