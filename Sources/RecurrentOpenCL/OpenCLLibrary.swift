import COpenCL
import RecurrentCore

/// An open OpenCL library with its table of functions.
///
/// The table is written once, before anyone sees it, and OpenCL's functions may be called from any thread.
final class OpenCLLibrary: @unchecked Sendable {
  /// The functions of OpenCL.
  let functions: OpenCLFunctions
  /// The name with which it was opened.
  let name: String

  /// Opens a library.
  /// - Throws: `RecurrentError.device` if there is none, or if it lacks a function of OpenCL 1.2.
  init(named names: [String]) throws {
    var messages: [String] = []
    for name in names {
      var table = OpenCLFunctions()
      var fault: UnsafePointer<CChar>?
      let status = openCLFunctionsLoad(&table, name, &fault)
      if status == 0 {
        self.functions = table
        self.name = name
        return
      }
      let detail = fault.map { String(cString: $0) } ?? "unknown error"
      messages.append(status == 1 ? detail : "\(name) has no \(detail), so it is not an OpenCL 1.2 library")
    }
    throw RecurrentError(
      .device, "no OpenCL library can be opened (\(messages.joined(separator: "; ")))", at: "OpenCL",
      remedy: "install a driver and ocl-icd-libopencl1, name a library in RECUR_OPENCL_LIBRARY, or use the CPU")
  }

  /// The library that `RECUR_OPENCL_LIBRARY` names, else the system's loader.
  /// - Throws: `RecurrentError`, also where drivers would find too little memory: they end the process then.
  static func open() throws -> OpenCLLibrary {
    try HostMemory.requireAddresses(
      1 << 30, for: "drivers", at: "OpenCL", remedy: "raise the limit (ulimit -v), or use the CPU")
    if let name = Environment.value("RECUR_OPENCL_LIBRARY") { return try OpenCLLibrary(named: [name]) }
    return try OpenCLLibrary(named: ["libOpenCL.so.1", "libOpenCL.so"])
  }
}
