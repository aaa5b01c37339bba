import COpenCL
import RecurrentCore
import Synchronization

/// Locked while devices are listed: PoCL and others initialize in the first call, and two concurrent first calls crash
/// them.
private let listing = Mutex<Void>(())

/// A device, with the properties that its driver reports.
///
/// What decides programs, tuning and the order of sums is asked once, and a device that does not answer is not listed: a guess
/// in its place would change a run's last bits.
struct OpenCLDevice {
  let library: OpenCLLibrary
  let platformIndex: Int
  let deviceIndex: Int
  let platform: cl_platform_id
  let id: cl_device_id
  let platformName: String
  let name: String
  let driver: String
  /// `FULL_PROFILE` or `EMBEDDED_PROFILE`.
  let profile: String
  let type: cl_device_type
  /// Compute units.
  let units: Int
  /// The total memory and the largest allocation, in bytes.
  let memory: Int
  let maximumAllocation: Int
  /// The width of a vector register in floats.
  let vectorWidth: Int
  /// The maximum number of work-items in a one-dimensional work-group.
  let maximumGroup: Int
  /// The key of compiled programs: the device and its driver, with their versions.
  let identity: String
  /// The key of tuning: the same without the versions in the device's name, which change with each update of the system.
  let tuningIdentity: String
  private let query: OpenCLQuery

  /// - Throws: `OpenCLError` if the driver does not answer.
  init(
    _ library: OpenCLLibrary, platformIndex: Int, deviceIndex: Int, platform: cl_platform_id, id: cl_device_id
  ) throws {
    (self.library, self.platformIndex, self.deviceIndex) = (library, platformIndex, deviceIndex)
    (self.platform, self.id) = (platform, id)
    let cl = library.functions
    let ofPlatform = OpenCLQuery(call: "clGetPlatformInfo") { cl.clGetPlatformInfo(platform, $0, $1, $2, $3) }
    query = OpenCLQuery(call: "clGetDeviceInfo") { cl.clGetDeviceInfo(id, $0, $1, $2, $3) }
    platformName = try ofPlatform.text(CL_PLATFORM_NAME)
    name = try query.text(CL_DEVICE_NAME)
    driver = try query.text(CL_DRIVER_VERSION)
    profile = try query.text(CL_DEVICE_PROFILE)
    type = try query.number(CL_DEVICE_TYPE)
    units = max(1, Int(try query.number(CL_DEVICE_MAX_COMPUTE_UNITS) as cl_uint))
    memory = Int(clamping: try query.number(CL_DEVICE_GLOBAL_MEM_SIZE) as cl_ulong)
    maximumAllocation = Int(clamping: try query.number(CL_DEVICE_MAX_MEM_ALLOC_SIZE) as cl_ulong)
    vectorWidth = Int(try query.number(CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT) as cl_uint)
    let dimensions = Int(try query.number(CL_DEVICE_MAX_WORK_ITEM_DIMENSIONS) as cl_uint)
    let sizes: [Int] = try query.numbers(CL_DEVICE_MAX_WORK_ITEM_SIZES, count: max(3, dimensions))
    maximumGroup = max(1, min(sizes[0], try query.number(CL_DEVICE_MAX_WORK_GROUP_SIZE)))
    let versions = [
      platformName, try ofPlatform.text(CL_PLATFORM_VERSION), driver, try query.text(CL_DEVICE_VERSION), library.name,
    ].joined(separator: "\u{0}")
    identity = name + "\u{0}" + versions
    tuningIdentity = DeviceTraits.stableName(name) + "\u{0}" + versions
  }

  var identifier: String { "opencl:\(platformIndex):\(deviceIndex)" }

  /// The device in messages: `opencl:0:0 (AMD EPYC, Portable Computing Language 3.1)`.
  var title: String { "\(identifier) (\(name), \(platformName) \(driver))" }

  var isCPU: Bool { type & cl_device_type(CL_DEVICE_TYPE_CPU) != 0 }

