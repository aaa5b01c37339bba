import COpenCL
import RecurrentCore
import Synchronization

/// Held while a driver is asked for its devices: PoCL and others set themselves up in the first call, and two first calls
/// at once crash them.
private let listing = Mutex<Void>(())

/// A device as its driver lists it.
struct OpenCLDevice {
  let library: OpenCLLibrary
  let platformIndex: Int
  let deviceIndex: Int
  let platform: cl_platform_id
  let id: cl_device_id

  var identifier: String { "opencl:\(platformIndex):\(deviceIndex)" }

  /// As a person is told it: `opencl:0:0 (AMD EPYC, Portable Computing Language 3.1)`.
  var title: String { "\(identifier) (\(name), \(platformName) \(driver))" }

  /// Whether its name or driver contains `part`, in any case of letters.
  func isNamed(_ part: String) -> Bool {
    "\(name) \(platformName) \(driver)".lowercased().contains(part.lowercased())
  }

  /// All devices of all platforms.
  /// - Throws: `RecurrentError.device` if there is none.
  static func all(_ library: OpenCLLibrary) throws -> [OpenCLDevice] {
    try listing.withLock { _ in try list(library) }
  }

  private static func list(_ library: OpenCLLibrary) throws -> [OpenCLDevice] {
    let cl = library.functions
    var failures: [OpenCLError] = []
    // A loader without drivers reports an error, not a count of 0; so does a platform without devices.
    let platforms = list("clGetPlatformIDs", none: -1001, &failures) { cl.clGetPlatformIDs($0, $1, $2) }
    var devices: [OpenCLDevice] = []
    for (platformIndex, platform) in platforms.enumerated() {
      let ids = list("clGetDeviceIDs", none: CL_DEVICE_NOT_FOUND, &failures) {
        cl.clGetDeviceIDs(platform, cl_device_type(CL_DEVICE_TYPE_ALL), $0, $1, $2)
      }
      devices += ids.enumerated().map { deviceIndex, id in
        OpenCLDevice(
          library: library, platformIndex: platformIndex, deviceIndex: deviceIndex, platform: platform, id: id)
      }
    }
    // A driver that fails must not hide the others' devices.
    guard devices.isEmpty else { return devices }
    let what =
      !failures.isEmpty
      ? "\(library.name) lists no device: " + failures.map(\.description).joined(separator: ", ")
      : platforms.isEmpty
        ? "\(library.name) knows no OpenCL platform"
        : "the \(platforms.count) OpenCL platform(s) of \(library.name) have no device"
    throw RecurrentError(
      .device, what, at: "OpenCL",
      remedy: "install a driver for your hardware (on a CPU: pocl-opencl-icd), or use the CPU")
  }

  /// What a query lists; `none` is its status where there is nothing, any other goes to `failures`.
  private static func list(
    _ call: String, none: cl_int, _ failures: inout [OpenCLError],
    _ query: (cl_uint, UnsafeMutablePointer<OpaquePointer?>?, UnsafeMutablePointer<cl_uint>?) -> cl_int
  ) -> [OpaquePointer] {
    var count: cl_uint = 0
    var status = query(0, nil, &count)
    var ids = [OpaquePointer?](repeating: nil, count: Int(count))
    if status == CL_SUCCESS, count > 0 { status = query(count, &ids, &count) }
    if status != CL_SUCCESS && status != none { failures.append(OpenCLError(call: call, status: status)) }
    return status == CL_SUCCESS ? ids.prefix(Int(count)).compactMap { $0 } : []
  }

  // MARK: What it says of itself

  /// A text; empty if the device does not know the question.
  func text(_ parameter: Int32) -> String {
    string { library.functions.clGetDeviceInfo(id, cl_device_info(parameter), $0, $1, $2) }
  }

  /// A number; `fallback` if the device does not know the question.
  func number<Number: FixedWidthInteger>(_ parameter: Int32, _ fallback: Number = 0) -> Number {
    var value = fallback
    let status = library.functions.clGetDeviceInfo(
      id, cl_device_info(parameter), MemoryLayout<Number>.size, &value, nil)
    return status == CL_SUCCESS ? value : fallback
  }

