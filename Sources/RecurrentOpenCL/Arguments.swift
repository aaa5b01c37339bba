import COpenCL
import Kernels
import RecurrentCore

/// Sets the arguments of a kernel in order.
struct ArgumentSetter {
  let kernel: Kernel
  let context: Context
  let nothing: OpenCLBuffer
  private var index: cl_uint

  /// A setter of the arguments from `index` on.
  init(_ kernel: Kernel, _ context: Context, nothing: OpenCLBuffer, from index: Int = 0) {
    self.kernel = kernel
    self.context = context
    self.nothing = nothing
    self.index = cl_uint(index)
  }

  mutating func set<Value: BitwiseCopyable>(_ value: Value) throws {
    var value = value
    let status = context.cl.clSetKernelArg(kernel.kernel, index, MemoryLayout<Value>.size, &value)
    try context.check(status, "clSetKernelArg", kernel: kernel.name)
    index += 1
  }

  /// Sets a buffer of this context.
  mutating func set(_ buffer: any Buffer) throws { try set(context.memory(of: buffer) as cl_mem?) }

  /// Sets a count or an index.
  mutating func set(count: Int) throws { try set(kernelInt(count, at: kernel.name)) }
}

/// A kernel whose arguments are set.
struct PreparedKernel {
  let kernel: Kernel
  let context: Context
  /// A lower bound of the bytes read and written: each operand once.
  let bytes: Int
  /// The arguments, retained since a kernel does not retain their memory.
  var arguments: [any KernelArgument] = []

  /// Sets one argument again, an `int`.
  func set(_ index: Int, _ value: Int) throws {
    var value = try kernelInt(value, at: kernel.name)
    let status = context.cl.clSetKernelArg(kernel.kernel, cl_uint(index), 4, &value)
    try context.check(status, "clSetKernelArg", kernel: kernel.name)
  }

  /// The work of a part of a launch.
  func work(bytes: Int, flops: Int, share: Double) -> Work {
    Work(
      name: kernel.name, bytes: Int((Double(bytes) * share).rounded()), flops: Int((Double(flops) * share).rounded()))
  }
}

/// The largest count of a kernel's `int`, so that rounding up to a work-group or a tile does not overflow.
let largestCount = Int(Int32.max) - 127

/// A count as a kernel's `int`.
/// - Throws: `RecurrentError.invalidArgument` if it is too large.
func kernelInt(_ count: Int, at location: String) throws -> Int32 {
  guard count <= largestCount, let number = Int32(exactly: count) else {
    throw RecurrentError(
      .invalidArgument, "\(count) rows or columns exceed the limit of a kernel (\(largestCount))", at: location,
      remedy: "use a smaller batch, shorter sequences or a smaller model")
  }
  return number
}

/// An argument of a kernel: a region as memory, start and stride; indices as memory and start; a number by value.
protocol KernelArgument {
  func set(_ setter: inout ArgumentSetter) throws
  /// The size of its memory in bytes.
  var bytes: Int { get }
}

extension KernelArgument {
  var bytes: Int { 0 }
}

extension Region: KernelArgument {
  var bytes: Int { count * 4 }

  func set(_ setter: inout ArgumentSetter) throws {
    try setter.set(buffer)
    try setter.set(cl_long(offset))
    try setter.set(cl_long(stride))
  }
}

extension Indices: KernelArgument {
  var bytes: Int { count * 4 }

  func set(_ setter: inout ArgumentSetter) throws {
    try setter.set(buffer)
    try setter.set(cl_long(offset))
  }

  /// The same memory as a row of floats, for copies.
  var asRegion: Region {
    get throws { try Region(buffer, offset: offset, columns: count) }
  }
}

/// A region without a stride argument.
struct Run: KernelArgument {
  let region: Region
  init(_ region: Region) { self.region = region }
  var bytes: Int { region.bytes }

  func set(_ setter: inout ArgumentSetter) throws {
    try setter.set(region.buffer)
    try setter.set(cl_long(region.offset))
  }
}

/// A buffer of the backend.
extension OpenCLBuffer: KernelArgument {
  var bytes: Int { used * 4 }

  func set(_ setter: inout ArgumentSetter) throws { try setter.set(self as any Buffer) }
}

/// A missing operand.
enum Absent: KernelArgument {
  case region, indices, memory

  func set(_ setter: inout ArgumentSetter) throws {
    try setter.set(setter.nothing as any Buffer)
    if self != .memory { try setter.set(cl_long(0)) }
    if self == .region { try setter.set(cl_long(0)) }
  }
}

/// A Swift `Int` is a kernel's `int`.
extension Int: KernelArgument {
  func set(_ setter: inout ArgumentSetter) throws { try setter.set(count: self) }
}

extension Int32: KernelArgument {
  func set(_ setter: inout ArgumentSetter) throws { try setter.set(self) }
}

/// A Swift `Int64` is a kernel's `long`.
extension Int64: KernelArgument {
  func set(_ setter: inout ArgumentSetter) throws { try setter.set(self) }
}

extension UInt32: KernelArgument {
  func set(_ setter: inout ArgumentSetter) throws { try setter.set(self) }
}

extension Float: KernelArgument {
  func set(_ setter: inout ArgumentSetter) throws { try setter.set(self) }
}

/// A kernel's `int` that is 0 or 1.
extension Bool: KernelArgument {
  func set(_ setter: inout ArgumentSetter) throws { try setter.set(Int32(self ? 1 : 0)) }
}

/// The source of a program: the common part, the parts shared by tiles, cells and rows, and the file itself.
package func kernelText(_ file: String) throws -> String {
  let cell = ["tile", "barrier", "resident", "cell"]
  let shared: [String: [String]] = [
    "matmul": ["tile"], "warp": ["mma"], "probe": ["barrier"], "elman": cell, "lstm": cell, "gru": cell,
    "map": ["strided", "function", "row", "transpose"], "fold": ["strided", "function", "row"],
    "scan": ["strided", "row", "transpose"], "maxima": ["strided", "row"],
    "softmax": ["row"], "attention": ["row"], "loss": ["row"], "layernorm": ["row"], "crf": ["row"], "reduce": ["row"],
  ]
  return try ((file == "probe" ? [] : ["common"]) + (shared[file] ?? []) + [file]).map { name in
    guard let text = kernelSource(name) else {
      throw RecurrentError(.device, "missing kernel file \(name)", at: "OpenCL")
    }
    return String(cString: text)
  }.joined(separator: "\n")
}
