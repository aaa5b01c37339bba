import Recurrent
import RecurrentCPU
import RecurrentCore
import TestSupport
import Testing

@testable import RecurrentModel

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The cross-entropy of few tokens in place of all.
struct SampledSoftmaxTests {
  private static let proposals: [SampledSoftmax.Proposal] = [.uniform, .logUniform(), .logUniform(frequentLast: 2)]

  private func key(_ step: Int) -> RandomKey { RandomKey(seed: 3, step: UInt64(step), layer: 1) }

  @Test func theTargetsAndFurtherTokensAreSelected() throws {
    for proposal in Self.proposals {
      let sampling = try SampledSoftmax(count: 6, proposal: proposal)
      let targets: [Int32] = [7, 3, -1, 7, 0]
      let selection = sampling.select(targets, of: 20, key(0))
      #expect(selection.tokens.prefix(3) == [7, 3, 0])
      #expect(selection.tokens.count == 9 && Set(selection.tokens).count == 9)
      #expect(selection.tokens.allSatisfy { (0..<20).contains($0) })
      #expect(selection.classes == [0, 1, -1, 0, 2])
      #expect(selection.logProbabilities.allSatisfy { $0 < 0 && $0.isFinite })
      #expect(sampling.select(targets, of: 20, key(0)).tokens == selection.tokens)
      #expect(sampling.select(targets, of: 20, key(1)).tokens != selection.tokens)
      // 3 targets and 17 others are the whole vocabulary.
      let all = try SampledSoftmax(count: 17, proposal: proposal).select(targets, of: 20, key(0))
      #expect(all.tokens == Array(0..<20) && all.classes == targets)
      #expect(all.logProbabilities.allSatisfy { $0 == 0 })
    }
    // Uniform draws are equally probable.
    let uniform = try SampledSoftmax(count: 6, proposal: .uniform).select([1, 2], of: 20, key(0))
    #expect(Set(uniform.logProbabilities).count == 1)
  }

  /// The frequencies of tokens over many selections are those that are subtracted; the most frequent tokens are the first, or the
  /// last and then the first.
  @Test func tokensAreAsFrequentAsTheyAreProbable() throws {
    let (tokens, selections) = (12, 4000)
    for proposal in Self.proposals {
      let sampling = try SampledSoftmax(count: 4, proposal: proposal)
      var (counts, expected) = ([Double](repeating: 0, count: tokens), [Double](repeating: 0, count: tokens))
      for step in 0..<selections {
        let selection = sampling.select([], of: tokens, key(step))
        for (token, logProbability) in zip(selection.tokens, selection.logProbabilities) {
          counts[Int(token)] += 1 / Double(selections)
          // The mean of 1 / q over the selections that have the token is 1.
          expected[Int(token)] += 1 / exp(Double(logProbability)) / Double(selections)
        }
      }
      #expect(abs(counts.reduce(0, +) - 4) < 1e-6)
      let order = counts.indices.sorted { counts[$0] > counts[$1] }
      switch proposal {
      case .uniform: #expect(counts.allSatisfy { abs($0 - 1 / 3) < 0.04 })
      case .logUniform(let last): #expect(Array(order.prefix(3)) == (last == 0 ? [0, 1, 2] : [10, 11, 0]))
      }
      for (token, mean) in expected.enumerated() {
        #expect(abs(mean - 1) < 0.15, "\(proposal), token \(token): \(mean)")
      }
    }
  }

