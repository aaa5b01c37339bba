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
  private let prepare: @Sendable () throws -> Check

  /// Runs a case on a backend and compares it with what the oracle computed. If it repeats, the backend runs it twice, and the
  /// second time must give the same bits.
  public typealias Check = (_ backend: any Backend, _ repeats: Bool) throws -> ParityResult

  /// Every case.
  public static func all(size: Size) -> [ParityCase] {
    matmulCases(size) + elementwiseCases(size) + mapCases(size) + foldCases(size) + softmaxCases(size)
      + attentionCases(size) + layerNormCases(size) + lossCases(size) + crfCases(size) + embeddingCases(size)
      + reduceCases(size)
      + randomCases(size) + optimizerCases(size) + memoryCases(size) + cellCases(size)
  }

  /// Runs the case, twice if it `repeats` (most do), to compare the bits.
  /// - Throws: what the backend throws.
  public func run(_ backend: any Backend, repeats: Bool = true) throws -> ParityResult {
    try prepared()(backend, repeats)
  }

  /// Runs the case on the oracle, which takes most of the time; the check may then be called for any number of backends.
  /// - Throws: what the oracle throws.
  public func prepared() throws -> Check { try prepare() }

  /// The name.
  public var description: String { name }

  /// - Parameter prepare: Runs the case on the oracle and returns the check.
  init(_ operation: String, _ name: String, prepare: @escaping @Sendable () throws -> Check) {
    self.operation = operation
    self.name = name
    self.prepare = prepare
  }

  /// A case whose body does the same on the oracle and, twice, on the device: once for the numbers, once for the bits.
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
