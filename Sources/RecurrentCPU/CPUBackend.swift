import Kernels
import RecurrentCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The backend for the processor: kernels for its widest instruction set, on one thread per core.
///
/// Calls return when their work is done, so `synchronize` has nothing to wait for. The order of a sum depends on the
/// instruction set alone, not on the number of threads.
package final class CPUBackend: Backend {
  /// The processor, the level and the threads.
  package let device: DeviceDescription
  let kernels: CPUKernels
  let pool: ThreadPool
  let workspace = Workspace()
  /// The buffers whose content does not change, by their identity.
  var held: [ObjectIdentifier: WeakHeldBuffer] = [:]

  /// Starts the threads.
  /// - Parameters:
  ///   - level: The instruction set; nil takes the widest that this processor has.
  ///   - threads: 1 to 1024; nil takes as many as this process may use cores, or fewer
  ///     where the system starts no more.
  /// - Throws: `RecurrentError` if the processor does not have the instruction set, or for an impossible number of threads.
  package init(level: CPULevel? = nil, threads: Int? = nil) throws {
    let level = level ?? .best
    let (isChosen, threads) = (threads != nil, threads ?? Self.availableCores)
    guard let kernels = cpuKernels(level.rawValue) else {
      let levels = CPULevel.allCases.filter(\.isSupported).map(\.rawValue).joined(separator: ", ")
      throw RecurrentError(
        .device, "this processor does not have \(level.rawValue)", at: "cpu", remedy: "use one of \(levels)")
    }
    guard (1...1024).contains(threads) else {
      throw RecurrentError(
        .invalidArgument, "\(threads) threads", at: "cpu",
        remedy: "use 1 to 1024; this machine has \(Self.availableCores) cores")
    }
    self.kernels = kernels.pointee
    pool = try ThreadPool(threads, orFewer: !isChosen)
    let memory = HostMemory.limit
    device = DeviceDescription(
      identifier: "cpu", name: Self.processorName, kind: .cpu, driver: level.rawValue, computeUnits: pool.count,
      memory: memory, maximumAllocation: memory,
      variant: "cpu \(level.rawValue)",
      capabilities: ["level": level.rawValue, "vector": "\(kernels.pointee.width) floats"])
  }

  // MARK: Memory

  /// Allocates `count` elements, all 0.
  package func allocate(_ count: Int) throws -> any Buffer { try CPUBuffer(count) }

  /// Copies values in.
  package func upload(_ values: UnsafeBufferPointer<Float>, to region: Region) throws {
    let matrix = try Matrix(region)
    guard let source = values.baseAddress else { return }
    for row in matrix.filledRows {
      matrix.row(row).update(from: source + row * matrix.columns, count: matrix.columns)
    }
  }

  /// Copies values in.
  package func upload(_ values: UnsafeBufferPointer<Int32>, to indices: Indices) throws {
    guard let source = values.baseAddress else { return }
    try Integers(indices).data.update(from: source, count: indices.count)
  }

  /// Copies values out.
  package func download(_ region: Region, into values: UnsafeMutableBufferPointer<Float>) throws {
    let matrix = try Matrix(region)
    guard let target = values.baseAddress else { return }
    for row in matrix.filledRows {
      (target + row * matrix.columns).update(from: matrix.row(row), count: matrix.columns)
    }
  }

  /// Copies values out.
  package func download(_ indices: Indices, into values: UnsafeMutableBufferPointer<Int32>) throws {
    guard let target = values.baseAddress else { return }
    target.update(from: try Integers(indices).data, count: indices.count)
  }

  /// Sets every element.
  package func fill(_ region: Region, with value: Float) throws {
    let matrix = try Matrix(region)
    guard matrix.columns > 0 else { return }
    eachRun([matrix]) { row, column, count in (matrix.row(row) + column).update(repeating: value, count: count) }
  }

  /// Does nothing, since every call has waited.
  package func synchronize() {}

  /// Scratch memory for the default time loop.
  package func scratch(_ count: Int) throws -> any Buffer { try workspace.buffer(.stepwise, count) }

  // MARK: The machine

  /// The rough peak of the processor, in billions of multiply-adds per second: two of a vector's width per core and clock, at
  /// 3 GHz. A guess, to compare a processor with an integrated GPU; two threads of a core count twice.
  package static var roughRate: Double {
    Double(availableCores * 2 * Int(cpuKernels(CPULevel.best.rawValue)?.pointee.width ?? 4) * 3)
  }

  private static var availableCores: Int { min(Int(cpuAvailableCores()), 1024) }

  private static var processorName: String {
    guard let file = fopen("/proc/cpuinfo", "r") else { return "processor" }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 512)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let parts = text.split(separator: ":", maxSplits: 1)
      if parts.count == 2, text.hasPrefix("model name") {
        return String(parts[1].drop { $0 == " " }.prefix { $0 != "\n" })
      }
    }
    return "processor"
  }
}

/// Scratch memory of operations, kept and grown: after the first step nothing is allocated.
final class Workspace {
  /// The uses of scratch memory, each with separate memory.
  enum Use: Int, CaseIterable {
    case stepwise, panels, tiles, recurrent, candidate, input, candidateInput, bias, dh, dc, partial
  }

  private var buffers = [CPUBuffer?](repeating: nil, count: Use.allCases.count)

  func buffer(_ use: Use, _ count: Int) throws -> CPUBuffer {
    if let buffer = buffers[use.rawValue], buffer.count >= count { return buffer }
    let buffer = try memory(for: "scratch memory of a kernel") { try CPUBuffer(count) }
    buffers[use.rawValue] = buffer
    return buffer
  }

  func floats(_ use: Use, _ count: Int) throws -> UnsafeMutablePointer<Float> { try buffer(use, count).floats }
}
