import ArgumentParser
import Recurrent
import RecurrentTasks

/// `recur devices`
struct Devices: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "List the devices of this machine, or tune their kernels.")

  @Flag(help: "Print one JSON object per device on standard output, including the capabilities.")
  var json = false

  @Flag(name: .shortAndLong, help: "Test and print the capabilities of each device.")
  var verbose = false

  @Flag(
    help: """
      Measure the variants of the kernels on each OpenCL device, or on --device, and use the fastest in later runs. This takes \
      some minutes, mostly for compilation.
      """)
  var tune = false

  @OptionGroup(title: "Device") var options: DeviceChoice

  func run() throws {
    let catalogue = try options.catalogue()
    let devices = try options.listed(catalogue)
    if tune { return try tune(devices, openCLProblem: catalogue.openCLProblem) }
    for device in devices {
      let device = verbose || json ? Console.withoutErrors { Device.probed(device) } : device
      if json { try Console.put(json: Entry(device, in: catalogue)) } else { Console.put(text(device)) }
    }
    if let problem = catalogue.openCLProblem { Console.say("No OpenCL device: \(problem)") }
    if !json && devices.count > 1 { Console.put("auto uses \(catalogue.choice): \(catalogue.reason)\n") }
    // A probe that hangs keeps the driver's threads, which an ordinary exit would wait for.
    if verbose || json { Console.leave() }
  }

  // MARK: Tuning

  private struct TuningEvent: Encodable {
    var event = "tuning"
    let device: String, name: String, choice: String, before: Double, after: Double
  }

  /// Tunes the OpenCL devices of a list.
  private func tune(_ devices: [DeviceDescription], openCLProblem: String?) throws {
    let tunable = devices.filter { $0.identifier.hasPrefix("opencl:") }
    guard !tunable.isEmpty else {
      throw RecurrentError(
        .device, openCLProblem ?? "only OpenCL devices can be tuned", at: "--tune",
        remedy: openCLProblem == nil ? "use a device that recur devices lists" : nil)
    }
    for device in tunable {
      var header: String? = row("\(device.identifier) (\(device.name))", "untuned", "tuned", "kernels")
      try Device.tune(device) { result in
        if let first = header {
          header = nil
          Console.say("Results are saved: if stopped, the same command continues from there.")
          if !json { Console.put(first) }
        }
        if json {
          try? Console.put(
            json: TuningEvent(
              device: device.identifier, name: result.name, choice: result.choice, before: result.before,
              after: result.after))
        } else {
          let times = [result.before, result.after].map { "\(($0 * 1e3).text(3)) ms" }
          Console.put(row("  " + result.name, times[0], times[1], result.choice))
          for choice in result.wrong {
            Console.say("\(result.name): the results of \(choice) are wrong, so it is not used.")
          }
        }
      }
      Console.say("\(device.identifier) is tuned: later runs use the kernels of the last column.")
    }
  }

  private func row(_ name: String, _ before: String, _ after: String, _ choice: String) -> String {
    name.padded(to: 38) + before.leading(to: 12) + after.leading(to: 12) + "   \(choice)\n"
  }

  private struct Entry: Encodable {
    let device: String, name: String, kind: String, driver: String
    let computeUnits: Int, memory: Int, variant: String, check: Standing, checkText: String
    let capabilities: [String: String]
    /// Why `auto` uses it; nil if it does not.
    let auto: String?

    init(_ device: DeviceDescription, in catalogue: DeviceCatalogue) {
      self.device = device.identifier
      (name, kind, driver) = (device.name, device.kind.rawValue, device.driver)
      (computeUnits, memory, variant) = (device.computeUnits, device.memory, device.variant)
      (check, checkText) = Devices.standing(device)
      capabilities = device.capabilities
      auto = device.identifier == catalogue.choice ? catalogue.reason : nil
    }
  }

  private func text(_ device: DeviceDescription) -> String {
    let memory = device.memory > 0 ? ", \(device.memory.asBytes)" : ""
    let units = device.computeUnits.counted("unit")
    var lines = [
      "\(device.identifier.padded(to: 12)) \(device.name)",
      "             \(device.kind.rawValue), \(device.driver), \(units)\(memory); "
        + Self.standing(device).text,
    ]
    if verbose {
      lines += device.capabilities.sorted { $0.key < $1.key }.map { "             \($0.key): \($0.value)" }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The result of a device's check.
  private enum Standing: String, Encodable {
    case passed, failed, unchecked, oracle
  }

  private static func standing(_ device: DeviceDescription) -> (Standing, text: String) {
    guard device.identifier != "reference" else { return (.oracle, "the reference of all checks") }
    switch SelfCheck.knownFailures(of: device)?.count {
    case nil: return (.unchecked, "not checked yet (recur check --device \(device.identifier))")
    case 0: return (.passed, "passed its check")
    case let count?: return (.failed, "failed \(count.counted("case")) of its check")
    }
  }
}
