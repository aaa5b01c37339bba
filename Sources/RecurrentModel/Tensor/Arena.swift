import RecurrentCore

/// Memory of one pass: a bump allocator over a few large buffers.
///
/// A pass only allocates; the next pass rewinds and reuses the same memory. So a training step allocates nothing after
/// the first one.
final class Arena {
  /// Every allocation starts at a multiple of this many elements: a cache line.
  static let alignment = 16

  private let backend: any Backend
  private var blocks: [any Buffer] = []
  private var current = 0
  private var used = 0

  init(_ backend: any Backend) {
    self.backend = backend
  }

  /// `count` elements, uninitialized.
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
    // Block sizes double, so that there are few; the first is 1 MiB.
    let held = blocks.reduce(0) { $0 + $1.count }
    let limit = backend.device.maximumAllocation / 4
    let wanted = max(held, 1 << 18)
    try blocks.append(block(max(count, limit > 0 ? min(wanted, limit) : wanted), orElse: count, held))
    used = count
    return (blocks[current], 0)
  }

  /// A block of `count` elements, or a smaller one if memory is short.
  private func block(_ count: Int, orElse least: Int, _ held: Int) throws -> any Buffer {
    do {
      return try backend.allocate(count)
    } catch let error as RecurrentError where error.kind == .outOfMemory {
      guard count > least else {
        throw error.asked(for: "activations and gradients, beyond the \((4 * held).asBytes) already held")
      }
      return try block(least, orElse: least, held)
    }
  }

  /// Frees all allocations of the pass.
  func rewind() {
    current = 0
    used = 0
  }
}

extension Int {
  /// The next multiple of the arena's alignment, for counts up to `largestCount`.
  var aligned: Int {
    self > .max - Arena.alignment ? self : (self + Arena.alignment - 1) / Arena.alignment * Arena.alignment
  }
}
