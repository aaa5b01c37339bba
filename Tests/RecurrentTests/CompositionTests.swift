import Recurrent
import RecurrentBenchmarks
import Testing

@testable import RecurrentModel

@Suite struct CompositionTests {
  @Test func anEncoderAndADecoderWithAttentionCompose() throws {
    let model = try Translator(sources: 6, targets: 6, hidden: 3)
    try checkGradients(of: [model]) { tape, _ in
      let source = try tape.tokens([0, 1, 2, 3, 4, 5], steps: 3, batchSize: 2, lengths: [3, 2])
      let target = try tape.tokens([5, 4, 3, 3], steps: 2, batchSize: 2)
      let logits = try model(source, target)
      return [try crossEntropy(logits, tape.labels([1, 0, -1, 2], shape: [2, 2])), logits]
    }
  }

  @Test func oneModuleRunTwiceAddsItsGradients() throws {
    let rnn = try Elman(input: 2, hidden: 2)
    try checkGradients(inputs: [[3, 1, 2]], of: [rnn]) { _, x in
      let first = try rnn(x[0])
      let second = try rnn(first.outputs, state: first.state)
      return [second.outputs, first.outputs, second.state.h]
    }
  }
}
