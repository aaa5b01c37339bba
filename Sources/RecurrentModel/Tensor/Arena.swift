/// Memory of one pass: a bump allocator over a few big buffers.
///
/// A pass takes memory and gives none back; the next pass rewinds and takes the same memory again. So a training step
/// allocates nothing once it has run once.
final class Arena {
  /// Every piece starts at a multiple of this many elements: a cache line.
  static let alignment = 16

  private let backend: any Backend
  private var blocks: [any Buffer] = []
  private var current = 0
  private var used = 0

  init(_ backend: any Backend) {
    self.backend = backend
  }

  /// `count` elements with whatever the last pass left in them.
  func take(_ count: Int) throws -> (buffer: any Buffer, offset: Int) {
    let count = max(count, 1).aligned
    while current < blocks.count {
      if used + count <= blocks[current].count {
        defer { used += count }
        return (blocks[current], used)
      }
      current += 1
      used = 0
    }
    // Blocks double, so that their number stays small; the first one is 1 MiB.
    let held = blocks.reduce(0) { $0 + $1.count }
    let limit = backend.device.maximumAllocation / 4
    let wanted = max(held, 1 << 18)
    try blocks.append(block(max(count, limit > 0 ? min(wanted, limit) : wanted), orElse: count, held))
    used = count
    return (blocks[current], 0)
  }

  /// A block, or a smaller one where memory is short.
  private func block(_ count: Int, orElse least: Int, _ held: Int) throws -> any Buffer {
    do {
      return try backend.allocate(count)
    } catch let error as RecurrentError where error.kind == .outOfMemory {
      guard count > least else {
        throw error.asked(for: "activations and gradients, beside \((4 * held).asBytes) that they have")
      }
      return try block(least, orElse: least, held)
    }
  }

  /// Forgets every piece that was taken.
  func rewind() {
    current = 0
    used = 0
  }
}

extension Int {
  /// The next multiple of the arena's alignment; of a count up to `largestCount`.
  var aligned: Int {
    self > .max - Arena.alignment ? self : (self + Arena.alignment - 1) / Arena.alignment * Arena.alignment
  }
}
