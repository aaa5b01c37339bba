import COpenCL

/// Bounds the queue: it is flushed regularly, and the host is at most two spans of commands ahead of the device.
struct QueuePacer {
  private static let flushEvery = 32
  private static let span = 256

  private let context: Context
  /// The number of commands.
  private(set) var count = 0
  /// The number of commands known to be completed.
  private(set) var done = 0
  private var marker: Marker?

  init(_ context: Context) { self.context = context }

  /// Must be called after each command.
  /// - Throws: `RecurrentError.outOfMemory`, `OpenCLError`; of an earlier command too.
  mutating func enqueued() throws {
    count += 1
    if count % Self.flushEvery == 0 { try context.check(context.cl.clFlush(context.queue), "clFlush") }
    guard count % Self.span == 0 else { return }
    let next = try Marker(context, count)
    if let marker {
      try marker.wait()
      done = max(done, marker.count)
    }
    marker = next
  }

  /// Must be called when the queue is empty.
  mutating func drained() { done = count }
}

/// An event after the first `count` commands.
private final class Marker {
  let count: Int
  private let context: Context
  private let event: cl_event

  init(_ context: Context, _ count: Int) throws {
    var event: cl_event?
    let status = context.cl.clEnqueueMarkerWithWaitList(context.queue, 0, nil, &event)
    try context.check(status, "clEnqueueMarkerWithWaitList")
    guard let event else { throw context.error("clEnqueueMarkerWithWaitList", -58) }
    self.count = count
    self.context = context
    self.event = event
  }

  func wait() throws {
    var event: cl_event? = event
    try context.check(context.cl.clWaitForEvents(1, &event), "clWaitForEvents")
  }

  deinit { _ = context.cl.clReleaseEvent(event) }
}
