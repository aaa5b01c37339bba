import RecurrentCore
import RecurrentReference

/// Gathers the worst of what a case found.
struct Comparison {
  private let name: String
  private let tolerance: Double
  private var error = 0.0
  private var detail = ""

  /// - Parameter tolerance: The largest error that passes. Float32 sits at 10⁻¹³; anything that is wrong is far above 10⁻¹².
  init(_ name: String, tolerance: Double = 1e-12) {
    self.name = name
    self.tolerance = tolerance
  }

  var result: ParityResult {
    ParityResult(name: name, error: error, tolerance: tolerance, detail: error <= tolerance ? "" : detail)
  }

  /// Compares every result of a stage with the oracle's, and looks at everything around the operands.
  mutating func compare(_ stage: Stage, with oracle: Stage) throws {
    guard let reference = oracle.backend as? ReferenceBackend else { preconditionFailure("no oracle") }
    for (place, (operand, expected)) in zip(stage.operands, oracle.operands).enumerated() {
      let after = try stage.backend.download(operand.whole)
      for position in after.indices where after[position].bitPattern != operand.before[position].bitPattern {
        let isInside = operand.isInside(position)
        if case .input = operand.role, isInside { fail("operand \(place) is an input and has changed") }
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
      if found != right { fail("integers \(found) where \(right) is right") }
    }
  }

  /// Two runs on one device must agree in every bit.
  mutating func requireSameBits(_ first: Stage, _ second: Stage) throws {
    for (place, (a, b)) in zip(first.operands, second.operands).enumerated() {
      guard case .result = a.role else { continue }
      let (x, y) = (try first.backend.download(a.region), try second.backend.download(b.region))
      if !zip(x, y).allSatisfy({ $0.bitPattern == $1.bitPattern }) {
        fail("operand \(place): other bits the second time")
      }
    }
  }

  /// The normalised squared error, slice by slice.
  ///
  /// A slice counts as no smaller than the average slice, a single number as no smaller than 1, and each of up to three that
  /// sum many terms as no smaller than √terms / 10, which is less than such sums mostly are: where terms happen to cancel, no
  /// float32 sum has six digits. What is wrong stays far above the tolerance.
  mutating func compare(_ values: [Float], with expected: [Double], slices: Int, terms: Int, _ place: String) {
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
            fail("\(place), element \(position): \(value) where \(right) is right")
          }
          continue
        }
        if !value.isFinite { fail("\(place), element \(position): \(value) where \(right) is right") }
        let square = (Double(value) - right) * (Double(value) - right)
        if square > worst.0 { worst = (square, "element \(position) is \(value) where \(right) is right") }
        difference += square
        norm += right * right
      }
      let found = difference == 0 ? 0 : difference / max(norm, least)
      guard !(found <= error) else { continue }
      error = found.isNaN ? .infinity : found
      detail = "\(place), slice \(slice) of \(slices): \(worst.1)"
    }
  }

  mutating func fail(_ what: String) {
    if error != .infinity { detail = what }
    error = .infinity
  }
}
