import COpenCL
import RecurrentCore

/// A program built for a device.
final class Program {
  let program: cl_program
  let context: Context
  /// The cache entry for the binary; nil once it is stored.
  private var destination: (cache: ProgramCache, key: String)?
  /// Whether kernels were created since the last `keep`.
  var hasNewKernels = false

  private init(_ program: cl_program, _ context: Context) {
    self.program = program
    self.context = context
  }

  deinit {
    store()
    _ = context.cl.clReleaseProgram(program)
  }

  /// Builds a program from its source, or from the binary in the cache.
  /// - Throws: `OpenCLError` with the compiler's log.
  static func build(_ name: String, _ source: String, options: String, context: Context, cache: ProgramCache?) throws
    -> Program
  {
    let device = context.device
    let key = [source, options, device.identity].joined(separator: "\u{0}")
    // A binary that the driver refuses is built anew and replaced: the driver may have changed and not said so.
    if let binary = cache?.binary(for: key), let program = try? Program(context, binary, options), program.hasKernels {
      return program
    }
    let program = try Program(context, source, options, name, cache)
    program.destination = cache.map { ($0, key) }
    return program
  }

  /// Stores the binary in the cache, if it was built from source and no kernel is new.
  ///
  /// To be called when kernels have run. PoCL finishes a kernel in its first launch, and gives the binary as it was when it
  /// was first asked for: what is launched later is missing there. It also compiles all kernels once more for it; of a
  /// driver that takes so long, binaries are taken when the programs are released.
  func keep() {
    if !hasNewKernels && !context.givesBinariesSlowly { store() }
    hasNewKernels = false
  }

  private func store() {
    guard let (cache, key) = destination, context.keepsBinaries, !context.hasFailed, hasKernels else { return }
    destination = nil
    let start = ContinuousClock.now
    if let binary { cache.store(binary, for: key) }
    context.givesBinariesSlowly = start.duration(to: .now) > .milliseconds(100)
  }

  private convenience init(
    _ context: Context, _ source: String, _ options: String, _ name: String, _ cache: ProgramCache?
  ) throws {
    var status: cl_int = 0
    let program = source.withCString { text in
      var text: UnsafePointer<CChar>? = text
      return context.cl.clCreateProgramWithSource(context.context, 1, &text, nil, &status)
    }
    guard let program else { throw context.error("clCreateProgramWithSource", status, kernel: name) }
    self.init(program, context)
    try build(options, name, cache)
  }

  private convenience init(_ context: Context, _ binary: [UInt8], _ options: String) throws {
    var status: cl_int = 0
    var id: cl_device_id? = context.device.id
    var size = binary.count
    let program = binary.withUnsafeBufferPointer { bytes in
      var start = bytes.baseAddress
      return context.cl.clCreateProgramWithBinary(context.context, 1, &id, &size, &start, nil, &status)
    }
    guard let program else { throw context.error("clCreateProgramWithBinary", status) }
    self.init(program, context)
    try build(options, "from the cache", nil)
  }

  private func build(_ options: String, _ name: String, _ cache: ProgramCache?) throws {
    var id: cl_device_id? = context.device.id
    let status = context.cl.clBuildProgram(program, 1, &id, options, nil, nil)
    guard status != CL_SUCCESS else { return }
    let (device, log) = (context.device.title, log)
    let file = log.flatMap { cache?.store(log: "\(device)\nclBuildProgram \(options)\n\n\($0)\n", of: name) }
    throw OpenCLError(
      call: "clBuildProgram", status: status, device: device, kernel: name, log: log, logFile: file)
  }

  /// Whether it has kernels. PoCL returns an empty program if a file of its cache is empty, which must not be stored.
  private var hasKernels: Bool {
    var count = 0
    let status = context.cl.clGetProgramInfo(
      program, cl_program_info(CL_PROGRAM_NUM_KERNELS), MemoryLayout<Int>.size, &count, nil)
    return status != CL_SUCCESS || count > 0
  }

  /// The compiler's log; nil if empty.
  private var log: String? {
    let parameter = cl_program_build_info(CL_PROGRAM_BUILD_LOG)
    var size = 0
    _ = context.cl.clGetProgramBuildInfo(program, context.device.id, parameter, 0, nil, &size)
    var bytes = [UInt8](repeating: 0, count: size)
    _ = context.cl.clGetProgramBuildInfo(program, context.device.id, parameter, size, &bytes, nil)
    let text = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    return text.contains { !$0.isWhitespace } ? text : nil
  }

  /// The binary of the program; nil if the driver returns none.
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
