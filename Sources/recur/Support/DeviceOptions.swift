import ArgumentParser
import Recurrent
import RecurrentCore
import RecurrentTasks

/// The device of a command.
struct DeviceChoice: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Device: auto, cpu, reference, opencl[:PLATFORM[:DEVICE]] or opencl:NAME; check and bench: also all. (default: $RECUR_DEVICE or auto)",
      valueName: "name"))
  var device: String?

  @Option("Threads of the CPU backend. (default: $RECUR_THREADS or the number of cores)", .range(1...1024))
  var threads: Int?

  /// Opens the device; prints a note if `auto` skips one.
  /// - Parameter isChecked: Whether a device must pass its check; false for commands that check devices themselves.
  func open(precision: Precision = .float32, isChecked: Bool = true) throws -> Device {
    guard name != "all" else {
      throw RecurrentError(
        .invalidArgument, "all is supported by recur check and recur bench only", at: "--device",
        remedy: "name one device")
    }
    return try renaming("device", device == nil ? "RECUR_DEVICE" : "--device") {
      try Device.named(name, level: level(), threads: threadCount(), precision: precision, isChecked: isChecked) {
        Console.say("recur: " + $0)
      }
    }
  }

  /// The devices of this machine.
  func catalogue() throws -> DeviceCatalogue { try Device.catalogue(level: level(), threads: threadCount()) }

  /// The devices that `--device` names, which may be `all`: devices that cannot be opened are then reported with their
  /// errors. None is checked.
  func openAll(precision: Precision) throws -> [(name: String, device: Result<Device, any Error>)] {
    guard name == "all" else { return [(name, .success(try open(precision: precision, isChecked: false)))] }
    let (level, threads) = (try level(), try threadCount())
    return try catalogue().devices.filter { $0.identifier != "reference" }.map { device in
      (
        device.identifier,
        Result {
          try Device.named(device.identifier, level: level, threads: threads, precision: precision, isChecked: false) {
            Console.say("recur: " + $0)
          }
        }
      )
    }
  }

  /// The devices of a catalogue that `--device` names, or all of them if it is not given.
  func listed(_ catalogue: DeviceCatalogue) throws -> [DeviceDescription] {
    device == nil || device == "all" ? catalogue.devices : [try open(isChecked: false).description]
  }

  private var name: String { device ?? Environment.value("RECUR_DEVICE") ?? "auto" }

  private func threadCount() throws -> Int? {
    if let threads { return threads }
    guard let text = Environment.value("RECUR_THREADS") else { return nil }
    guard let count = Int(text), (1...1024).contains(count) else {
      throw RecurrentError(
        .invalidArgument, "\(text) is not a valid thread count", at: "RECUR_THREADS", remedy: "use 1 to 1024")
    }
    return count
  }

  private func level() throws -> CPULevel? {
    try Environment.value("RECUR_CPU_LEVEL").map { name in
      guard let level = CPULevel(rawValue: name) else {
        throw RecurrentError(
          .invalidArgument, "unknown level \(name)", at: "RECUR_CPU_LEVEL",
          remedy: "use one of " + CPULevel.allCases.map(\.rawValue).joined(separator: ", "))
      }
      return level
    }
  }
}

/// The device and the precision of a command.
struct DeviceOptions: ParsableArguments {
  @OptionGroup var choice: DeviceChoice

  @Option(
    help: """
      Format to which the inputs of large matrix products are rounded; tf32 and bf16 need tensor cores, other devices compute \
      in float32 and report it.
      """)
  var precision: Precision = .float32

  /// Opens the device, as `DeviceChoice`.
  func open() throws -> Device { try choice.open(precision: precision) }

  /// Opens the devices, as `DeviceChoice`.
  func openAll() throws -> [(name: String, device: Result<Device, any Error>)] {
    try choice.openAll(precision: precision)
  }

  /// Opens the device and moves a model to it, for use without gradients.
  func evaluationTape(for model: some Module) throws -> Tape {
    let device = try open()
    try model.move(to: device)
    return Tape(device, mode: .evaluation)
  }
}

extension Precision: ExpressibleByArgument {}