  /// Against the formula in Double, with its gradients: rows that are not selected have none.
  @Test(arguments: TestDevice.all) func isTheFormula(_ device: TestDevice) throws {
    try device.run { backend in
      for proposal in Self.proposals {
        let sampling = try SampledSoftmax(count: 4, proposal: proposal)
        let (tokenCount, width) = (30, 5)
        let head = try Dense(input: width, output: tokenCount)
        try head.move(to: Device(backend), seed: 2)
        try head.zeroGradients()
        let tape = Tape(Device(backend), seed: 9)
        tape.step = 4
        var random = RandomSource(seed: 1)
        let values = (0..<4 * width).map { _ in Float(random.normal()) }
        let targets: [Int32] = [3, 29, -1, 3]
        let x = try tape.tensor(values, shape: [2, 2, width], needsGradient: true)
        let loss = try sampledCrossEntropy(
          x, tape.labels(targets, shape: [2, 2]), weight: head.weight, bias: head.bias, sampling: sampling)
        try loss.backward()

        let selection = sampling.select(targets, of: tokenCount, RandomKey(seed: 9, step: 4, layer: 0))
        let (weights, biases) = (try head.weight.values(), try #require(head.bias).values())
        var (expected, dw) = (0.0, [Double](repeating: 0, count: tokenCount * width))
        var (db, dx) = ([Double](repeating: 0, count: tokenCount), [Double](repeating: 0, count: values.count))
        for (row, own) in selection.classes.enumerated() where own >= 0 {
          let logits = zip(selection.tokens, selection.logProbabilities).map { token, logProbability in
            (0..<width).reduce(Double(biases[Int(token)]) - Double(logProbability)) {
              $0 + Double(values[row * width + $1]) * Double(weights[Int(token) * width + $1])
            }
          }
          let total = logits.reduce(0) { $0 + exp($1) }
          expected -= (logits[Int(own)] - log(total)) / 3
          for (place, token) in selection.tokens.map(Int.init).enumerated() {
            let slope = (exp(logits[place]) / total - (place == Int(own) ? 1 : 0)) / 3
            db[token] += slope
            for column in 0..<width {
              dw[token * width + column] += slope * Double(values[row * width + column])
              dx[row * width + column] += slope * Double(weights[token * width + column])
            }
          }
        }
        #expect(abs(Double(try loss.values()[0]) - expected) < 1e-5)
        for (found, wanted) in [
          (try head.weight.gradient(), dw), (try #require(head.bias).gradient(), db), (try x.gradient(), dx),
        ] {
          let found = try #require(found)
          #expect(zip(found, wanted).allSatisfy { abs(Double($0) - $1) < 1e-5 })
        }
        let unselected = Set(0..<tokenCount).subtracting(selection.tokens.map(Int.init))
        #expect(unselected.count > 15)
        let gradient = try #require(try head.weight.gradient())
        for token in unselected { #expect(gradient[token * width..<(token + 1) * width].allSatisfy { $0 == 0 }) }
      }
    }
  }

  @Test func hasTheRightGradient() throws {
    let head = try Dense(input: 3, output: 9)
    try checkGradients(inputs: [[4, 3]], of: [head]) { tape, x in
      let targets = try tape.labels([2, -1, 8, 2])
      return try Self.proposals.flatMap { proposal in
        let sampling = try SampledSoftmax(count: 3, proposal: proposal)
        return [
          try sampledCrossEntropy(x[0], targets, weight: head.weight, bias: head.bias, sampling: sampling),
          try sampledCrossEntropy(x[0], targets, weight: head.weight, bias: nil, sampling: sampling),
        ]
      }
    }
  }

  @Test func withAllTokensItIsTheCrossEntropy() throws {
    let head = try Dense(input: 3, output: 9)
    try head.move(to: Device(CPUBackend()), seed: 1)
    let tape = try Tape(head.device())
    let x = try tape.tensor((0..<6).map { Float($0) / 3 }, shape: [2, 3])
    let targets = try tape.labels([8, 0])
    let sampled = try sampledCrossEntropy(
      x, targets, weight: head.weight, bias: head.bias, sampling: SampledSoftmax(count: 100, proposal: .logUniform()))
    let full = try crossEntropy(head(x), targets)
    #expect(abs(try sampled.values()[0] - full.values()[0]) < 1e-6)
  }

  @Test func badInput() throws {
    for count in [0, -3] {
      #expect(throws: RecurrentError.self) { try SampledSoftmax(count: count, proposal: .uniform) }
    }
    #expect(throws: RecurrentError.self) { try SampledSoftmax(count: 1, proposal: .logUniform(frequentLast: -1)) }
    let head = try Dense(input: 3, output: 9)
    try head.move(to: Device(CPUBackend()), seed: 1)
    let tape = try Tape(head.device())
    let x = try tape.tensor((0..<6).map { Float($0) }, shape: [2, 3])
    for (input, targets) in [(x, [9, 0]), (x, [1]), (try x.reshaped([3, 2]), [1, 2, 3])] as [(Tensor, [Int32])] {
      #expect(throws: RecurrentError.self) {
        try sampledCrossEntropy(
          input, tape.labels(targets), weight: head.weight, bias: head.bias,
          sampling: SampledSoftmax(count: 2, proposal: .uniform))
      }
    }
  }
}
