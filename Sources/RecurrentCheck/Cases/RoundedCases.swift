import RecurrentCore
import RecurrentReference

extension Precision {
  /// The value rounded to a precision, by definition: to the nearest with this many mantissa bits.
  package func rounded(_ x: Float) -> Float {
    guard self != .float32, x.isFinite, x != 0 else { return x }
    let bits = self == .tf32 ? 10 : 7
    let unit = Double(sign: .plus, exponent: max(Int(x.exponent), -126) - bits, significand: 1)
    return Float((Double(x) / unit).rounded(self == .tf32 ? .toNearestOrAwayFromZero : .toNearestOrEven) * unit)
  }
}

extension ParityCase {
  /// Products on a device that rounds their factors, compared with the oracle's products of rounded factors: every pair
  /// of edge sizes, transpositions, set and add, one product or two, sums long enough to be split, and enough tiles for
  /// the largest ones of GPUs.
  ///
  /// Tensor cores truncate sums where others round, so the tolerance is larger than for float32; with no rounding, or a
  /// different one, the error is a hundred times larger.
  package static func rounded(to precision: Precision, size: Size) -> [ParityCase] {
    let sizes = size == .quick ? [3, 17] : edgeSizes + [129]
    let shapes = covering([sizes.count, sizes.count, sizes.count, 2, 2, 2, 2, 2]).map { row in
      var choices = CoveringRow(row)
      return RoundedProduct(
        m: choices.next(sizes), n: choices.next(sizes), k: choices.next(sizes), transposesA: choices.flag(),
        transposesB: choices.flag(), adds: choices.flag(), isBatch: choices.flag(), isPacked: choices.flag())
    }
    let long = [(40, 24, 1500), (130, 70, 1025), (770, 780, 20)].flatMap { m, n, k in
      [true, false].map {
        RoundedProduct(
          m: m, n: n, k: k, transposesA: $0, transposesB: false, adds: $0, isBatch: !$0, isPacked: $0)
      }
    }
    return (size == .quick ? shapes : shapes + long).map { product in
      let name = "\(precision) \(product)"
      return ParityCase("matmul", name) {
        let run = { (backend: any Backend, precision: Precision) in
          let stage = Stage(backend, seed: name)
          try product.run(on: stage, Draws(name), factors: precision)
          return stage
        }
        let expected = try run(ReferenceBackend(), precision)
        return { backend, repeats in
          let found = try run(backend, .float32)
          var comparison = Comparison(name, tolerance: 1e-9)
          try comparison.compare(found, with: expected)
          if repeats { try comparison.requireSameBits(found, run(backend, .float32)) }
          return comparison.result
        }
      }
    }
  }
}

/// One of the products.
private struct RoundedProduct: CustomStringConvertible, Sendable {
  let m: Int, n: Int, k: Int
  let transposesA: Bool, transposesB: Bool, adds: Bool, isBatch: Bool, isPacked: Bool

  var description: String {
    let options = [
      transposesA ? "Aᵀ" : "A", transposesB ? "Bᵀ" : "B", adds ? "add" : "set", isBatch ? "batch 2" : "single",
      isPacked ? "packed" : "strided",
    ]
    return "matmul \(m)×\(n)×\(k) " + options.joined(separator: " ")
  }

  /// Runs it with factors rounded on the host.
  func run(on stage: Stage, _ draws: Draws, factors precision: Precision) throws {
    stage.isPacked = isPacked
    let count = isBatch ? 2 : 1
    var draws = draws
    let operand = { (rows: Int, columns: Int) in
      let values = (0..<count * rows * columns).map { _ in precision.rounded(draws.uniform(-1...1)) }
      return try stage.input(count * rows, columns, values: values)
    }
    let a = try transposesA ? operand(k, m) : operand(m, k)
    let b = try transposesB ? operand(n, k) : operand(k, n)
    let c = try stage.output(count * m, n, adds: adds).region
    let steps = (a: a.rows / count * a.stride, b: b.rows / count * b.stride, c: m * c.stride)
    let into = c.rows(0..<m)
    try stage.backend.matmul(
      Matmul(
        a.rows(0..<a.rows / count), b.rows(0..<b.rows / count), transposesA: transposesA, transposesB: transposesB,
        into: adds ? .add(into) : .set(into), scale: isPacked ? 1 : 0.75,
        batch: isBatch ? .init(count: count, strideA: steps.a, strideB: steps.b, strideC: steps.c) : nil))
  }
}
