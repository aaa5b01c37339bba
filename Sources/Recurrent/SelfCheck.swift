import Kernels
import RecurrentCheck
import RecurrentCore
import RecurrentOpenCL

/// Checks whether a device computes what the oracle computes. The verdict is stored on disk per device, driver and
/// version, since a check takes time.
public enum SelfCheck {
  /// Rejects a device that computes wrong results.
  /// - Parameter onNote: Receives a note that the check is running, if it takes longer than a second.
  /// - Throws: `RecurrentError.device`, with the device, its driver and the failed cases; what `failures` throws.
  static func require(_ device: Device, onNote: (String) -> Void) throws {
    let failures = try failures(of: device, onNote: onNote)
    guard let first = failures.first else { return }
    let description = device.description
    throw RecurrentError(
      .device,
      "computes wrong results in \(first)" + (failures.count > 1 ? " and \(failures.count - 1) more" : ""),
      at: title(description),
      remedy:
        "update the driver, or use another `device`: cpu, for example"
    )
  }

  /// The failed cases of a device, each with its kernels that took part in no passed case. Empty if all pass.
  ///
  /// Runs the known answers of `ParityCase`, unless a verdict is stored.
  /// - Throws: The error that kept a case from running: this is not a verdict, so it is not stored.
  public static func failures(of device: Device, onNote: (String) -> Void = { _ in }) throws -> [String] {
    if let known = knownFailures(of: device.description) { return known }
    let start = ContinuousClock.now
    var hasSaid = false
    var wrong: [(name: String, kernels: Set<String>)] = []
    var right = Set<String>()
    for known in ParityCase.knownAnswers {
      if !hasSaid && start.duration(to: .now) > .seconds(1) {
        hasSaid = true
        onNote("checking \(title(device.description)), once per driver …")
      }
      let before = launches(device)
      let isRight = try known.run(device.backend).passed
      let launched = Set(launches(device).filter { $0.value != before[$0.key] }.keys)
      if isRight { right.formUnion(launched) } else { wrong.append((known.name, launched)) }
    }
    let failures = wrong.map { name, launched in
      let kernels = launched.subtracting(right).sorted()
      return kernels.isEmpty ? name : "\(kernels.joined(separator: ", ")) (\(name))"
    }
    remember(failures, of: device.description)
    return failures
  }

  private static func launches(_ device: Device) -> [String: Int] {
    (device.backend as? OpenCLBackend)?.launches ?? [:]
  }

  /// The stored verdict, or nil if there is none.
  public static func knownFailures(of device: DeviceDescription) -> [String]? {
    guard let path = path(device), let text = try? Files.readText(path, limit: .settings) else { return nil }
    let lines = text.split(separator: "\n").map(String.init)
    return lines.first == signature(device) ? Array(lines.dropFirst()) : nil
  }

  /// Stores a verdict. An unwritable folder is not an error: the next run checks again.
  public static func remember(_ failures: [String], of device: DeviceDescription) {
    guard let path = path(device), let folder = Environment.cacheFolder else { return }
    try? Files.makeFolder(folder)
    let lines = [signature(device)] + failures
    try? Files.replace(path, with: Array((lines.joined(separator: "\n") + "\n").utf8))
  }

  /// The device for messages.
  private static func title(_ device: DeviceDescription) -> String {
    "\(device.identifier) (\(device.name), \(device.driver))"
  }

  /// With the full name of the device, which may hold the version of a compiler.
  private static func signature(_ device: DeviceDescription) -> String {
    // Whether persistent launches work, and so the order of sums, is known only of an open device.
    let variant = device.variant.split(separator: " persistent", maxSplits: 1).first ?? ""
    let kernels = String(kernelSourceHash(), radix: 16)
    return "recur \(recurVersion), \(device.name), \(device.driver), \(variant), kernels \(kernels)"
  }

  private static func path(_ device: DeviceDescription) -> String? {
    let name = device.identifier + "-" + device.name.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
    return Environment.cacheFolder.map { "\($0)/check-\(name.replacing(":", with: "-")).txt" }
  }
}
