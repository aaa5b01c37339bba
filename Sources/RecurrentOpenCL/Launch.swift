import RecurrentCore

/// What is enqueued: a kernel, its arguments and its work-items.
struct Launch {
  /// The kernel's file.
  let file: String
  /// The kernel.
  let name: String
  /// The work-items, see `WorkRange`.
  let dimensions: [Int]
  /// The work-items of a work-group.
  let group: [Int]
  /// The tile of the program; nil where it has none.
  let tile: Tile?
  /// The options of the program, where they are not the style's for the tile.
  let options: String?
  /// What it moves, where that is not its operands as a whole.
  let bytes: Int?
  /// What it computes.
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

/// The work-items of a launch, rounded up to whole work-groups. Kernels take their place from `get_global_id`, so that a long
/// range can be cut.
struct WorkRange {
  /// Work-groups of one launch in the second and the third dimension: NVIDIA's hardware takes no more.
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

  /// The launches that it takes: where each starts, how many work-items it has, and its share of the whole.
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
