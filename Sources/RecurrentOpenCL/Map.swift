import COpenCL
import RecurrentCore

extension OpenCLBackend {
  /// An elementwise function of tensors, in tiles if an operand is transposed.
  package func map(_ operation: Map) throws {
    let (loop, bytes) = (operation.loop, operation.bytes)
    let operands = StridedOperand.three(operation.operands, loop)
    let output: [any KernelArgument] = [
      Start(operation.output), loop.strides(operation.operands.count), try loop.shape(),
    ]
    let function: [any KernelArgument] = [operation.function.rawValue, operation.adds]
    if loop.isTransposed {
      let (height, columns) = (loop.lengths[loop.lengths.count - 2], loop.columns.tiles(of: style.tile.columns))
      _ = try kernelInt(loop.rows, at: "mapTransposed")
      // As many columns as give a tile all of its lanes.
      let rows = loop.rows / max(height, 1) * height.tiles(of: style.tile.rows)
      try launchRows(
        "map", "mapTransposed", rows: rows, columns: columns * style.sharedGroup * 4, blocks: columns, bytes: bytes,
        operands + output + function)
    } else {
      try launchStrided(
        "map", "map", loop, run: style.kind == .wide ? 8 : 1, group: style.kind == .wide ? 16 : style.group,
        bytes: bytes,
        operands + output + [loop.rows] + function)
    }
  }

  /// Cumulative sums: a work-item per element of the other axes, or a work-group if the terms are contiguous.
  package func scan(_ operation: Scan) throws {
    let (others, axis) = (operation.others, operation.axis)
    let first = operation.isReversed ? axis.length - 1 : 0
    let step = { (stride: Int) in Int64(operation.isReversed ? -stride : stride) }
    guard axis.length > 0 else { return }
    let arguments: [any KernelArgument] = [
      Start(operation.x, skipping: first * axis.x), others.strides(0),
      Start(operation.output, skipping: first * axis.output), others.strides(1), try others.shape(), others.rows,
      axis.length, step(axis.x), step(axis.output), operation.adds,
    ]
    let kernel = operation.isAlong ? "scanAlong" : "scan"
    if operation.isAlong && style.kind == .simt {
      try launchRows("scan", kernel, rows: others.count, columns: axis.length, bytes: operation.bytes, arguments)
    } else {
      try launchStrided(
        "scan", kernel, others, run: operation.isAlong ? 1 : style.across, group: style.kind == .wide ? 1 : style.group,
        bytes: operation.bytes, arguments)
    }
  }

  /// Enqueues a kernel with one work-item per run of vectors of each row. Short rows share a work-group.
  private func launchStrided(
    _ file: String, _ kernel: String, _ loop: AxisLoop, run: Int = 1, group: Int, bytes: Int,
    _ arguments: [any KernelArgument]
  ) throws {
    let runs = loop.columns.tiles(of: style.width * run)
    var side = 1
    while side < runs && 2 * side <= group { side *= 2 }
    try launch(file, kernel, [runs, loop.rows], group: [side, max(group / side, 1)], bytes: bytes, arguments)
  }
}

extension KernelStyle {
  /// The rows and columns of a work-group's tile of a transposed operand; see `transpose.cl`.
  fileprivate var tile: (rows: Int, columns: Int) { kind == .simt ? (32, 32) : (width, 4 * width) }
  /// The vectors of adjacent sums of a work-item; see `strided.cl`.
  var across: Int { kind == .simt ? 1 : 16 }
}

/// A view as memory and start.
struct Start: KernelArgument {
  private let view: StridedView
  private let skipped: Int

  init(_ view: StridedView, skipping skipped: Int = 0) {
    self.view = view
    self.skipped = skipped
  }

  func set(_ setter: inout ArgumentSetter) throws {
    try setter.set(view.buffer)
    try setter.set(cl_long(view.offset + skipped))
  }
}

/// A strided operand of a kernel; see `strided.cl`.
struct StridedOperand: KernelArgument {
  private let operand: MapOperand?
  /// Its strides in each loop of the kernel.
  private let strides: [AxisValues]

  /// The operands of a function, filled up to three with unused ones.
  static func three(_ operands: [MapOperand], _ loops: AxisLoop...) -> [any KernelArgument] {
    (0..<3).map { place in
      let isThere = place < operands.count
      return StridedOperand(
        operand: isThere ? operands[place] : nil, strides: loops.map { isThere ? $0.strides(place) : .noStrides })
    }
  }

  func set(_ setter: inout ArgumentSetter) throws {
    try setter.set(operand?.view?.buffer ?? setter.nothing)
    try setter.set(cl_long(operand?.view?.offset ?? 0))
    try strides[0].set(&setter)
    try setter.set(Int32(operand?.view == nil ? 1 : 0))
    if case .number(let number) = operand { try setter.set(number) } else { try setter.set(Float(0)) }
    for strides in strides.dropFirst() { try strides.set(&setter) }
  }
}

/// A value for each of the eight axes of kernels; missing axes come first.
enum AxisValues: KernelArgument {
  /// Lengths, a kernel's `int8`.
  case lengths(SIMD8<Int32>)
  /// Strides, a kernel's `long8`.
  case strides(SIMD8<Int64>)

  func set(_ setter: inout ArgumentSetter) throws {
    switch self {
    case .lengths(let lengths): try setter.set(lengths)
    case .strides(let strides): try setter.set(strides)
    }
  }

  static let noStrides = AxisValues.strides(.zero)
}

extension AxisLoop {
  /// The lengths; 1 for missing axes.
  func shape() throws -> AxisValues {
    var shape = SIMD8<Int32>(repeating: 1)
    for (axis, length) in lengths.enumerated() {
      shape[8 - lengths.count + axis] = try kernelInt(length, at: "strided")
    }
    return .lengths(shape)
  }

  /// An operand's strides.
  func strides(_ operand: Int) -> AxisValues {
    var result = SIMD8<Int64>.zero
    for (axis, stride) in strides[operand].enumerated() { result[8 - lengths.count + axis] = Int64(stride) }
    return .strides(result)
  }
}
