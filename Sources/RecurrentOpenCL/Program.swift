import COpenCL
import RecurrentCore

/// A program, built for its device.
final class Program {
  let program: cl_program
  let context: Context

  private init(_ program: cl_program, _ context: Context) {
    self.program = program
    self.context = context
  }

  deinit { _ = context.cl.clReleaseProgram(program) }

  /// Builds a program from its source, or takes the binary that an earlier run left in the cache.
  /// - Throws: `OpenCLError` with the compiler's log.
  static func build(_ name: String, _ source: String, options: String, context: Context, cache: ProgramCache?) throws
    -> Program
  {
    let device = context.device
    let key = [
      source, options, device.platformName, device.platformVersion, device.name, device.driver,
      device.text(CL_DEVICE_VERSION), device.library.name,
    ].joined(separator: "\u{0}")
    if let binary = cache?.binary(for: key), let program = try? Program(context, binary, options) { return program }
    let program = try Program(context, source, options, name)
    if let cache, let binary = program.binary { cache.store(binary, for: key) }
    return program
  }

  private convenience init(_ context: Context, _ source: String, _ options: String, _ name: String) throws {
    var status: cl_int = 0
    let program = source.withCString { text in
      var text: UnsafePointer<CChar>? = text
      return context.cl.clCreateProgramWithSource(context.context, 1, &text, nil, &status)
    }
    guard let program else { throw OpenCLError(call: "clCreateProgramWithSource", status: status, kernel: name) }
    self.init(program, context)
    try build(options, name)
  }

  private convenience init(_ context: Context, _ binary: [UInt8], _ options: String) throws {
    var status: cl_int = 0
    var id: cl_device_id? = context.device.id
    var size = binary.count
    let program = binary.withUnsafeBufferPointer { bytes in
      var start = bytes.baseAddress
      return context.cl.clCreateProgramWithBinary(context.context, 1, &id, &size, &start, nil, &status)
    }
    guard let program else { throw OpenCLError(call: "clCreateProgramWithBinary", status: status) }
    self.init(program, context)
    try build(options, "from the cache")
  }

  private func build(_ options: String, _ name: String) throws {
    var id: cl_device_id? = context.device.id
    let status = context.cl.clBuildProgram(program, 1, &id, options, nil, nil)
    guard status == 0 else { throw OpenCLError(call: "clBuildProgram", status: status, kernel: name, log: log) }
  }

  private var log: String {
    let parameter = cl_program_build_info(CL_PROGRAM_BUILD_LOG)
    var size = 0
    _ = context.cl.clGetProgramBuildInfo(program, context.device.id, parameter, 0, nil, &size)
    var bytes = [UInt8](repeating: 0, count: size)
    _ = context.cl.clGetProgramBuildInfo(program, context.device.id, parameter, size, &bytes, nil)
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// What the driver would take instead of the source; nil if it has nothing to give.
  private var binary: [UInt8]? {
    var size = 0
    guard
      context.cl.clGetProgramInfo(
        program, cl_program_info(CL_PROGRAM_BINARY_SIZES), MemoryLayout<Int>.size, &size, nil) == CL_SUCCESS, size > 0
    else { return nil }
    var bytes = [UInt8](repeating: 0, count: size)
    let status = bytes.withUnsafeMutableBufferPointer { bytes in
      var start = bytes.baseAddress
      return context.cl.clGetProgramInfo(
        program, cl_program_info(CL_PROGRAM_BINARIES), MemoryLayout<UnsafeMutablePointer<UInt8>?>.size, &start, nil)
    }
    return status == CL_SUCCESS ? bytes : nil
  }
}
