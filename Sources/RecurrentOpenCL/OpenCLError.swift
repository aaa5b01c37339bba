/// An OpenCL call that failed.
public struct OpenCLError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The call: `clEnqueueNDRangeKernel`.
  public let call: String
  /// The status; 0 if the call returned NULL without an error.
  public let status: Int32
  /// The device and its driver, for messages.
  public let device: String?
  /// The kernel or the kernel file.
  public let kernel: String?
  /// The compiler's log of a failed build.
  public let log: String?
  /// The file that `log` was written to.
  public let logFile: String?

  /// An error of a call.
  package init(
    call: String, status: Int32, device: String? = nil, kernel: String? = nil, log: String? = nil,
    logFile: String? = nil
  ) {
    self.call = call
    self.status = status
    self.device = device
    self.kernel = kernel
    self.log = log
    self.logFile = logFile
  }

  /// The name of the status in `cl.h`.
  public var statusName: String { statusNames[status] ?? "unknown status" }

  /// Whether memory ran out. Drivers return CL_OUT_OF_RESOURCES (-5) for any fault of a kernel, so it counts only for
  /// allocations.
  func isShortOfMemory(asked: Bool) -> Bool { [-4, -6, -61].contains(status) || asked && status == -5 }

  /// Whether drivers return this status if the device is gone or does not respond. (-9999: NVIDIA, a fault in a
  /// kernel.)
  var mayHaveLostTheDevice: Bool { [-2, -5, -14, -33, -34, -36, -9999].contains(status) }

  /// One line: `device: kernel lstmForward: clEnqueueNDRangeKernel failed with CL_OUT_OF_RESOURCES (-5); remedy`.
  public var description: String {
    let subject = kernel.map { (isBuild ? "kernel file \($0): " : "kernel \($0): ") } ?? ""
    let said = log.map { ": " + Self.gist(of: $0) } ?? ""
    let file = logFile.map { " (complete log: \($0))" } ?? ""
    let failed = status == 0 ? "\(call) returned nothing" : "\(call) failed with \(statusName) (\(status))"
    return (device.map { $0 + ": " } ?? "") + subject + failed + said + file
      + (remedy.map { "; " + $0 } ?? "")
  }

  private var isBuild: Bool { ["clBuildProgram", "clCreateProgramWithSource"].contains(call) }

  private var remedy: String? {
    // A program that was compiled has all of its kernels.
    if status == -46, let device, let remedy = DriverCrash.remedy(of: device) { return remedy }
    return mayHaveLostTheDevice
      ? "the device may be gone, or its driver reset: list the devices; resume a training run from its last checkpoint with "
        + "`resume`, on this or another device" : isBuild ? "update the driver, or use another device" : nil
  }

  /// The most relevant line of a compiler's log: the first error, or else the first line.
  private static func gist(of log: String) -> String {
    let lines = log.split(whereSeparator: \.isNewline).filter { $0.contains { !$0.isWhitespace } }
    let line = lines.first { $0.lowercased().contains("error") } ?? lines.first ?? ""
    return line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}

private let statusNames: [Int32: String] = [
  0: "CL_SUCCESS", -1: "CL_DEVICE_NOT_FOUND", -2: "CL_DEVICE_NOT_AVAILABLE", -3: "CL_COMPILER_NOT_AVAILABLE",
  -4: "CL_MEM_OBJECT_ALLOCATION_FAILURE", -5: "CL_OUT_OF_RESOURCES", -6: "CL_OUT_OF_HOST_MEMORY",
  -7: "CL_PROFILING_INFO_NOT_AVAILABLE", -8: "CL_MEM_COPY_OVERLAP", -11: "CL_BUILD_PROGRAM_FAILURE",
  -12: "CL_MAP_FAILURE", -13: "CL_MISALIGNED_SUB_BUFFER_OFFSET",
  -14: "CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST", -15: "CL_COMPILE_PROGRAM_FAILURE",
  -16: "CL_LINKER_NOT_AVAILABLE", -17: "CL_LINK_PROGRAM_FAILURE", -19: "CL_KERNEL_ARG_INFO_NOT_AVAILABLE",
  -30: "CL_INVALID_VALUE", -31: "CL_INVALID_DEVICE_TYPE", -32: "CL_INVALID_PLATFORM", -33: "CL_INVALID_DEVICE",
  -34: "CL_INVALID_CONTEXT", -35: "CL_INVALID_QUEUE_PROPERTIES", -36: "CL_INVALID_COMMAND_QUEUE",
  -37: "CL_INVALID_HOST_PTR", -38: "CL_INVALID_MEM_OBJECT", -42: "CL_INVALID_BINARY",
  -43: "CL_INVALID_BUILD_OPTIONS", -44: "CL_INVALID_PROGRAM", -45: "CL_INVALID_PROGRAM_EXECUTABLE",
  -46: "CL_INVALID_KERNEL_NAME", -47: "CL_INVALID_KERNEL_DEFINITION", -48: "CL_INVALID_KERNEL",
  -49: "CL_INVALID_ARG_INDEX", -50: "CL_INVALID_ARG_VALUE", -51: "CL_INVALID_ARG_SIZE",
  -52: "CL_INVALID_KERNEL_ARGS", -53: "CL_INVALID_WORK_DIMENSION", -54: "CL_INVALID_WORK_GROUP_SIZE",
  -55: "CL_INVALID_WORK_ITEM_SIZE", -56: "CL_INVALID_GLOBAL_OFFSET", -57: "CL_INVALID_EVENT_WAIT_LIST",
  -58: "CL_INVALID_EVENT", -59: "CL_INVALID_OPERATION", -61: "CL_INVALID_BUFFER_SIZE",
  -63: "CL_INVALID_GLOBAL_WORK_SIZE", -1001: "CL_PLATFORM_NOT_FOUND_KHR",
]
