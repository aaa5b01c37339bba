import COpenCL
import RecurrentCore

extension OpenCLBackend {
  /// A function of tensors, element by element.
  public func map(_ operation: Map) throws {
    let (loop, output) = (operation.loop, operation.output)
    try launchStrided(
      "map", loop, run: style.kind == .wide ? 8 : 1, bytes: operation.bytes,
      StridedOperand.three(operation.operands, loop)
        + [
          Start(output), loop.strides(operation.operands.count), try loop.shape(), loop.rows,
          operation.function.rawValue,
          operation.adds,
        ])
  }

  /// Cumulative sums, a work-item for each of the other axes' elements.
  public func scan(_ operation: Scan) throws {
    let (others, axis) = (operation.others, operation.axis)
    let first = operation.isReversed ? axis.length - 1 : 0
    let step = { (stride: Int) in Int64(operation.isReversed ? -stride : stride) }
    guard axis.length > 0 else { return }
    try launchStrided(
      "scan", others, bytes: 8 * operation.output.count,
      [
        Start(operation.x, skipping: first * axis.x), others.strides(0),
        Start(operation.output, skipping: first * axis.output), others.strides(1), try others.shape(), others.rows,
        axis.length, step(axis.x), step(axis.output), operation.adds,
      ])
  }

  /// Enqueues a kernel with a work-item for each run of vectors of columns of each row. Short rows share a work-group.
  private func launchStrided(
    _ kernel: String, _ loop: AxisLoop, run: Int = 1, bytes: Int, _ arguments: [any KernelArgument]
  ) throws {
    let runs = loop.columns.tiles(of: style.width * run)
    let group = max(style.group / run, 1)
    var side = 1
    while side < runs && 2 * side <= group { side *= 2 }
    try launch("map", kernel, [runs, loop.rows], group: [side, max(group / side, 1)], bytes: bytes, arguments)
  }
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

/// An operand of a kernel of any strides; see `strided.cl`.
struct StridedOperand: KernelArgument {
  private let operand: MapOperand?
  /// Its strides in each loop that the kernel has.
  private let strides: [AxisValues]

  /// The operands of a function and, up to three, some that it does not take.
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

/// A number for each of the eight axes that kernels have; those that are not there are the first.
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
  /// The lengths; 1 where an axis is not there.
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
