import Recurrent
import RecurrentCore
import RecurrentOpenCL
import TestSupport
import Testing

@testable import RecurrentModel

@Suite struct RecurrentStreamTests {
  private static let stacks: [@Sendable () throws -> RecurrentStack] = [
    { try Elman(input: 5, hidden: 33, layers: 2) }, { try LSTM(input: 5, hidden: 33, layers: 2) },
    { try GRU(input: 5, hidden: 17) }, { try GRU(input: 5, hidden: 7, layers: 2, convention: .resetBefore) },
  ]

  @Test(arguments: TestDevice.all) func stepsAreThoseOfTheWholeSequence(_ device: TestDevice) throws {
    for make in Self.stacks {
      for rows in [1, 3, 6] {
        let (found, expected) = try device.run { backend in
          let (rnn, steps) = (try make(), 4)
          try rnn.move(to: Device(backend), seed: 3)
          var random = RandomSource(seed: 1, stream: 0)
          let x = (0..<steps * rows * 5).map { _ in Float(random.uniform() * 2 - 1) }
          let tape = Tape(Device(backend), mode: .evaluation)
          let start = try rnn(tape.tensor(x, shape: [steps, rows, 5]))
          let whole = try rnn(tape.tensor(x, shape: [steps, rows, 5]), state: start.state)

          let stream = try RecurrentStream(rnn, batchSize: rows)
          _ = try stream([Float](repeating: 1, count: rows * 5))
          try stream.resume(from: start.state)
          let width = rows * 5
          let read = { () throws -> [Float] in
            try (0..<steps).flatMap { step in try stream(Array(x[step * width..<(step + 1) * width])) }
          }
          let resumed = try read()
          try stream.reset()
          let again = try read()
          try stream.reset()
          let last = try stream.read((0..<steps).map { Array(x[$0 * width..<($0 + 1) * width]) })
          let expected = try whole.outputs.values() + start.outputs.values() + start.outputs.lastStep().values()
          return (resumed + again + last, expected)
        }
        #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 2e-6 })
      }
    }
  }

  /// Rows of which a product packs its right operand, and fewer.
  @Test(arguments: TestDevice.all, [2, 6]) func tokensAreThoseOfTheWholeText(_ device: TestDevice, _ rows: Int) throws {
    for encoding in [InputEncoding.embedding(3), .oneHot, .integer] {
      let (found, expected) = try device.run { backend in
        let rnn = try LSTM(input: encoding.size(tokens: 6), hidden: 20, layers: 2)
        let model = try LanguageModel(vocabularySize: 6, encoding: encoding, rnn: rnn)
        try model.move(to: Device(backend), seed: 5)
        let tape = Tape(Device(backend), mode: .evaluation)
        let tokens = (0..<3 * rows).map { Int32($0 * $0 % 6) }
        let expected = try model(tape.tokens(tokens, steps: 3, batchSize: rows)).logits.values()
        let stream = try TokenStream(model, batchSize: rows)
        var (found, scores) = ([Float](), [Float](repeating: 0, count: 6 * rows))
        for step in 0..<3 {
          try stream(Array(tokens[rows * step..<rows * (step + 1)]), logits: &scores)
          found += scores
        }
        return (found, expected)
      }
      #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 2e-6 })
    }
  }

  /// No copy of a state, and no launch that does nothing.
  @Test(arguments: KernelStyle.Kind.allCases) func aTokenLaunchesWhatComputes(_ style: KernelStyle.Kind) throws {
    let backend = try OpenCLBackend(platform: 0, device: 0, style: style, tier: .step)
    let model = try LanguageModel(vocabularySize: 6, embedding: 3, rnn: LSTM(input: 3, hidden: 4, layers: 2))
    try model.move(to: Device(backend))
    let stream = try TokenStream(model)
    var scores = [Float](repeating: 0, count: 6)
    try stream([2], logits: &scores)
    let before = backend.launches
    for token in 0..<4 { try stream([Int32(token)], logits: &scores) }
    let launches = backend.launches.map { ($0, $1 - (before[$0] ?? 0)) }.filter { $0.1 > 0 }
    let product = style == .wide ? "matmulDots" : "matmul"
    #expect(
      Dictionary(uniqueKeysWithValues: launches) == ["gather": 4, "lstmForward": 8, product: 8, "addBias": 4])
  }

  /// The layers of any model, not only those that were placed by themselves.
  @Test func layersOfAModelAreStreamed() throws {
    let tape = referenceTape()
    let model = try LanguageModel(vocabularySize: 5, encoding: .oneHot, rnn: GRU(input: 5, hidden: 2))
    #expect(message { _ = try RecurrentStream(model.rnn) }?.contains("move(to:)") == true)
    try model.move(to: Device(tape.backend))
    let x: [Float] = [0, 1, 0, 0, 0]
    #expect(try RecurrentStream(model.rnn)(x) == model.rnn(tape.tensor(x, shape: [1, 1, 5])).outputs.values())
  }

  @Test func aStepAllocatesNothing() throws {
    let counting = Counting(referenceTape().backend)
    let backend = counting.backend
    let model = try LanguageModel(vocabularySize: 6, embedding: 3, rnn: LSTM(input: 3, hidden: 4, layers: 2))
    try model.move(to: Device(backend))
    let stream = try TokenStream(model)
    var scores = [Float](repeating: 0, count: 6)
    try stream([2], logits: &scores)
    let allocations = counting.allocations
    for token in 0..<6 { try stream([Int32(token)], logits: &scores) }
    #expect(counting.allocations == allocations)
  }

  @Test func aStreamOfOldWeightsIsRefused() throws {
    let device = Device(referenceTape().backend)
    let model = try LanguageModel(vocabularySize: 5, embedding: 3, rnn: GRU(input: 3, hidden: 2))
    try model.move(to: device)
    var scores = [Float](repeating: 0, count: 5)
    for parameter in [model.head.weight, model.rnn.parameters[1]] {
      let (tokens, steps) = (try TokenStream(model), try RecurrentStream(model.rnn))
      try tokens([1], logits: &scores)
      _ = try steps([1, 2, 3])
      try parameter.setValues(parameter.values())
      let wanted = "was changed or moved after the stream was made; create a new stream"
      #expect(message { try tokens([1], logits: &scores) }?.contains(wanted) == true)
      if parameter !== model.head.weight { #expect(message { _ = try steps([1, 2, 3]) }?.contains(wanted) == true) }
    }
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let tape = referenceTape()
    let device = Device(tape.backend)
    let twoWay = try GRU(input: 2, hidden: 3, bidirectional: true)
    try twoWay.move(to: device)
    #expect(message { _ = try RecurrentStream(twoWay) }?.contains("bidirectional") == true)
    let model = try LanguageModel(vocabularySize: 5, embedding: 3, rnn: GRU(input: 3, hidden: 2))
    #expect(message { _ = try TokenStream(model) }?.contains("move(to:)") == true)
    try model.move(to: device)
    #expect(message { _ = try TokenStream(model, batchSize: 0) }?.contains("the batch size is 0") == true)
    let stream = try TokenStream(model)
    var (scores, short) = ([Float](repeating: 0, count: 5), [Float]())
    #expect(message { try stream([5], logits: &scores) }?.contains("token 5") == true)
    #expect(message { try stream([1, 2], logits: &scores) } != nil)
    #expect(message { try stream([1], logits: &short) } != nil)
    let other = try model.logits(for: [1], on: Tape(device, mode: .evaluation)).state
    let wider = try TokenStream(model, batchSize: 2)
    #expect(message { try wider.resume(from: other) }?.contains("not [1, 2, 2]") == true)
  }
}
