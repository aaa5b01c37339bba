import COpenCL
import Kernels
import RecurrentCore

/// Sets the arguments of a kernel, one after the other.
struct ArgumentSetter {
  let kernel: Kernel
  let cl: OpenCLFunctions
  let nothing: cl_mem
  private var index: cl_uint = 0

  init(kernel: Kernel, cl: OpenCLFunctions, nothing: cl_mem) {
    self.kernel = kernel
    self.cl = cl
    self.nothing = nothing
  }

  mutating func set<Value: BitwiseCopyable>(_ value: Value) throws {
    var value = value
    try check(
      cl.clSetKernelArg(kernel.kernel, index, MemoryLayout<Value>.size, &value), "clSetKernelArg \(index)",
      kernel: kernel.name)
    index += 1
  }
}

/// What a kernel takes: a region as memory, start and stride; indices as memory and start; a number as itself.
protocol KernelArgument {
  func set(_ setter: inout ArgumentSetter) throws
}

extension Region: KernelArgument {
  func set(_ setter: inout ArgumentSetter) throws {
    try setter.set(openCL.memory as cl_mem?)
    try setter.set(cl_long(offset))
    try setter.set(cl_long(stride))
  }

  var openCL: OpenCLBuffer { openCLBuffer(buffer) }
}

extension Indices: KernelArgument {
  func set(_ setter: inout ArgumentSetter) throws {
    try setter.set(openCLBuffer(buffer).memory as cl_mem?)
    try setter.set(cl_long(offset))
  }

  /// The same memory as a row of floats, to be copied.
  var asRegion: Region {
    get throws { try Region(buffer, offset: offset, columns: count) }
  }
}

/// A region of which a kernel takes no stride.
struct Run: KernelArgument {
  let region: Region
  init(_ region: Region) { self.region = region }

  func set(_ setter: inout ArgumentSetter) throws {
    try setter.set(region.openCL.memory as cl_mem?)
    try setter.set(cl_long(region.offset))
  }
}

/// Memory of the backend's own.
extension OpenCLBuffer: KernelArgument {
  func set(_ setter: inout ArgumentSetter) throws { try setter.set(memory as cl_mem?) }
}

/// An operand that is not there.
enum Absent: KernelArgument {
  case region, indices, memory

  func set(_ setter: inout ArgumentSetter) throws {
    try setter.set(setter.nothing as cl_mem?)
    if self != .memory { try setter.set(cl_long(0)) }
    if self == .region { try setter.set(cl_long(0)) }
  }
}

/// A Swift `Int` is a kernel's `int`.
extension Int: KernelArgument {
  func set(_ setter: inout ArgumentSetter) throws { try setter.set(Int32(truncatingIfNeeded: self)) }
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

/// The memory behind a region. Operands of another device's are a fault of the program that mixed them.
private func openCLBuffer(_ buffer: any Buffer) -> OpenCLBuffer {
  guard let buffer = buffer as? OpenCLBuffer else {
    preconditionFailure("an operand lies on another device than the operation's")
  }
  return buffer
}

/// The source of a program: what all share, what the cells share, and the file itself.
func kernelText(_ file: String) throws -> String {
  let files = ["elman", "lstm", "gru"].contains(file) ? ["common", "cell", file] : ["common", file]
  return try files.map { name in
    guard let text = kernelSource(name) else {
      throw RecurrentError(.device, "there is no kernel file \(name)", at: "OpenCL")
    }
    return String(cString: text)
  }.joined(separator: "\n")
}
