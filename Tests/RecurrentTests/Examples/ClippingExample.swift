import Recurrent
import Testing

/// A training loop of one's own, which clips the gradients and looks at their norm.
@Suite struct ClippingExample {
  /// Adds up the marked numbers of a sequence.
  final class Adder: Module {
    let rnn = try! Elman(input: 1, hidden: 8, initialization: nil)
    let head = try! Dense(input: 8, output: 1)

    func callAsFunction(_ x: Tensor) throws -> Tensor { try head(rnn(x).state.h.step(0)) }
  }

  @Test func gradientsAreClippedInALoopOfOnesOwn() throws {
    let model = Adder()
    try model.move(to: .named("cpu"), seed: 2)
    let optimizer = SGD(learningRate: 0.1)
    try optimizer.attach(to: model)
    let tape = try Tape(model.device())
    // 10 steps of 8 sequences, whose sum is asked for.
    let inputs = (0..<80).map { Float($0 * 37 % 11) / 10 - 0.5 }
    let sums = (0..<8).map { row in (0..<10).reduce(0) { $0 + inputs[$1 * 8 + row] } }

    var norms: [Float] = []
    var losses: [Float] = []
    for _ in 0..<200 {
      tape.reset()
      try optimizer.zeroGradients()
      let predictions = try model(tape.tensor(inputs, shape: [10, 8, 1]))
      let loss = try meanSquaredError(predictions, tape.tensor(sums, shape: [8, 1]))
      try loss.backward()
      norms.append(try model.clipGradients(norm: 0.5))
      #expect(try model.gradientNorm() < 0.501)
      try optimizer.step()
      losses.append(try loss.item())
    }
    #expect(norms.contains { $0 > 0.5 })
    #expect(losses[199] < 0.5 * losses[0], "\(losses[0]) \(losses[199])")
  }
}