  /// Whether its name or driver contains `part`, case-insensitively.
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
      for (deviceIndex, id) in ids.enumerated() {
        do {
          devices.append(
            try OpenCLDevice(
              library, platformIndex: platformIndex, deviceIndex: deviceIndex, platform: platform, id: id))
        } catch let failure as OpenCLError {
          failures.append(failure)
        }
      }
    }
    // A driver that fails must not hide the others' devices.
    guard devices.isEmpty else { return devices }
    let what =
      !failures.isEmpty
      ? "\(library.name) lists no device: " + failures.map(\.description).joined(separator: ", ")
      : platforms.isEmpty
        ? "\(library.name) lists no OpenCL platform"
        : "the \(platforms.count) OpenCL platform(s) of \(library.name) have no device"
    throw RecurrentError(
      .device, what, at: "OpenCL",
      remedy: "install a driver for your hardware (on a CPU: pocl-opencl-icd), or use the CPU")
  }

  /// The results of a query; `none` is the status of an empty list, any other error is added to `failures`.
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

  // MARK: What is only told

  /// A text property; empty if the device does not support the query.
  func text(_ parameter: Int32) -> String { (try? query.text(parameter)) ?? "" }

  /// A numeric property; 0 if the device does not support the query.
  func number<Number: FixedWidthInteger>(_ parameter: Int32) -> Number { (try? query.number(parameter)) ?? 0 }

  /// Numbers of an extension; nil if the device does not support the query.
  func numbers<Number: FixedWidthInteger>(_ parameter: Int32, count: Int) -> [Number]? {
    try? query.numbers(parameter, count: count)
  }

  /// The local memory of a work-group in bytes.
  var localMemory: Int { Int(clamping: number(CL_DEVICE_LOCAL_MEM_SIZE) as cl_ulong) }

  var extensions: Set<Substring> { Set(text(CL_DEVICE_EXTENSIONS).split(separator: " ")) }
}

extension OpenCLDevice {
  /// The description of the device, with its kernel style, tier and tuning, and the grids that are not used.
  func description(
    _ style: KernelStyle, _ tier: Tier?, _ tuning: Tuning?, failed: Set<GridBarrier.Grid>
  ) -> DeviceDescription {
    let choices = tuning?.choices(for: style)
    let state = choices == nil ? "not tuned" : tuning?.isComplete == true ? "tuned" : "partly tuned"
    let order = (choices ?? Choices()).order(style, tier, prefersPersistent: style.prefersPersistent, failed: failed)
    let kind: DeviceDescription.Kind =
      isCPU ? .cpu : type & cl_device_type(CL_DEVICE_TYPE_GPU) != 0 ? .gpu : .accelerator
    return DeviceDescription(
      identifier: identifier, name: name, kind: kind, driver: "\(platformName) \(driver)",
      computeUnits: units, memory: memory, maximumAllocation: maximumAllocation,
      variant: variant(style, order: order),
      capabilities: capabilities.merging(
        ["kernels": "\(style), \(state)"]
      ) { $1 })
  }

  /// The variant of the device with an order of sums in persistent launches.
  func variant(_ style: KernelStyle, order: String) -> String {
    "opencl \(DeviceTraits.stableName(name)) \(driver) \(style)\(order)"
  }

  /// The properties of the device, and the claimed optional features, which `Probe` tests.
  private var capabilities: [String: String] {
    [
      "version": text(CL_DEVICE_VERSION),
      "language": text(CL_DEVICE_OPENCL_C_VERSION),
      "profile": profile,
      "largest allocation": "\(maximumAllocation) bytes",
      "local memory": "\(localMemory) bytes",
      "work-group size": "\(number(CL_DEVICE_MAX_WORK_GROUP_SIZE) as Int)",
      "vector width": "\(vectorWidth)",
      "command buffers": extensions.contains("cl_khr_command_buffer") ? "claimed" : "not claimed",
    ].merging(Probe.all(self).map { ($0.name, $0.claimText(self)) }) { $1 }
  }
}
