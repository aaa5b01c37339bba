import COpenCL

/// Copies of data in transfer to the device, so that an upload need not wait for the queue.
///
/// A block is used again once its command is done: a training step that uploads as much as the last one allocates nothing.
final class UploadStaging {
  private struct Block {
    let memory: UnsafeMutableRawBufferPointer
    /// The index of the command that reads it.
    var command = 0
  }

  /// The maximum size of all blocks in bytes; larger uploads wait instead.
  private static let limit = 64 << 20

  private let context: Context
  private var blocks: [Block] = []
  private var size = 0

  init(_ context: Context) { self.context = context }

  /// A copy of some bytes, kept until `command` is completed; nil if there is no space.
  func copy(_ bytes: UnsafeRawBufferPointer, command: Int, done: Int) -> UnsafeRawPointer? {
    let fits = { (block: Block) in block.command <= done && block.memory.count >= bytes.count }
    guard let place = blocks.firstIndex(where: fits) ?? allocate(bytes.count) else { return nil }
    blocks[place].command = command
    blocks[place].memory.copyMemory(from: bytes)
    return UnsafeRawPointer(blocks[place].memory.baseAddress)
  }

  /// The index of a new block of at least `count` bytes, a power of two for reuse.
  private func allocate(_ count: Int) -> Int? {
    let bytes = max(4096, count.roundedUpToPowerOfTwo)
    guard size + bytes <= Self.limit else { return nil }
    size += bytes
    blocks.append(Block(memory: .allocate(byteCount: bytes, alignment: 64)))
    return blocks.count - 1
  }

  deinit {
    // The queue may still read them, and does who knows what if it does not answer.
    guard context.cl.clFinish(context.queue) == CL_SUCCESS else { return }
    for block in blocks { block.memory.deallocate() }
  }
}
