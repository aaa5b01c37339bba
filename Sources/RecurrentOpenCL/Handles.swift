import COpenCL
import RecurrentCore

/// The context and the queue of a device; released with the last object that uses them.
final class Context {
  let device: OpenCLDevice
  let cl: OpenCLFunctions
  let context: cl_context
  private(set) var queue: cl_command_queue
  /// Whether the device uses host memory: its driver may allocate more than is available, which ends the process.
  let usesHostMemory: Bool
  /// The name of the probe whose kernel does not end, so that the queue is blocked; nil if there is none.
  var endlessProbe: String?
  /// Whether a call has failed; then only necessary calls are made.
  private(set) var hasFailed = false
  /// The current and the peak size of all buffers in bytes.
  var memory = (held: 0, peak: 0)
  /// Whether the driver is slow to return a program's binary.
  var givesBinariesSlowly = false
  /// Whether the binaries of programs are kept in the cache; false for tests, which need none.
  var keepsBinaries = true

  /// Opens a device.
  /// - Throws: `OpenCLError`.
  init(_ device: OpenCLDevice) throws {
    self.device = device
    cl = device.library.functions
    DriverCrash.expect(device)
    var status: cl_int = 0
    var id: cl_device_id? = device.id
    let properties = [
      cl_context_properties(CL_CONTEXT_PLATFORM), cl_context_properties(bitPattern: device.platform), 0,
    ]
    guard let context = cl.clCreateContext(properties, 1, &id, nil, nil, &status) else {
      throw OpenCLError(call: "clCreateContext", status: status, device: device.title)
    }
    guard let queue = cl.clCreateCommandQueue(context, device.id, 0, &status) else {
      _ = cl.clReleaseContext(context)
      throw OpenCLError(call: "clCreateCommandQueue", status: status, device: device.title)
    }
    self.context = context
    self.queue = queue
    usesHostMemory = device.usesHostMemory
  }

  /// Replaces the queue. The old one must be empty.
  /// - Throws: `OpenCLError`, and the old queue stays.
  func takeQueue(properties: cl_command_queue_properties = 0) throws {
    var status: cl_int = 0
    guard let next = cl.clCreateCommandQueue(context, device.id, properties, &status) else {
      throw error("clCreateCommandQueue", status)
    }
    _ = cl.clReleaseCommandQueue(queue)
    queue = next
  }

  /// Throws unless a call succeeded.
  /// - Throws: `RecurrentError.outOfMemory` where memory was short, else `OpenCLError`.
  func check(_ status: cl_int, _ call: String, kernel: String? = nil, bytes: Int? = nil) throws {
    guard status != CL_SUCCESS else { return }
    // (Tuning tries work-groups that a kernel does not take.)
    if status != CL_INVALID_WORK_GROUP_SIZE { hasFailed = true }
    let failure = error(call, status, kernel: kernel)
    guard failure.isShortOfMemory(asked: bytes != nil) else { throw failure }
    throw outOfMemory(bytes, "\(call) failed with \(failure.statusName)")
  }

  /// Runs a call that transfers host memory. If it fails, the queue may still contain the command, so this waits for
  /// the queue before the host memory is freed.
  /// - Throws: as `check`.
  func transfer(_ call: String, _ body: (OpenCLFunctions) -> cl_int) throws {
    let status = body(cl)
    if status != CL_SUCCESS { _ = cl.clFinish(queue) }
    try check(status, call)
  }

  /// The error of a failed call, or of one that returned NULL without an error.
  func error(_ call: String, _ status: cl_int, kernel: String? = nil) -> OpenCLError {
    OpenCLError(call: call, status: status, device: device.title, kernel: kernel)
  }

  static let shortageRemedy = "use a smaller batch, shorter sequences or a smaller model"

  /// The error of a failed allocation.
  func outOfMemory(_ bytes: Int?, _ reason: String) -> RecurrentError {
    RecurrentError(
      .outOfMemory, "\(device.name) \(bytes.map { "cannot allocate \($0.asBytes)" } ?? "is out of memory") (\(reason))",
      at: device.identifier, remedy: Self.shortageRemedy)
  }

