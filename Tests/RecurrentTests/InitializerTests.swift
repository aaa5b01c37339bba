import Recurrent
import RecurrentCore
import Testing

@testable import RecurrentModel

@Suite struct InitializerTests {
  private func draw(_ initializer: Initializer, _ shape: [Int], seed: UInt64 = 1) -> [Double] {
    var random = RandomSource(seed: seed)
    return initializer(shape, &random).map(Double.init)
  }

  private func deviation(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
  }

  @Test func spreadsAreThoseOfTheFormulas() {
    // The spread of 20,000 draws lies within 2 % of its expectation: four standard errors.
    let shape = [200, 100]
    let expected: [(Initializer, Double)] = [
      (.uniform(0.3), 0.3 / 3.0.squareRoot()), (.normal(0.5), 0.5),
      (.recurrent(hidden: 64), 1 / 8 / 3.0.squareRoot()), (.linear(inputs: 100), 0.1 / 3.0.squareRoot()),
      (.glorotUniform(), (2.0 / 300).squareRoot()), (.glorotNormal(gain: 2), 2 * (2.0 / 300).squareRoot()),
      (.he, (2.0 / 100).squareRoot()),
    ]
    for (initializer, spread) in expected {
      let values = draw(initializer, shape)
      #expect(abs(deviation(values) / spread - 1) < 0.02)
      #expect(values == draw(initializer, shape) && values != draw(initializer, shape, seed: 2))
    }
  }

  @Test(arguments: [[6, 6], [12, 4], [4, 12]]) func orthogonalMatricesAre(_ shape: [Int]) {
    let values = draw(.orthogonal(gain: 2), shape)
    let (rows, columns) = (shape[0], shape[1])
    let vectors: [[Double]] =
      rows <= columns
      ? (0..<rows).map { row in (0..<columns).map { values[row * columns + $0] } }
      : (0..<columns).map { column in (0..<rows).map { values[$0 * columns + column] } }
    for (i, a) in vectors.enumerated() {
      for (j, b) in vectors.enumerated() {
        let product = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(product - (i == j ? 4 : 0)) < 1e-5)
      }
    }
  }

  @Test func gatesHaveBlocksOfTheirOwn() {
    #expect(draw(.gates(2, .identity(scale: 3)), [4, 2]) == [3, 0, 0, 3, 3, 0, 0, 3])
    #expect(draw(.forgetGate(), [8]) == [0, 0, 1, 1, 0, 0, 0, 0])
    #expect(draw(.constant(2), [2]) == [2, 2] && draw(.values([1, 2]), [2]) == [1, 2])
  }

  @Test func permutationsHoldEveryNumberOnce() {
    var random = RandomSource(seed: 9)
    #expect(random.permutation(50).sorted() == Array(0..<50))
    #expect((0..<1000).allSatisfy { _ in (0..<7).contains(random.integer(below: 7)) })
  }

  @Test func drawsShareNoWordsWithMasks() {
    // A mask's counter ends with the step over 2³².
    for stream in [0, 3] as [UInt32] {
      var random = RandomSource(seed: 5, stream: stream)
      let words = Philox(key: 5)(SIMD4(0, 0, stream, .max))
      #expect((0..<4).allSatisfy { words[$0] == random.next() })
    }
  }
}
