import RecurrentCore
import RecurrentReference

/// An operation's gradient on the oracle, in Double, compared with central differences.
package struct GradientCase: Sendable, CustomStringConvertible {
  /// Operation and options.
  package let name: String
  private let check: @Sendable () throws -> ParityResult

  /// Every operation with a gradient, and every cell with its options.
  package static var all: [GradientCase] { operationGradients() + cellGradients() }

  /// The oracle, on which the cases run.
  package static var device: DeviceDescription { ReferenceBackend().device }

  /// Runs the case. The result's error is the largest relative error of any operand's gradient (the root of the
  /// normalised squared error).
  /// - Throws: What the oracle throws.
  package func run() throws -> ParityResult { try check() }

  /// The name.
  package var description: String { name }

  init(_ name: String, _ body: @escaping @Sendable (Stage) throws -> Differentiable) {
    self.name = name
    check = {
      let oracle = ReferenceBackend()
      let operation = try body(Stage(oracle, seed: name))
      return try operation.compare(on: oracle, name)
    }
  }
}

/// A computation with a forward and a backward pass, its results, arguments and gradients.
struct Differentiable {
  /// Recomputes the results from the arguments.
  let forward: () throws -> Void
  /// Computes the gradients, once.
  let backward: () throws -> Void
  /// Each result with its incoming gradient: the objective is the sum of their products.
  let results: [(value: Region, gradient: Region)]
  /// Each argument with the gradient from the backward pass.
  let arguments: [(value: Region, gradient: Region)]

  func compare(on oracle: ReferenceBackend, _ name: String) throws -> ParityResult {
    try forward()
    try backward()
    var (error, detail) = (0.0, "")
    for (place, argument) in arguments.enumerated() {
      let found = oracle.values(of: argument.gradient)
      let expected = try differences(argument.value, oracle)
      let difference = zip(found, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      let norm = expected.reduce(0) { $0 + $1 * $1 }
      let relative = difference == 0 ? 0 : (difference / max(norm, 1e-12)).squareRoot()
      if !(relative <= error) { (error, detail) = (relative.isNaN ? .infinity : relative, "argument \(place)") }
    }
    return ParityResult(name: name, error: error, tolerance: 1e-6, detail: error <= 1e-6 ? "" : detail)
  }

  /// `(objective(x + ε) − objective(x − ε)) / 2ε`, element by element.
  private func differences(_ argument: Region, _ oracle: ReferenceBackend) throws -> [Double] {
    let values = oracle.values(of: argument)
    let step = 1e-5
    let gradients = try values.indices.map { place in
      let moved = try [step, -step].map { change in
        var changed = values
        changed[place] += change
        oracle.setValues(changed, of: argument)
        try forward()
        return objective(oracle)
      }
      return (moved[0] - moved[1]) / (2 * step)
    }
    oracle.setValues(values, of: argument)
    return gradients
  }

  private func objective(_ oracle: ReferenceBackend) -> Double {
    results.reduce(0) { sum, result in
      zip(oracle.values(of: result.value), oracle.values(of: result.gradient)).reduce(sum) { $0 + $1.0 * $1.1 }
    }
  }
}