  /// The memory behind a buffer of this context.
  /// - Throws: `RecurrentError.invalidArgument` if it is another's.
  func memory(of buffer: any Buffer) throws -> cl_mem {
    guard let buffer = buffer as? OpenCLBuffer, buffer.context === self else {
      throw RecurrentError(
        .invalidArgument, "the values are on another device", at: device.identifier,
        remedy: "move the values to this device first")
    }
    return buffer.memory
  }

  deinit {
    // Memory and kernels may go before the work that uses them is done: OpenCL keeps them until then.
    _ = cl.clFinish(queue)
    _ = cl.clReleaseCommandQueue(queue)
    _ = cl.clReleaseContext(context)
  }
}

/// Memory on a device.
final class OpenCLBuffer: Buffer {
  let count: Int
  /// The number of elements in use.
  var used: Int
  let memory: cl_mem
  let context: Context

  /// Allocates `count` uninitialized elements.
  /// - Throws: `RecurrentError.outOfMemory`, `OpenCLError`.
  init(_ context: Context, count: Int) throws {
    let bytes = max(count, 1).saturatingTimes(4)
    let maximum = context.device.maximumAllocation
    guard maximum == 0 || bytes <= maximum else {
      throw context.outOfMemory(bytes, "more than its largest allocation, \(maximum.asBytes)")
    }
    if context.usesHostMemory {
      try HostMemory.require(bytes, at: context.device.identifier, remedy: Context.shortageRemedy)
    }
    var status: cl_int = 0
    let memory = context.cl.clCreateBuffer(context.context, cl_mem_flags(CL_MEM_READ_WRITE), bytes, nil, &status)
    try context.check(status, "clCreateBuffer", bytes: bytes)
    guard let memory else { throw context.error("clCreateBuffer", status) }
    self.context = context
    self.count = count
    used = count
    self.memory = memory
    context.memory.held += bytes
    context.memory.peak = max(context.memory.peak, context.memory.held)
  }

  deinit {
    context.memory.held -= max(count, 1) * 4
    _ = context.cl.clReleaseMemObject(memory)
  }
}

/// A kernel, ready to be launched.
final class Kernel {
  let name: String
  let kernel: cl_kernel
  /// The maximum number of work-items in a work-group.
  let maximumGroup: Int
  /// The number of launches, including those of kernels made by `another()`.
  private(set) var launches = 0
  /// The kernel that this one was made from by `another()`.
  private var original: Kernel?
  private let program: Program

  /// The kernel `name` of a built program.
  /// - Throws: `OpenCLError`.
  init(_ name: String, of program: Program) throws {
    let cl = program.context.cl
    var status: cl_int = 0
    guard let kernel = cl.clCreateKernel(program.program, name, &status) else {
      throw program.context.error("clCreateKernel", status, kernel: name)
    }
    program.hasNewKernels = true
    self.name = name
    self.kernel = kernel
    self.program = program
    var maximum = 0
    status = cl.clGetKernelWorkGroupInfo(
      kernel, program.context.device.id, cl_kernel_work_group_info(CL_KERNEL_WORK_GROUP_SIZE),
      MemoryLayout<Int>.size, &maximum, nil)
    maximumGroup = max(maximum, 1)
    // A guess would change the order of sums.
    try program.context.check(status, "clGetKernelWorkGroupInfo", kernel: name)
  }

  /// Another kernel object of the same function, with its own arguments.
  /// - Throws: `OpenCLError`.
  func another() throws -> Kernel {
    let another = try Kernel(name, of: program)
    another.original = self
    return another
  }

  /// Must be called after each launch.
  func launched() {
    let original = original ?? self
    // A driver may finish compiling a kernel at its first launch, and a prepared pass is launched later than it is made.
    if original.launches == 0 { program.hasNewKernels = true }
    original.launches += 1
  }

  deinit { _ = program.context.cl.clReleaseKernel(kernel) }
}
