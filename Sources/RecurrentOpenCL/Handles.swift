import COpenCL
import RecurrentCore

/// A device's context and its queue; released with the last thing that needs them.
final class Context {
  let device: OpenCLDevice
  let cl: OpenCLFunctions
  let context: cl_context
  let queue: cl_command_queue

  /// Opens a device.
  /// - Throws: `OpenCLError`.
  init(_ device: OpenCLDevice) throws {
    self.device = device
    cl = device.library.functions
    var status: cl_int = 0
    var id: cl_device_id? = device.id
    let properties = [
      cl_context_properties(CL_CONTEXT_PLATFORM), cl_context_properties(bitPattern: device.platform), 0,
    ]
    guard let context = cl.clCreateContext(properties, 1, &id, nil, nil, &status) else {
      throw OpenCLError(call: "clCreateContext", status: status)
    }
    guard let queue = cl.clCreateCommandQueue(context, device.id, 0, &status) else {
      _ = cl.clReleaseContext(context)
      throw OpenCLError(call: "clCreateCommandQueue", status: status)
    }
    self.context = context
    self.queue = queue
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
  let memory: cl_mem
  private let context: Context

  /// Memory for `count` elements, what lies there undefined.
  /// - Throws: `RecurrentError.outOfMemory`, `OpenCLError`.
  init(_ context: Context, count: Int) throws {
    let bytes = max(count, 1) * 4
    let maximum = context.device.maximumAllocation
    guard maximum == 0 || bytes <= maximum else {
      throw OpenCLBuffer.outOfMemory(bytes, context, "more than its largest allocation of \(maximum) bytes")
    }
    var status: cl_int = 0
    guard
      let memory = context.cl.clCreateBuffer(
        context.context, cl_mem_flags(CL_MEM_READ_WRITE), bytes, nil, &status)
    else {
      let error = OpenCLError(call: "clCreateBuffer", status: status)
      guard [-4, -5, -6, -61].contains(status) else { throw error }
      throw OpenCLBuffer.outOfMemory(bytes, context, error.statusName)
    }
    self.context = context
    self.count = count
    self.memory = memory
  }

  private static func outOfMemory(_ bytes: Int, _ context: Context, _ reason: String) -> RecurrentError {
    RecurrentError(
      .outOfMemory, "\(context.device.name) cannot give \(bytes) bytes (\(reason))", at: context.device.identifier,
      remedy: "take a smaller batch, a shorter sequence or a smaller model")
  }

  deinit { _ = context.cl.clReleaseMemObject(memory) }
}

/// A kernel, ready to be launched.
final class Kernel {
  let name: String
  let kernel: cl_kernel
  private let cl: OpenCLFunctions

  /// The kernel `name` of a built program.
  /// - Throws: `OpenCLError`.
  init(_ name: String, of program: Program) throws {
    var status: cl_int = 0
    guard let kernel = program.context.cl.clCreateKernel(program.program, name, &status) else {
      throw OpenCLError(call: "clCreateKernel", status: status, kernel: name)
    }
    self.name = name
    self.kernel = kernel
    cl = program.context.cl
  }

  deinit { _ = cl.clReleaseKernel(kernel) }
}
