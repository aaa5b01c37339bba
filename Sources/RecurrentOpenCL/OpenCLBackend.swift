import COpenCL
import RecurrentCore

/// A backend for OpenCL devices with OpenCL 1.2 or later; its kernels are in `Kernels/opencl`.
///
/// Programs are built when first needed and kept on disk (`RECUR_CACHE_DIR`). Nothing is computed on the host.
package final class OpenCLBackend: Backend {
  /// The device.
  package internal(set) var device: DeviceDescription
  let context: Context
  let style: KernelStyle
  /// The tier of cells; nil selects it by shape.
  var tier: Tier?
  /// The bytes of a backward step from which the groups of a persistent launch divide the gates.
  var gateBytes = KernelStyle.gateBytes
  /// The barrier of persistent launches.
  let gridBarrier: GridBarrier
  /// Whether a note about an unusable grid was printed.
  var hasNotedFailure = false
  /// Called with notes for the user.
  package var onNote: (String) -> Void = { _ in }
  /// The choices of tuning.
  var choices: Choices
  /// Large products with rounded factors; nil for float32.
  var rounded: WarpProducts?
  /// Whether a launch may have loops as long as a whole sequence.
  lazy var runsLongLoops = Probe.longLoops.language(on: context, cache, in: try? scratch(.staging, 16)) != nil
  let cache: ProgramCache?
  private var kernels: [KernelKey: Kernel] = [:]
  private var programs: [String: Program] = [:]
  private var scratchMemory: [Scratch: OpenCLBuffer] = [:]
  var pacer: QueuePacer
  private var uploads: UploadStaging
  /// The recorder of commands; nil without a profile.
  var recorder: EventRecorder?
  /// The argument for a missing operand.
  let nothing: OpenCLBuffer

  /// The devices of this machine, as listed by the drivers.
  /// - Throws: `RecurrentError.device` if there is no OpenCL library or no device.
  package static func devices() throws -> [DeviceDescription] { try descriptions(of: OpenCLDevice.all(.open())) }

  /// The devices whose name or driver contains `name`, case-insensitively.
  /// - Throws: `RecurrentError.device` if there is no OpenCL library or no device.
  package static func devices(named name: String) throws -> [DeviceDescription] {
    try descriptions(of: OpenCLDevice.all(.open()).filter { $0.isNamed(name) })
  }

  /// The order in which the GPUs of this machine are used.
  /// - Parameter processorRate: The rough rate of the processor, in billions of multiply-adds per second.
  /// - Throws: as `devices`.
  package static func ranking(processorRate: Double) throws -> DeviceRanking {
    try DeviceRanking(OpenCLDevice.all(.open()).map(\.traits), processorRate: processorRate)
  }

  private static func descriptions(of devices: [OpenCLDevice]) throws -> [DeviceDescription] {
    let cache = ProgramCache.standard()
    let style: KernelStyle.Kind? = try choice("RECUR_OPENCL_STYLE")
    let tier: Tier? = try choice("RECUR_OPENCL_TIER")
    return devices.map { device in
      let tuning = Tuning.stored(for: device, in: cache)
      let failed = FailedStarts.stored(for: device, in: cache).repeated
      return device.description(KernelStyle(device, style ?? tuning?.style), tier, tuning, failed: failed)
    }
  }

  /// Opens a device by index.
  /// - Throws: `RecurrentError.device` if it is not there, `OpenCLError` if it does not open.
  package convenience init(platform: Int = 0, device: Int = 0) throws {
    try self.init(platform: platform, device: device, style: nil)
  }

  /// Opens a device by index, with a given kernel style and tier.
  package convenience init(
    platform: Int, device: Int, style: KernelStyle.Kind?, tier: Tier? = nil, tuned: Bool = true
  ) throws {
    let device = try Self.device("opencl:\(platform):\(device)") {
      $0.platformIndex == platform && $0.deviceIndex == device
    }
    try self.init(device, cache: .standard(), style: style, tier: tier, tuned: tuned)
  }

  /// Opens the first device whose name or driver contains `name`, case-insensitively.
  /// - Throws: `RecurrentError.device` if there is none, `OpenCLError` if it does not open.
  package convenience init(named name: String) throws {
    try self.init(Self.device("device named \(name)") { $0.isNamed(name) }, cache: .standard())
  }

  private static func device(_ wanted: String, where fits: (OpenCLDevice) -> Bool) throws -> OpenCLDevice {
    let devices = try OpenCLDevice.all(.open())
    if let device = devices.first(where: fits) { return device }
    throw RecurrentError(
      .device, "\(wanted) does not exist", at: "device",
      remedy: "use one of " + devices.map { "\($0.identifier) (\($0.name))" }.joined(separator: ", "))
  }

  /// The value of an environment variable with a choice; nil if unset.
  static func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String) throws -> Choice? {
    try Environment.value(name).map { text in
      guard let choice = Choice(rawValue: text) else {
        throw RecurrentError(
          .invalidArgument, "unknown value \(text)", at: name,
          remedy: "use one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "))
      }
      return choice
    }
  }

  /// Opens a device. Nil values are selected for the device, by the environment or by its tuning; without `tuned`,
  /// these are ignored.
  init(
    _ device: OpenCLDevice, cache: ProgramCache?, style: KernelStyle.Kind? = nil, tier: Tier? = nil, tuned: Bool = true
  ) throws {
    guard device.profile != "EMBEDDED_PROFILE" else {
      throw RecurrentError(
        .device, "\(device.name) has OpenCL's embedded profile, with less accurate arithmetic", at: device.identifier,
        remedy: "use another device")
    }
    let tuning = tuned ? Tuning.stored(for: device, in: cache) : nil
    self.style = try KernelStyle(device, style ?? (tuned ? Self.choice("RECUR_OPENCL_STYLE") : nil) ?? tuning?.style)
    self.tier = try tier ?? (tuned ? Self.choice("RECUR_OPENCL_TIER") : nil)
    guard tier != nil || self.tier != .persistent || self.style.kind == .simt else {
      throw RecurrentError(
        .invalidArgument, "persistent launches need the style simt, and \(device.title) uses wide kernels",
        at: "RECUR_OPENCL_TIER", remedy: "also set RECUR_OPENCL_STYLE=simt")
    }
    choices = tuning?.choices(for: self.style) ?? Choices()
    context = try Context(device)
    self.cache = cache
    gridBarrier = GridBarrier(context, cache, cores: self.style.cores)
    self.device = device.description(self.style, self.tier, tuning, failed: gridBarrier.failed)
    pacer = QueuePacer(context)
    uploads = UploadStaging(context)
    nothing = try OpenCLBuffer(context, count: 1)
    // Whether persistent launches work decides the order of sums, which a resumed run must know before its first step.
    updateVariant()
    if let probe = context.endlessProbe {
      throw RecurrentError(
        .device, "a kernel that probes its \(probe) does not end", at: device.title,
        remedy: "update the driver, use another device, or set RECUR_OPENCL_TIER=step")
    }
  }

  /// Names the order of sums as the launches now are: after the start of a grid has failed, and with rounded factors.
  func updateVariant() {
    let isDefault = tier == nil && style.prefersPersistent && runsPersistentLaunches
    let order =
      choices.order(style, tier, prefersPersistent: isDefault, failed: gridBarrier.failed)
      + (isDefault ? gridBarrier.shortage.map { ", \($0) groups" } ?? "" : "")
    let rounding = rounded.map { " \($0.precision)" + ($0.cores == .standIn ? " stand-in" : "") } ?? ""
    device.variant = context.device.variant(style, order: order) + rounding
  }

  // MARK: Memory

  /// Memory for `count` elements of four bytes, all 0.
  package func allocate(_ count: Int) throws -> any Buffer { try filled(count) }

  func filled(_ count: Int) throws -> OpenCLBuffer {
    let buffer = try OpenCLBuffer(context, count: count)
    var zero: Float = 0
    let bytes = max(count, 1) * 4
    try recorded(Work(name: "allocate", kind: .memory, bytes: bytes)) { event in
      let status = context.cl.clEnqueueFillBuffer(context.queue, buffer.memory, &zero, 4, 0, bytes, 0, nil, event)
      try context.check(status, "clEnqueueFillBuffer", bytes: bytes)
    }
    try pacer.enqueued()
    return buffer
  }

  /// Waits until all enqueued work is done.
  package func synchronize() throws {
    try context.check(context.cl.clFinish(context.queue), "clFinish")
    drained()
    try checkGridBarrier()
  }

  /// Copies `region.count` values, row-major, to the device.
  package func upload(_ values: UnsafeBufferPointer<Float>, to region: Region) throws {
    guard region.count > 0 else { return }
    let target = region.isContiguous ? region : try staging(region)
    let memory = try context.memory(of: target.buffer)
    // The caller's memory may change as soon as this returns, so what is written later is a copy.
    let copied = uploads.copy(UnsafeRawBufferPointer(values), command: pacer.count + 1, done: pacer.done)
    try recorded(Work(name: "upload", kind: .memory, bytes: region.bytes)) { event in
      try context.transfer("clEnqueueWriteBuffer") {
        $0.clEnqueueWriteBuffer(
          context.queue, memory, cl_bool(copied == nil ? CL_TRUE : CL_FALSE), target.offset * 4, region.bytes,
          copied ?? UnsafeRawPointer(values.baseAddress), 0, nil, event)
      }
    }
    try pacer.enqueued()
    if copied == nil { pacer.drained() }
    if !region.isContiguous { try copy(Copy(target, into: .set(region))) }
  }

  /// Copies `indices.count` values to the device.
  package func upload(_ values: UnsafeBufferPointer<Int32>, to indices: Indices) throws {
    try UnsafeRawBufferPointer(values).withMemoryRebound(to: Float.self) { try upload($0, to: indices.asRegion) }
  }

  /// Waits for the device, then copies the region, row-major, to the host.
  package func download(_ region: Region, into values: UnsafeMutableBufferPointer<Float>) throws {
    guard region.count > 0 else { return }
    let source = region.isContiguous ? region : try staging(region)
    if !region.isContiguous { try copy(Copy(region, into: .set(source))) }
    let memory = try context.memory(of: source.buffer)
    try recorded(Work(name: "download", kind: .memory, bytes: region.bytes)) { event in
      try context.transfer("clEnqueueReadBuffer") {
        $0.clEnqueueReadBuffer(
          context.queue, memory, cl_bool(CL_TRUE), source.offset * 4, region.bytes, values.baseAddress, 0, nil, event)
      }
    }
    drained()
    try checkGridBarrier()
  }

  /// Waits for the device, then copies the indices to the host.
  package func download(_ indices: Indices, into values: UnsafeMutableBufferPointer<Int32>) throws {
    try UnsafeMutableRawBufferPointer(values).withMemoryRebound(to: Float.self) {
      try download(indices.asRegion, into: $0)
    }
  }

  /// Scratch memory for a region without its gaps, for transfers between host and device.
  private func staging(_ region: Region) throws -> Region {
    try Region(scratch(.staging, region.count), rows: region.rows, columns: region.columns)
  }

  /// Must be called when the queue is empty: all built programs have run.
  private func drained() {
    pacer.drained()
    for program in programs.values { program.keep() }
  }

  // MARK: Scratch

  /// Scratch memory for the default time loop: at least `count` elements, valid until the next call.
  package func scratch(_ count: Int) throws -> any Buffer { try scratch(.timeLoop, count) }

  /// Scratch memory that is kept for the next call and grows, with a minimum size.
  func scratch(_ use: Scratch, _ count: Int) throws -> OpenCLBuffer {
    if let memory = scratchMemory[use], memory.count >= count {
      memory.used = count
      return memory
    }
    let grown = try memory(for: "scratch memory of a kernel") { try OpenCLBuffer(context, count: max(count, 16_384)) }
    grown.used = count
    scratchMemory[use] = grown
    return grown
  }

  // MARK: Kernels

  /// The number of launches of each kernel, by name.
  package var launches: [String: Int] {
    Dictionary(kernels.values.map { ($0.name, $0.launches) }, uniquingKeysWith: +)
  }

  /// A kernel of a file; its program is built at the first use.
  func kernel(_ file: String, _ key: KernelKey) throws -> Kernel {
    if let kernel = kernels[key] { return kernel }
    let options = key.options ?? style.options(key.tile)
    let programKey = "\(file) \(options)"
    let program =
      try programs[programKey]
      ?? Program.build(file, kernelText(file), options: options, context: context, cache: cache)
    programs[programKey] = program
    let kernel = try Kernel(key.name, of: program)
    kernels[key] = kernel
    return kernel
  }
}

extension OpenCLBackend: MemoryMeter {
  /// The peak size of all buffers in bytes.
  package var peakMemory: Int { context.memory.peak }

  /// Waits for the device, frees scratch memory and resets the peak.
  package func resetPeakMemory() throws {
    try synchronize()
    scratchMemory = [:]
    context.memory.peak = context.memory.held
  }
}

/// The uses of scratch memory: uses that overlap in time must differ.
enum Scratch: Hashable {
  case staging
  case timeLoop
  case panels
  case splits
  case tiles
  case cellPanels(Int)
  case gateSums
  case sums(Int)
  case folds
  case foldTotals
  case gainSums
  case biasSums
  case norm
  case marginals
  case edges
  case pairs
}
