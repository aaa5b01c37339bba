#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// How much the tests do, as `RECUR_TESTS` says.
public enum TestExtent: String, Sendable {
  /// `make quick`: the CPU with its best instructions, and no OpenCL.
  case quick
  /// `make test`
  case usual
  /// `make test-all`: whatever compilers of OpenCL take long for, too.
  case all

  /// The extent of this run.
  public static let current =
    ProcessInfo.processInfo.environment["RECUR_TESTS"].flatMap(TestExtent.init(rawValue:)) ?? .usual

  /// Three of the variants of a kernel, the best guess among them, or all.
  public static func some<Variant>(_ variants: [Variant]) -> [Variant] {
    guard current != .all, variants.count > 3 else { return variants }
    return [variants[0], variants[variants.count / 2], variants[variants.count - 1]]
  }
}
