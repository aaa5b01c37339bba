import Foundation
import RecurrentCheck
import RecurrentOpenCL
import Testing

@testable import RecurrentCheck

/// What a driver must get right at its first use: all kernels that a backend launches.
@Suite struct KnownAnswersTests {
  /// Kernels that compute nothing for a model or have known answers of their own, and those that are only timed.
  private static let unused: Set = ["probe", "peak", "copyVectors"]
  /// Kernels of the wide style only: SIMT packs nothing, and multiplies transposed operands like all others.
  private static let wideOnly: Set = ["packPanels", "matmulDots", "matmulTransposed"]
  /// Kernels of the SIMT style, and of products with rounded factors, which have known answers of their own.
  private static let simtOnly: Set = ["matmulWarps", "addSplits"]

  @Test func everyEndingFindsCases() {
    let names = ParityCase.knownAnswers.map(\.name)
    #expect(Set(names).count == names.count)
    for (operation, ending) in ParityCase.knownEndings {
      #expect(
        ParityCase.knownAnswers.contains { $0.operation == operation && $0.name.hasSuffix(ending) },
        "\(operation) \(ending)")
    }
  }

  @Test(arguments: KernelStyle.Kind.allCases) func everyKernelTakesPart(style: KernelStyle.Kind) throws {
    let backend = try OpenCLBackend(platform: 0, device: 0, style: style)
    for known in ParityCase.knownAnswers {
      let result = try known.run(backend)
      #expect(result.passed, "\(result.name): \(result.detail)")
    }
    let expected = try Self.kernels().subtracting(Self.unused).subtracting(
      style == .simt ? Self.wideOnly : Self.simtOnly)
    #expect(expected.count == (style == .simt ? 59 : 60))
    #expect(Set(backend.launches.keys) == expected)
  }

  /// The names of all kernels in the sources.
  private static func kernels() throws -> Set<String> {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Kernels/opencl")
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    let names = try files.flatMap { file in
      try String(contentsOf: file, encoding: .utf8).matches(
        of: /^(?:kernel void|TILE_KERNEL|WARP_KERNEL) (\w+)\(/.anchorsMatchLineEndings()
      )
      .map { String($0.output.1) }
    }
    return Set(names)
  }
}
