import RecurrentCPU
import RecurrentOpenCL
import RecurrentReference

/// The devices of this machine.
public struct DeviceCatalogue: Sendable {
  /// What there is: the native CPU backend, every OpenCL device, and the oracle.
  public let devices: [DeviceDescription]
  /// Why there is no OpenCL device, where there is none.
  public let openCLProblem: String?

  /// The names of the devices, as a person is told them.
  var names: String { devices.map { "\($0.identifier) (\($0.name))" }.joined(separator: ", ") }
}

extension Device {
  /// What this machine has.
  /// - Throws: `RecurrentError` if the processor does not have the instruction set, or for an impossible number of threads.
  public static func catalogue(level: CPULevel? = nil, threads: Int? = nil) throws -> DeviceCatalogue {
    var openCL: [DeviceDescription] = []
    var problem: String?
    do {
      openCL = try OpenCLBackend.devices()
    } catch {
      problem = "\(error)"
    }
    let cpu = try CPUBackend(level: level, threads: threads).device
    return DeviceCatalogue(devices: [cpu] + openCL + [ReferenceBackend().device], openCLProblem: problem)
  }

  /// A description with what its device can really do, found by running small kernels: `claimed; probed yes`.
  ///
  /// A kernel that does not end is left behind after some seconds; the process may then not end by itself.
  public static func probed(_ description: DeviceDescription) -> DeviceDescription { OpenCLBackend.probed(description) }

  /// Finds the fastest variants of the kernels on an OpenCL device, and keeps them for all later runs.
  /// - Parameter report: Told of every result.
  /// - Throws: `RecurrentError.invalidArgument` if it is no OpenCL device; what the device throws.
  public static func tune(_ description: DeviceDescription, report: (TuningResult) -> Void) throws {
    let place = description.identifier.split(separator: ":").compactMap { Int($0) }
    guard place.count == 2 else {
      throw RecurrentError(
        .invalidArgument, "\(description.identifier) has nothing to tune", at: "device", remedy: "take an OpenCL device"
      )
    }
    try OpenCLBackend.tune(platform: place[0], device: place[1], report: report)
  }

  /// The device to use if nothing is said: a GPU that passes its self-check, else the native CPU backend.
  /// - Parameters:
  ///   - level: The instruction set of the native backend; nil takes the widest.
  ///   - threads: The threads of the native backend; nil takes as many as there are cores.
  ///   - onNote: Told why a GPU is not taken.
  /// - Throws: `RecurrentError` if the native backend cannot start.
  public static func auto(
    level: CPULevel? = nil, threads: Int? = nil, onNote: (String) -> Void = { _ in }
  ) throws -> Device {
    for gpu in (try? OpenCLBackend.devices()) ?? [] where gpu.kind == .gpu {
      do {
        let device = try named(gpu.identifier)
        let failures = try SelfCheck.failures(of: device)
        guard failures.isEmpty else {
          onNote("\(gpu.identifier) (\(gpu.name)) computes wrong numbers in \(failures[0]), so the CPU is used")
          continue
        }
        return device
      } catch {
        onNote("\(gpu.identifier) (\(gpu.name)) cannot be used: \(error)")
      }
    }
    return try Device(CPUBackend(level: level, threads: threads))
  }

  /// A device by its name: `auto`, `cpu`, `opencl` (a GPU, or else the first device), `opencl:PLATFORM`,
  /// `opencl:PLATFORM:DEVICE`, `opencl:NAME` (the first whose name or driver contains it), `reference`.
  /// - Parameter onNote: Told why `auto` does not take a GPU, and which device is taken where a name fits several.
  /// - Throws: `RecurrentError.invalidArgument`, which lists what there is, for another word; `.device` if there is no such
  ///   OpenCL device; `OpenCLError` if it does not open.
  public static func named(
    _ name: String, level: CPULevel? = nil, threads: Int? = nil, onNote: (String) -> Void = { _ in }
  ) throws -> Device {
    switch name.lowercased() {
    case "auto": return try auto(level: level, threads: threads, onNote: onNote)
    case "cpu": return try Device(CPUBackend(level: level, threads: threads))
    case "reference": return Device(ReferenceBackend())
    case "opencl":
      let devices = try OpenCLBackend.devices()
      return try openCL((devices.first { $0.kind == .gpu } ?? devices[0]).identifier)
    case let lower where lower.hasPrefix("opencl:") && lower != "opencl:": return try openCL(lower, onNote)
    default:
      throw RecurrentError(
        .invalidArgument, "there is no device named \(name)", at: "device",
        remedy: "take auto or one of " + (try catalogue().names))
    }
  }

  private static func openCL(_ name: String, _ onNote: (String) -> Void = { _ in }) throws -> Device {
    let parts = name.split(separator: ":", omittingEmptySubsequences: false).dropFirst()
    let numbers = parts.compactMap { Int($0) }
    guard numbers.count == parts.count, parts.count <= 2 else {
      let wanted = parts.joined(separator: ":")
      let fitting = try OpenCLBackend.devices(named: wanted).map { "\($0.identifier) (\($0.name), \($0.driver))" }
      if fitting.count > 1 {
        let others = fitting.dropFirst().joined(separator: ", ")
        onNote("\(name) fits \(fitting.count) devices: \(fitting[0]) is taken; the others are \(others)")
      }
      return try Device(OpenCLBackend(named: wanted))
    }
    return try Device(OpenCLBackend(platform: numbers[0], device: numbers.count > 1 ? numbers[1] : 0))
  }
}
