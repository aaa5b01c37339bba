import RecurrentCore
import RecurrentReference

/// One operation on one shape with one set of options, to be run on a device and compared with the oracle.
public struct ParityCase: Sendable, CustomStringConvertible {
  /// How much of the suite.
  public enum Size: Sendable {
    /// Tiny shapes, each kernel a few times: seconds even in a simulator.
    case quick
    /// Every pair of sizes from 1, 3, 31, 32, 33, 65, and shapes beyond the largest block.
    case full
  }

  /// What tells the case from all others: operation, shape, options.
  public let name: String
  /// The file that it belongs to: `matmul`, `lstm`, `softmax` …
  public let operation: String
  private let check: @Sendable (any Backend) throws -> ParityResult

  /// Every case.
  public static func all(size: Size) -> [ParityCase] {
    matmulCases(size) + elementwiseCases(size) + mapCases(size) + foldCases(size) + softmaxCases(size)
      + attentionCases(size) + layerNormCases(size) + lossCases(size) + crfCases(size) + embeddingCases(size)
      + reduceCases(size)
      + randomCases(size) + optimizerCases(size) + memoryCases(size) + cellCases(size)
  }

  /// Runs the case.
  /// - Throws: what the backend throws.
  public func run(_ backend: any Backend) throws -> ParityResult { try check(backend) }

  /// The name.
  public var description: String { name }

  init(_ operation: String, _ name: String, check: @escaping @Sendable (any Backend) throws -> ParityResult) {
    self.operation = operation
    self.name = name
    self.check = check
  }

  /// A case whose body does the same on the oracle and, twice, on the device: once for the numbers, once for the bits.
  init(_ operation: String, _ name: String, body: @escaping @Sendable (Stage) throws -> Void) {
    self.init(operation, name) { backend in
      let stages = try [ReferenceBackend(), backend, backend].map { backend in
        let stage = Stage(backend, seed: name)
        try body(stage)
        return stage
      }
      var comparison = Comparison(name)
      try comparison.compare(stages[1], with: stages[0])
      try comparison.requireSameBits(stages[1], stages[2])
      return comparison.result
    }
  }
}

/// What a case found.
public struct ParityResult: Sendable {
  /// The case.
  public let name: String
  /// The largest normalised squared error of any result, `Σ (value − expected)² / Σ expected²`, of a sequence the largest
  /// of any time slice; infinity where a value is not finite, or memory around a result has changed.
  public let error: Double
  /// The largest error that passes.
  public let tolerance: Double
  /// What went wrong, or an empty string.
  public let detail: String

  /// Describes what was found.
  public init(name: String, error: Double, tolerance: Double, detail: String) {
    self.name = name
    self.error = error
    self.tolerance = tolerance
    self.detail = detail
  }

  /// Whether the device computed the right thing. (An error that is NaN does not pass.)
  public var passed: Bool { error <= tolerance }
}
