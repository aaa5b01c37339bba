import Kernels
import RecurrentCheck

/// Whether a device computes what the oracle does. The answer is kept on disk for each device, driver and version, since a
/// check takes a while.
public enum SelfCheck {
  /// The names of the cases that a device fails; none if it computes the right thing.
  ///
  /// The quick part of the parity suite runs, unless the answer is known.
  /// - Throws: What kept a case from running: no verdict on the device's numbers, so it is not remembered.
  public static func failures(of device: Device) throws -> [String] {
    if let known = knownFailures(of: device.description) { return known }
    let failures = try ParityCase.all(size: .quick).filter { try !$0.run(device.backend).passed }.map(\.name)
    remember(failures, of: device.description)
    return failures
  }

  /// What an earlier check found, or nil if there was none.
  public static func knownFailures(of device: DeviceDescription) -> [String]? {
    guard let path = path(device), let text = try? Files.readText(path) else { return nil }
    let lines = text.split(separator: "\n").map(String.init)
    return lines.first == signature(device) ? Array(lines.dropFirst()) : nil
  }

  /// Keeps what a check found. A folder that cannot be written is no fault: the next run checks again.
  public static func remember(_ failures: [String], of device: DeviceDescription) {
    guard let path = path(device), let folder = Environment.cacheFolder else { return }
    try? Files.makeFolder(folder)
    let lines = [signature(device)] + failures
    try? Files.replace(path, with: Array((lines.joined(separator: "\n") + "\n").utf8))
  }

  private static func signature(_ device: DeviceDescription) -> String {
    "recur \(recurVersion), \(device.driver), \(device.variant), kernels \(String(kernelSourceHash(), radix: 16))"
  }

  private static func path(_ device: DeviceDescription) -> String? {
    let name = device.identifier + "-" + device.name.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
    return Environment.cacheFolder.map { "\($0)/check-\(name.replacing(":", with: "-")).txt" }
  }
}
