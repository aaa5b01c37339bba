import RecurrentCPU
import RecurrentOpenCL
import RecurrentReference

/// The devices of this machine.
public struct DeviceCatalogue: Sendable {
  /// The devices: the native CPU backend, every OpenCL device, and the oracle.
  public let devices: [DeviceDescription]
  /// Why there is no OpenCL device; nil if there is one.
  public let openCLProblem: String?
  /// The identifier of the device that `auto` uses.
  public let choice: String
  /// Why `auto` uses it, and which devices are the same GPU with another driver.
  public let reason: String

  /// The device names for messages.
  var names: String { devices.map { "\($0.identifier) (\($0.name))" }.joined(separator: ", ") }
}

extension Device {
  /// Lists the devices of this machine.
  /// - Parameters:
  ///   - level: The instruction set of the native backend; nil for the widest.
  ///   - threads: The number of threads of the native backend, 1 to 1024; nil for one per core.
  /// - Throws: `RecurrentError` if the processor lacks the instruction set, the thread count is invalid, or
  ///   `RECUR_OPENCL_STYLE` or `RECUR_OPENCL_TIER` is invalid.
  public static func catalogue(level: CPULevel? = nil, threads: Int? = nil) throws -> DeviceCatalogue {
    let (openCL, problem) = try openCLDevices()
    let cpu = try CPUBackend(level: level, threads: threads).device
    let failed = openCL.filter { SelfCheck.knownFailures(of: $0)?.isEmpty == false }.map(\.identifier)
    let (choice, reason) = ranking().choice(failed: Set(failed))
    return DeviceCatalogue(
      devices: [cpu] + openCL + [ReferenceBackend().device], openCLProblem: problem, choice: choice, reason: reason)
  }

  /// The order of the GPUs; empty where OpenCL has none.
  private static func ranking() -> DeviceRanking {
    (try? OpenCLBackend.ranking(processorRate: CPUBackend.roughRate))
      ?? DeviceRanking(processorRate: CPUBackend.roughRate)
  }

  /// The OpenCL devices, or why there are none.
  private static func openCLDevices() throws -> (devices: [DeviceDescription], problem: String?) {
    do {
      return (try OpenCLBackend.devices(), nil)
    } catch let error as RecurrentError where error.kind == .invalidArgument {
      // An invalid environment variable is an error.
      throw error
    } catch {
      return ([], "\(error)")
    }
  }

  /// After this call, a crash of an OpenCL driver that stores compiled kernels on disk (PoCL) ends the process with
  /// exit code 1 and one line that names the folder to remove. For the command only: it installs signal handlers.
  package static func explainDriverCrashes() { DriverCrash.listen() }

  /// A description with capabilities verified by small kernels: `claimed; probed yes`.
  ///
  /// A kernel that hangs is abandoned after some seconds; the process may then not exit by itself.
  public static func probed(_ description: DeviceDescription) -> DeviceDescription { OpenCLBackend.probed(description) }

  /// Finds the fastest kernel variants for an OpenCL device and stores them for later runs.
  /// - Parameters:
  ///   - description: A device of `catalogue()`.
  ///   - report: Receives every result.
  /// - Throws: `RecurrentError.invalidArgument` if it is not an OpenCL device; what the device throws.
  public static func tune(_ description: DeviceDescription, report: (TuningResult) -> Void) throws {
    let place = description.identifier.split(separator: ":").compactMap { Int($0) }
    guard place.count == 2 else {
      throw RecurrentError(
        .invalidArgument, "\(description.identifier) cannot be tuned", at: "device", remedy: "use an OpenCL device"
      )
    }
    try OpenCLBackend.tune(platform: place[0], device: place[1], report: report)
  }