  var name: String { text(CL_DEVICE_NAME) }
  var driver: String { text(CL_DRIVER_VERSION) }
  var extensions: Set<Substring> { Set(text(CL_DEVICE_EXTENSIONS).split(separator: " ")) }
  var maximumAllocation: Int { Int(clamping: number(CL_DEVICE_MAX_MEM_ALLOC_SIZE) as cl_ulong) }
  var isCPU: Bool { (number(CL_DEVICE_TYPE) as cl_device_type) & cl_device_type(CL_DEVICE_TYPE_CPU) != 0 }

  /// The most work-items of a work-group of one dimension.
  var maximumGroup: Int {
    var sizes = [Int](repeating: 1, count: max(3, Int(number(CL_DEVICE_MAX_WORK_ITEM_DIMENSIONS) as cl_uint)))
    let status = library.functions.clGetDeviceInfo(
      id, cl_device_info(CL_DEVICE_MAX_WORK_ITEM_SIZES), sizes.count * MemoryLayout<Int>.size, &sizes, nil)
    return status == CL_SUCCESS ? max(1, min(sizes[0], number(CL_DEVICE_MAX_WORK_GROUP_SIZE, 1))) : 1
  }

  /// What its compiled programs and its tuning are for: the device and its driver, with their versions.
  var identity: String {
    [platformName, platformVersion, name, driver, text(CL_DEVICE_VERSION), library.name].joined(separator: "\u{0}")
  }

  var platformName: String { platformText(CL_PLATFORM_NAME) }
  var platformVersion: String { platformText(CL_PLATFORM_VERSION) }

  private func platformText(_ parameter: Int32) -> String {
    string { library.functions.clGetPlatformInfo(platform, cl_platform_info(parameter), $0, $1, $2) }
  }

  private func string(_ query: (Int, UnsafeMutableRawPointer?, UnsafeMutablePointer<Int>?) -> cl_int) -> String {
    var size = 0
    guard query(0, nil, &size) == CL_SUCCESS, size > 0 else { return "" }
    var bytes = [UInt8](repeating: 0, count: size)
    guard query(size, &bytes, nil) == CL_SUCCESS else { return "" }
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}

extension OpenCLDevice {
  /// The description that the rest of Recur sees, with the kernels that it takes.
  func description(_ style: KernelStyle, _ tuning: Tuning?) -> DeviceDescription {
    let type: cl_device_type = number(CL_DEVICE_TYPE)
    let kind: DeviceDescription.Kind =
      isCPU ? .cpu : type & cl_device_type(CL_DEVICE_TYPE_GPU) != 0 ? .gpu : .accelerator
    return DeviceDescription(
      identifier: identifier, name: name, kind: kind, driver: "\(platformName) \(driver)",
      computeUnits: Int(number(CL_DEVICE_MAX_COMPUTE_UNITS) as cl_uint),
      memory: Int(clamping: number(CL_DEVICE_GLOBAL_MEM_SIZE) as cl_ulong), maximumAllocation: maximumAllocation,
      variant: "opencl \(name) \(driver) \(style)",
      capabilities: capabilities.merging(
        ["kernels": "\(style), " + (tuning?.style == style.kind ? "tuned" : "not tuned (recur devices --tune)")]
      ) { $1 })
  }

  /// What the device can do, and beyond the floor what it claims; `Probe` finds out.
  private var capabilities: [String: String] {
    [
      "version": text(CL_DEVICE_VERSION),
      "language": text(CL_DEVICE_OPENCL_C_VERSION),
      "profile": text(CL_DEVICE_PROFILE),
      "largest allocation": "\(maximumAllocation) bytes",
      "local memory": "\(number(CL_DEVICE_LOCAL_MEM_SIZE) as cl_ulong) bytes",
      "work-group size": "\(number(CL_DEVICE_MAX_WORK_GROUP_SIZE) as Int)",
      "vector width": "\(number(CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT) as cl_uint)",
      "command buffers": extensions.contains("cl_khr_command_buffer") ? "claimed" : "not claimed",
    ].merging(Probe.all.map { ($0.name, $0.claimText(self)) }) { $1 }
  }
}
