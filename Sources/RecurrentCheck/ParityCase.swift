import RecurrentCore
import RecurrentReference

/// One operation with one shape and one set of options, run on a device and compared with the oracle.
public struct ParityCase: Sendable, CustomStringConvertible {
  /// The size of the suite.
  public enum Size: Sendable {
    /// Tiny shapes, each kernel a few times: takes seconds even in a simulator.
    case quick
    /// Every pair of sizes from 1, 3, 31, 32, 33, 65, and shapes larger than the largest block.
    case full
  }

  /// The unique name: operation, shape, options.
  public let name: String
  /// The group of the case: `matmul`, `lstm`, `softmax` …
  public let operation: String
  private let check: @Sendable (any Backend) throws -> ParityResult

  /// All cases.
  public static func all(size: Size) -> [ParityCase] {
    matmulCases(size) + elementwiseCases(size) + mapCases(size) + foldCases(size) + softmaxCases(size)
      + attentionCases(size) + layerNormCases(size) + lossCases(size) + crfCases(size) + embeddingCases(size)
      + reduceCases(size)
      + randomCases(size) + optimizerCases(size) + memoryCases(size) + cellCases(size)
  }

  /// Runs the case.
  /// - Throws: What the backend throws.
  public func run(_ backend: any Backend) throws -> ParityResult { try check(backend) }

  /// The name.
  public var description: String { name }

  init(_ operation: String, _ name: String, check: @escaping @Sendable (any Backend) throws -> ParityResult) {
    self.operation = operation
    self.name = name
    self.check = check
  }

  /// A case whose body runs on the oracle and twice on the device: once to compare values, once to compare bits.
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

/// The result of a case.
public struct ParityResult: Sendable {
  /// The name of the case.
  public let name: String
  /// The largest normalised squared error of any result, `Σ (value − expected)² / Σ expected²`, for a sequence the
  /// largest over its time slices; infinity if a value is not finite, or memory around a result changed.
  public let error: Double
  /// The error tolerance.
  public let tolerance: Double
  /// Details of a failure, or an empty string.
  public let detail: String

  /// A result.
  public init(name: String, error: Double, tolerance: Double, detail: String) {
    self.name = name
    self.error = error
    self.tolerance = tolerance
    self.detail = detail
  }

  /// Whether the error is within tolerance. (NaN does not pass.)
  public var passed: Bool { error <= tolerance }
}
