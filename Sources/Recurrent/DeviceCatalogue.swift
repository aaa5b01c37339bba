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
  /// - Parameters:
  ///   - level: The instruction set of the native backend; nil takes the widest.
  ///   - threads: The threads of the native backend, 1 to 1024; nil takes as many as there are cores.
  /// - Throws: `RecurrentError` if the processor does not have the instruction set, for an impossible number of threads, or if
  ///   `RECUR_OPENCL_STYLE` or `RECUR_OPENCL_TIER` names nothing.
  public static func catalogue(level: CPULevel? = nil, threads: Int? = nil) throws -> DeviceCatalogue {
    let (openCL, problem) = try openCLDevices()
    let cpu = try CPUBackend(level: level, threads: threads).device
    return DeviceCatalogue(devices: [cpu] + openCL + [ReferenceBackend().device], openCLProblem: problem)
  }

  /// The OpenCL devices, or why there is none.
  private static func openCLDevices() throws -> (devices: [DeviceDescription], problem: String?) {
    do {
      return (try OpenCLBackend.devices(), nil)
    } catch let error as RecurrentError where error.kind == .invalidArgument {
      // A person's choice is not passed over.
      throw error
    } catch {
      return ([], "\(error)")
    }
  }

  /// From now on a crash of an OpenCL driver that keeps compiled kernels on disk (PoCL) ends the process with one line, which names
  /// the folder to remove, and exit code 1. For the command, which owns its process: the signals of crashes are taken.
  package static func explainDriverCrashes() { DriverCrash.listen() }

  /// A description with what its device can really do, found by running small kernels: `claimed; probed yes`.
  ///
  /// A kernel that does not end is left behind after some seconds; the process may then not end by itself.
  public static func probed(_ description: DeviceDescription) -> DeviceDescription { OpenCLBackend.probed(description) }

  /// Finds the fastest variants of the kernels on an OpenCL device, and keeps them for all later runs.
  /// - Parameters:
  ///   - description: The device, of `catalogue()`.
  ///   - report: Told of every result.
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

  /// The device to use if nothing is said: a GPU that computes the right numbers, else the native CPU backend.
  /// - Parameters:
  ///   - level: The instruction set of the native backend; nil takes the widest.
  ///   - threads: The threads of the native backend; nil takes as many as there are cores.
  ///   - precision: What the factors of large products are rounded to, where the device has tensor cores; see `named`.
  ///   - isChecked: Whether a GPU must compute known answers; see `named`.
  ///   - onNote: Told why a GPU is not taken, and what `named` tells.
  /// - Throws: `RecurrentError` if the native backend cannot start, or if `RECUR_OPENCL_STYLE` or `RECUR_OPENCL_TIER` names
  ///   nothing.
  public static func auto(
    level: CPULevel? = nil, threads: Int? = nil, precision: Precision = .float32, isChecked: Bool = true,
    onNote: @escaping (String) -> Void = { _ in }
  ) throws -> Device {
    let gpus = try openCLDevices().devices.filter { $0.kind == .gpu }
    for gpu in gpus {
      do {
        return try named(gpu.identifier, precision: precision, isChecked: isChecked, onNote: onNote)
      } catch {
        onNote("\(gpu.identifier) (\(gpu.name)) is passed over: \(error)")
      }
    }
    if !gpus.isEmpty { onNote("the CPU is used") }
    return try Device(CPUBackend(level: level, threads: threads)).rounding(to: precision, onNote)
  }

  /// A device by its name: `auto`, `cpu`, `opencl` (a GPU, or else the first device), `opencl:PLATFORM`,
  /// `opencl:PLATFORM:DEVICE`, `opencl:NAME` (the first whose name or driver contains it), `reference`.
  ///
  /// At its first use an OpenCL device computes known answers with each of its kernels; the verdict is remembered for its
  /// driver. Tensor cores compute one each time.
  /// - Parameters:
  ///   - name: The device.
  ///   - level: The instruction set of the native backend; nil takes the widest.
  ///   - threads: The threads of the native backend, 1 to 1024; nil takes as many as there are cores.
  ///   - precision: What the factors of large products are rounded to: those of layers' inputs and of gradients of weights, as
  ///     PyTorch's `allow_tf32` does. Only on GPUs with tensor cores; elsewhere everything is computed in float32.
  ///   - isChecked: Whether that is to be so; not for those that look into a device themselves.
  ///   - onNote: Told why `auto` does not take a GPU, which device is taken where a name fits several, and that a device is
  ///     checked if that takes longer than a second; that it computes in float32 where another precision was asked for; and later,
  ///     in whatever call waits for the device, that it computes in another way than it was tuned for.
  /// - Throws: `RecurrentError.invalidArgument`, which lists what there is, for another word; `.device` if there is no such
  ///   OpenCL device, or if it computes wrong numbers; `OpenCLError` if it does not open.
  public static func named(
    _ name: String, level: CPULevel? = nil, threads: Int? = nil, precision: Precision = .float32,
    isChecked: Bool = true, onNote: @escaping (String) -> Void = { _ in }
  ) throws -> Device {
    switch name.lowercased() {
    case "auto":
      return try auto(level: level, threads: threads, precision: precision, isChecked: isChecked, onNote: onNote)
    case "cpu": return try Device(CPUBackend(level: level, threads: threads)).rounding(to: precision, onNote)
    case "reference": return try Device(ReferenceBackend()).rounding(to: precision, onNote)
    case let lower where lower == "opencl" || lower.hasPrefix("opencl:") && lower != "opencl:":
      let backend = try openCL(lower, onNote)
      backend.onNote = onNote
      let device = Device(backend)
      if isChecked { try SelfCheck.require(device, onNote: onNote) }
      return try device.rounding(to: precision, onNote)
    default:
      throw RecurrentError(
        .invalidArgument, "there is no device named \(name)", at: "device",
        remedy: "take auto or one of " + (try catalogue().names))
    }
  }

  /// The device, its large products rounded if it can; a note says if it cannot.
  private func rounding(to precision: Precision, _ onNote: (String) -> Void) throws -> Device {
    guard precision != .float32 else { return self }
    var problem: String? = "tensor cores are a GPU's"
    if let backend = backend as? OpenCLBackend { problem = try backend.use(precision) }
    if let problem {
      onNote("\(description.identifier) (\(description.name)) computes in float32, not in \(precision): \(problem)")
    }
    return self
  }

  /// Makes the device round the factors of small products, too, so that `ParityCase.rounded` can check it.
  /// - Throws: `RecurrentError.device` if it does not round to this precision.
  package func roundAllProducts(to precision: Precision) throws {
    guard description.precision == precision else {
      throw RecurrentError(
        .device, "does not multiply in \(precision)", at: description.identifier,
        remedy: "take a GPU with tensor cores, or leave --precision away")
    }
    (backend as? OpenCLBackend)?.roundAllProducts()
  }

  private static func openCL(_ name: String, _ onNote: (String) -> Void) throws -> OpenCLBackend {
    guard name != "opencl" else {
      let devices = try OpenCLBackend.devices()
      return try openCL((devices.first { $0.kind == .gpu } ?? devices[0]).identifier, onNote)
    }
    let parts = name.split(separator: ":", omittingEmptySubsequences: false).dropFirst()
    let numbers = parts.compactMap { Int($0) }
    guard numbers.count == parts.count, parts.count <= 2 else {
      let wanted = parts.joined(separator: ":")
      let fitting = try OpenCLBackend.devices(named: wanted).map { "\($0.identifier) (\($0.name), \($0.driver))" }
      if fitting.count > 1 {
        let others = fitting.dropFirst().joined(separator: ", ")
        onNote("\(name) fits \(fitting.count) devices: \(fitting[0]) is taken; the others are \(others)")
      }
      return try OpenCLBackend(named: wanted)
    }
    return try OpenCLBackend(platform: numbers[0], device: numbers.count > 1 ? numbers[1] : 0)
  }
}
