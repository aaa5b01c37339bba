import Kernels
import RecurrentCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The fastest variants for a device, stored beside the compiled programs; ignored for another driver, or after the
/// kernels have changed.
package struct Tuning: Codable {
  var style: KernelStyle.Kind
  var choices: Choices
  /// Whether all classes were tuned; false if tuning was stopped.
  var isComplete: Bool

  init(style: KernelStyle.Kind, choices: Choices, isComplete: Bool = true) {
    self.style = style
    self.choices = choices
    self.isComplete = isComplete
  }

  /// The choices for a style; nil if the device was tuned for the other one.
  func choices(for style: KernelStyle) -> Choices? { self.style == style.kind ? choices : nil }

  /// The stored tuning; nil if it cannot be read.
  package init?(json bytes: [UInt8]) {
    guard let tuning = try? JSONDecoder().decode(Tuning.self, from: Data(bytes)) else { return nil }
    self = tuning
  }

  /// The tuning of a device, without persistent launches whose start failed in several runs; nil if it was not tuned.
  static func stored(for device: OpenCLDevice, in cache: ProgramCache?) -> Tuning? {
    guard let bytes = cache?.binary(for: key(device)), var tuning = Tuning(json: bytes) else { return nil }
    let failed = FailedStarts.stored(for: device, in: cache).repeated
    tuning.choices.forgetPersistent(of: Set(failed.map(\.cell)))
    return tuning
  }

  /// Stores it.
  func store(for device: OpenCLDevice, in cache: ProgramCache?) throws {
    cache?.store([UInt8](try JSONEncoder().encode(self)), for: Self.key(device))
  }

  private static func key(_ device: OpenCLDevice) -> String {
    ["tuning", device.tuningIdentity, String(kernelSourceHash(), radix: 16)].joined(separator: "\u{0}")
  }
}
