import RecurrentCore
import RecurrentReference

/// Collects the largest error of a case.
struct Comparison {
  private let name: String
  private let tolerance: Double
  private var error = 0.0
  private var detail = ""

  /// - Parameter tolerance: The error tolerance. Correct float32 results are near 10⁻¹³, wrong ones far above 10⁻¹².
  init(_ name: String, tolerance: Double = 1e-12) {
    self.name = name
    self.tolerance = tolerance
  }

  var result: ParityResult {
    ParityResult(name: name, error: error, tolerance: tolerance, detail: error <= tolerance ? "" : detail)
  }

  /// Compares every result of a stage with the oracle's, and checks the memory around all operands.
  mutating func compare(_ stage: Stage, with oracle: Stage) throws {
    guard let reference = oracle.backend as? ReferenceBackend else { preconditionFailure("no oracle") }
    for (place, (operand, expected)) in zip(stage.operands, oracle.operands).enumerated() {
      let after = try stage.backend.download(operand.whole)
      for position in after.indices where after[position].bitPattern != operand.before[position].bitPattern {
        let isInside = operand.isInside(position)
        if case .input = operand.role, isInside { fail("operand \(place) is an input but changed") }
        if !isInside {
          fail("operand \(place): memory around it has changed, \(position - operand.region.offset) from its start")
        }
      }
      guard case .result(let slices, let terms) = operand.role else { continue }
      let values = try stage.backend.download(operand.region)
      compare(values, with: reference.values(of: expected.region), slices: slices, terms: terms, "operand \(place)")
    }
    for (indices, expected) in zip(stage.integers, oracle.integers) {
      let (found, right) = (try stage.backend.download(indices), try reference.download(expected))
      if found != right { fail("integers \(found), expected \(right)") }
    }
  }

  /// Compares every result of a stage with that of another path on the same device.
  mutating func compare(_ stage: Stage, withOtherPath other: Stage) throws {
    for (place, (operand, expected)) in zip(stage.operands, other.operands).enumerated() {
      guard case .result(let slices, let terms) = operand.role else { continue }
      let values = try stage.backend.download(operand.region)
      let others = try other.backend.download(expected.region).map(Double.init)
      compare(values, with: others, slices: slices, terms: terms, "operand \(place)")
    }
  }

  /// Two runs on one device must agree in every bit.
  mutating func requireSameBits(_ first: Stage, _ second: Stage) throws {
    for (place, (a, b)) in zip(first.operands, second.operands).enumerated() {
      guard case .result = a.role else { continue }
      let (x, y) = (try first.backend.download(a.region), try second.backend.download(b.region))
      if !zip(x, y).allSatisfy({ $0.bitPattern == $1.bitPattern }) {
        fail("operand \(place): different bits in the second run")
      }
    }
  }

  /// The normalised squared error, per slice.
  ///
  /// The norm of a slice is taken as at least that of the average slice, at least 1 for a single value, and at least
  /// √terms / 10 per value for up to three sums of many terms, which is less than most such sums: where terms cancel,
  /// no float32 sum has six digits. Wrong values stay far above the tolerance.
  mutating func compare(_ values: [Float], with expected: [Double], slices: Int, terms: Int, _ location: String) {
    let length = values.count / max(slices, 1)
    let squares = expected.reduce(0) { $1.isFinite ? $0 + $1 * $1 : $0 }
    let average = squares / Double(max(slices, 1))
    let least = values.count > 3 ? average : max(average, values.count == 1 ? 1 : 0, Double(terms * values.count) / 100)
    for slice in 0..<slices {
      var (difference, norm, worst) = (0.0, 0.0, (0.0, ""))
      for position in slice * length..<(slice + 1) * length {
        let (value, right) = (values[position], expected[position])
        guard right.isFinite else {
          if !(value.isNaN && right.isNaN || Double(value) == right) {
            fail("\(location), element \(position): \(value), expected \(right)")
          }
          continue
        }
        if !value.isFinite { fail("\(location), element \(position): \(value), expected \(right)") }
        let square = (Double(value) - right) * (Double(value) - right)
        if square > worst.0 { worst = (square, "element \(position) is \(value), expected \(right)") }
        difference += square
        norm += right * right
      }
      let found = difference == 0 ? 0 : difference / max(norm, least)
      guard !(found <= error) else { continue }
      error = found.isNaN ? .infinity : found
      detail = "\(location), slice \(slice) of \(slices): \(worst.1)"
    }
  }

  mutating func fail(_ what: String) {
    if error != .infinity { detail = what }
    error = .infinity
  }
}
