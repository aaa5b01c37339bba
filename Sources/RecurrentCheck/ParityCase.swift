import RecurrentCore
import RecurrentReference

/// One operation with one shape and one set of options, run on a device and compared with the oracle.
package struct ParityCase: Sendable, CustomStringConvertible {
  /// The size of the suite.
  package enum Size: Sendable {
    /// Tiny shapes, each kernel a few times: takes seconds even in a simulator.
    case quick
    /// Every pair of sizes from 1, 3, 31, 32, 33, 65, and shapes larger than the largest block.
    case full
  }

  /// The unique name: operation, shape, options.
  package let name: String
  /// The group of the case: `matmul`, `lstm`, `softmax` …
  package let operation: String
  /// Whether a backend can run the case.
  package var applies: @Sendable (_ backend: any Backend) -> Bool = { _ in true }
  private let prepare: @Sendable () throws -> Check

  /// Runs a case on a backend and compares it with what the oracle computed. If it repeats, the backend runs it twice, and the
  /// second time must give the same bits.
  package typealias Check = (_ backend: any Backend, _ repeats: Bool) throws -> ParityResult

  /// All cases.
  package static func all(size: Size) -> [ParityCase] {
    matmulCases(size) + elementwiseCases(size) + mapCases(size) + foldCases(size) + softmaxCases(size)
      + attentionCases(size) + layerNormCases(size) + lossCases(size) + crfCases(size) + embeddingCases(size)
      + reduceCases(size)
      + randomCases(size) + optimizerCases(size) + memoryCases(size) + cellCases(size)
  }

  /// Runs the case, twice if it `repeats` (most do), to compare the bits.
  /// - Throws: what the backend throws.
  package func run(_ backend: any Backend, repeats: Bool = true) throws -> ParityResult {
    try prepared()(backend, repeats)
  }

  /// Runs the case on the oracle, which takes most of the time; the check may then be called for any number of backends.
  /// - Throws: what the oracle throws.
  package func prepared() throws -> Check { try prepare() }

  /// The name.
  package var description: String { name }

  /// - Parameter prepare: Runs the case on the oracle and returns the check.
  init(_ operation: String, _ name: String, prepare: @escaping @Sendable () throws -> Check) {
    self.operation = operation
    self.name = name
    self.prepare = prepare
  }

  /// A case whose body runs on the oracle and twice on the device: once to compare values, once to compare bits.
  init(_ operation: String, _ name: String, body: @escaping @Sendable (Stage) throws -> Void) {
    self.init(operation, name) {
      let run = { (backend: any Backend) in
        let stage = Stage(backend, seed: name)
        try body(stage)
        return stage
      }
      let expected = try run(ReferenceBackend())
      return { backend, repeats in
        let found = try run(backend)
        var comparison = Comparison(name)
        try comparison.compare(found, with: expected)
        if repeats { try comparison.requireSameBits(found, run(backend)) }
        return comparison.result
      }
    }
  }
}

/// The result of a case.
package struct ParityResult: Sendable {
  /// The name of the case.
  package let name: String
  /// The largest normalised squared error of any result, `Σ (value − expected)² / Σ expected²`, for a sequence the
  /// largest over its time slices; infinity if a value is not finite, or memory around a result changed.
  package let error: Double
  /// The error tolerance.
  package let tolerance: Double
  /// Details of a failure, or an empty string.
  package let detail: String

  /// A result.
  package init(name: String, error: Double, tolerance: Double, detail: String) {
    self.name = name
    self.error = error
    self.tolerance = tolerance
    self.detail = detail
  }

  /// Whether the error is within tolerance. (NaN does not pass.)
  package var passed: Bool { error <= tolerance }
}
