import COpenCL
import RecurrentCore

/// A kernel launch: the kernel, its arguments and its work-items.
struct Launch {
  /// The kernel's file.
  let file: String
  /// The kernel.
  let name: String
  /// The work-items, see `WorkRange`.
  let dimensions: [Int]
  /// The work-items of a work-group.
  let group: [Int]
  /// The tile shape of the program; nil if it has none.
  let tile: Tile?
  /// The build options of the program; nil for those of the style and the tile.
  let options: String?
  /// The bytes read and written; nil for all operands.
  let bytes: Int?
  /// Floating-point operations.
  let flops: Int
  /// The kernel's arguments.
  let arguments: [any KernelArgument]

  init(
    _ file: String, _ name: String, _ dimensions: [Int], group: [Int] = [], tile: Tile? = nil, options: String? = nil,
    bytes: Int? = nil, flops: Int = 0, _ arguments: [any KernelArgument]
  ) {
    (self.file, self.name, self.dimensions, self.group) = (file, name, dimensions, group)
    (self.tile, self.options, self.bytes, self.flops, self.arguments) = (tile, options, bytes, flops, arguments)
  }

  /// Whether there is no work-item.
  var isEmpty: Bool { dimensions.contains(0) }
}

/// The work-items of a launch, rounded up to whole work-groups. Kernels index by `get_global_id`, so a long range can be split
/// into several launches.
struct WorkRange {
  /// The maximum number of work-groups of a launch in the second and third dimension, on NVIDIA's hardware.
  private static let groupLimit = 65_535

  private let items: SIMD3<Int>
  /// The work-items of a work-group.
  let group: SIMD3<Int>

  /// `dimensions` work-items, in work-groups of `group` in the first ones of the dimensions.
  /// - Throws: `RecurrentError.invalidArgument` if there are more than a kernel counts.
  init(_ dimensions: [Int], group: [Int], of kernel: Kernel) throws {
    var (size, whole) = (SIMD3(repeating: 1), SIMD3(repeating: 1))
    for (place, count) in dimensions.enumerated() { size[place] = Int(try kernelInt(count, at: kernel.name)) }
    for (place, count) in group.enumerated() { whole[place] = count }
    if whole[1] == 1 { whole[0] = min(whole[0], kernel.maximumGroup) }
    items = (size &+ whole &- 1) / whole &* whole
    self.group = whole
  }

  /// Calls `body` for each launch: its global offset, its work-items, and its fraction of the range.
  func eachPart(_ body: (_ offset: SIMD3<Int>, _ size: SIMD3<Int>, _ share: Double) throws -> Void) throws {
    let limits = group &* Self.groupLimit
    for z in stride(from: 0, to: items[2], by: limits[2]) {
      for y in stride(from: 0, to: items[1], by: limits[1]) {
        let size = SIMD3(items[0], min(items[1] - y, limits[1]), min(items[2] - z, limits[2]))
        try body(SIMD3(0, y, z), size, Double(size[1] * size[2]) / Double(items[1] * items[2]))
      }
    }
  }
}

/// The key of a cached kernel. It holds the tile, not the option string, so that no launch builds that string.
struct KernelKey: Hashable {
  let name: String
  let tile: Tile?
  /// nil for the options of the style and the tile.
  let options: String?
}

extension OpenCLBackend {
  /// Enqueues a kernel with its arguments.
  func launch(_ launch: Launch) throws {
    guard !launch.isEmpty else { return }
    try enqueue(prepared(launch), launch.dimensions, group: launch.group, flops: launch.flops)
  }

  /// Prepares a launch that runs repeatedly: a separate kernel object, whose arguments are set once.
  func bound(_ launch: Launch) throws -> () throws -> Void {
    guard !launch.isEmpty else { return {} }
    let prepared = try prepared(launch, keeps: true)
    let range = try WorkRange(launch.dimensions, group: launch.group, of: prepared.kernel)
    return { try self.enqueue(prepared, range, bytes: prepared.bytes, flops: launch.flops) }
  }

  /// Enqueues a kernel with its arguments, see `Launch`.
  func launch(
    _ file: String, _ name: String, _ dimensions: [Int], group: [Int] = [], tile: Tile? = nil, options: String? = nil,
    bytes: Int? = nil, flops: Int = 0, _ arguments: [any KernelArgument]
  ) throws {
    try launch(
      Launch(
        file, name, dimensions, group: group, tile: tile, options: options, bytes: bytes, flops: flops, arguments))
  }

  private func prepared(_ launch: Launch, keeps: Bool = false) throws -> PreparedKernel {
    try prepared(
      launch.file, launch.name, tile: launch.tile, options: launch.options, bytes: launch.bytes, keeps: keeps,
      launch.arguments)
  }

  /// A kernel with its arguments, which are valid until the next call for this kernel, or permanently if it `keeps`
  /// them. `options` are those of its program, if they differ from the style's for the tile; `bytes` is the memory
  /// traffic of a launch, if it differs from the operands.
  func prepared(
    _ file: String, _ name: String, tile: Tile? = nil, options: String? = nil, bytes: Int? = nil, keeps: Bool = false,
    _ arguments: [any KernelArgument]
  ) throws -> PreparedKernel {
    let shared = try kernel(file, KernelKey(name: name, tile: tile, options: options))
    let kernel = try keeps ? shared.another() : shared
    var setter = ArgumentSetter(kernel, context, nothing: nothing)
    for argument in arguments { try argument.set(&setter) }
    return PreparedKernel(
      kernel: kernel, context: context, bytes: bytes ?? arguments.reduce(0) { $0 + $1.bytes }, arguments: arguments)
  }

  /// Sets the arguments of a kernel again, from `index` on.
  func set(_ prepared: PreparedKernel, from index: Int, _ arguments: [any KernelArgument]) throws {
    var setter = ArgumentSetter(prepared.kernel, context, nothing: nothing, from: index)
    for argument in arguments { try argument.set(&setter) }
  }

  /// Enqueues a kernel with set arguments, see `WorkRange`. `bytes` is its memory traffic, if it differs from the
  /// operands; `flops` its operations.
  func enqueue(
    _ prepared: PreparedKernel, _ dimensions: [Int], group: [Int] = [], bytes: Int? = nil, flops: Int = 0
  ) throws {
    let range = try WorkRange(dimensions, group: group, of: prepared.kernel)
    try enqueue(prepared, range, bytes: bytes ?? prepared.bytes, flops: flops)
  }

  /// Enqueues a kernel with set arguments.
  func enqueue(_ prepared: PreparedKernel, _ range: WorkRange, bytes: Int, flops: Int) throws {
    let (kernel, group) = (prepared.kernel, range.group)
    try range.eachPart { offset, size, share in
      try recorded(prepared.work(bytes: bytes, flops: flops, share: share)) { event in
        let status = context.cl.clEnqueueNDRangeKernel(
          context.queue, kernel.kernel, 3, [offset[0], offset[1], offset[2]], [size[0], size[1], size[2]],
          [group[0], group[1], group[2]], 0, nil, event)
        try context.check(status, "clEnqueueNDRangeKernel", kernel: kernel.name)
      }
      kernel.launched()
      try pacer.enqueued()
    }
  }
}
