import COpenCL

/// Keeps the queue bounded: work is handed to the driver now and then, and the host never runs more than two spans of
/// commands ahead of the device.
struct QueuePacer {
  private static let flushEvery = 32
  private static let span = 256

  private let context: Context
  /// Commands so far.
  private(set) var count = 0
  /// How many of them are known to be done.
  private(set) var done = 0
  private var marker: Marker?

  init(_ context: Context) { self.context = context }

  /// To be called after each command.
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

  /// To be called when the queue is known to be empty.
  mutating func drained() { done = count }
}

/// An event behind the first `count` commands.
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