  /// The default device: the first GPU that computes correct results, else the native CPU backend.
  ///
  /// Discrete GPUs come before integrated ones, then those with the highest rough rate (compute units × their width ×
  /// clock), then those with the most memory. An integrated GPU is used only if its rough rate is above the processor's. A
  /// GPU that several drivers list is used with its vendor's.
  /// - Parameters:
  ///   - level: The instruction set of the native backend; nil for the widest.
  ///   - threads: The number of threads of the native backend; nil for one per core.
  ///   - precision: The precision of the factors of large products, on devices with tensor cores; see `named`.
  ///   - isChecked: Whether to check a GPU against known answers; see `named`.
  ///   - onNote: Receives the reason why a GPU is not used, and the notes of `named`.
  /// - Throws: `RecurrentError` if the native backend cannot start, or if `RECUR_OPENCL_STYLE` or `RECUR_OPENCL_TIER`
  ///   is invalid.
  public static func auto(
    level: CPULevel? = nil, threads: Int? = nil, precision: Precision = .float32, isChecked: Bool = true,
    onNote: @escaping (String) -> Void = { _ in }
  ) throws -> Device {
    let devices = try openCLDevices().devices
    let gpus = ranking().automatic.compactMap { name in devices.first { $0.identifier == name } }
    for gpu in gpus {
      do {
        return try named(gpu.identifier, precision: precision, isChecked: isChecked, onNote: onNote)
      } catch {
        onNote("\(gpu.identifier) (\(gpu.name)) is not used: \(error)")
      }
    }
    if !gpus.isEmpty { onNote("using the CPU") }
    return try Device(CPUBackend(level: level, threads: threads)).rounding(to: precision, onNote)
  }

  /// A device by name: `auto`, `cpu`, `opencl` (the first GPU in the order of `auto`, else the first device),
  /// `opencl:PLATFORM`, `opencl:PLATFORM:DEVICE`, `opencl:NAME` (the first device whose name or driver contains NAME), `reference`.
  ///
  /// At its first use, every kernel of an OpenCL device is checked against known answers; the verdict is stored per
  /// driver. Tensor cores are checked with one product each time.
  /// - Parameters:
  ///   - name: The name of the device.
  ///   - level: The instruction set of the native backend; nil for the widest.
  ///   - threads: The number of threads of the native backend, 1 to 1024; nil for one per core.
  ///   - precision: The precision of the factors of large products (layer inputs and weight gradients), as PyTorch's
  ///     `allow_tf32`. Only on GPUs with tensor cores; elsewhere float32 is used.
  ///   - isChecked: Whether to run this check; false for programs that check the device themselves.
  ///   - onNote: Receives notes: why `auto` does not use a GPU; which device is used if a name matches several; that a
  ///     check is running, if it takes longer than a second; that float32 is used in place of the requested precision;
  ///     and later, in a call that waits for the device, that the device falls back to kernels other than the tuned
  ///     ones.
  /// - Throws: `RecurrentError.invalidArgument`, with the available devices, for an unknown name; `.device` if there is
  ///   no such OpenCL device, or if it computes wrong results; `OpenCLError` if it cannot be opened.
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
        .invalidArgument, "unknown device \(name)", at: "device",
        remedy: "use auto or one of " + (try catalogue().names))
    }
  }

  /// The device, with large products rounded if supported; else a note.
  private func rounding(to precision: Precision, _ onNote: (String) -> Void) throws -> Device {
    guard precision != .float32 else { return self }
    var problem: String? = "only GPUs have tensor cores"
    if let backend = backend as? OpenCLBackend { problem = try backend.use(precision) }
    if let problem {
      onNote("\(description.identifier) (\(description.name)) computes in float32, not in \(precision): \(problem)")
    }
    return self
  }

  /// Also rounds the factors of small products, so that `ParityCase.rounded` can check the device.
  /// - Throws: `RecurrentError.device` if it does not support this precision.
  package func roundAllProducts(to precision: Precision) throws {
    guard description.precision == precision else {
      throw RecurrentError(
        .device, "does not support \(precision) products", at: description.identifier,
        remedy: "use a GPU with tensor cores, or omit `precision`")
    }
    (backend as? OpenCLBackend)?.roundAllProducts()
  }

  private static func openCL(_ name: String, _ onNote: (String) -> Void) throws -> OpenCLBackend {
    guard name != "opencl" else {
      let devices = try OpenCLBackend.devices()
      return try openCL(ranking().order.first ?? devices[0].identifier, onNote)
    }
    let parts = name.split(separator: ":", omittingEmptySubsequences: false).dropFirst()
    let numbers = parts.compactMap { Int($0) }
    guard numbers.count == parts.count, parts.count <= 2 else {
      let wanted = parts.joined(separator: ":")
      let fitting = try OpenCLBackend.devices(named: wanted).map { "\($0.identifier) (\($0.name), \($0.driver))" }
      if fitting.count > 1 {
        let others = fitting.dropFirst().joined(separator: ", ")
        onNote("\(name) matches \(fitting.count) devices: using \(fitting[0]); the others are \(others)")
      }
      return try OpenCLBackend(named: wanted)
    }
    return try OpenCLBackend(platform: numbers[0], device: numbers.count > 1 ? numbers[1] : 0)
  }
}
