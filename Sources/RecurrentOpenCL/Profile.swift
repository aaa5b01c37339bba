import COpenCL
import RecurrentCore

/// The work of a command, for profiles.
struct Work {
  let name: String
  var kind = ProfiledCall.Kind.kernel
  let bytes: Int
  var flops = 0
}

/// Stores the events of commands until their times are known. Needs a queue with profiling enabled.
final class EventRecorder {
  /// The maximum number of stored events, since drivers hold memory for each.
  private static let limit = 2048

  private let context: Context
  private var pending: [(event: cl_event, work: Work)] = []
  private var calls: [ProfiledCall] = []
  /// The device's time when the first command was enqueued, in nanoseconds.
  private var origin: cl_ulong?
  private let start = ContinuousClock.now

  init(_ context: Context) { self.context = context }

  /// Stores the event of a command.
  func add(_ event: cl_event, _ work: Work) throws {
    pending.append((event, work))
    // The later half stays in the queue, so that the device does not run empty.
    if pending.count == Self.limit { try collect(Self.limit / 2) }
  }

  /// The profile of the completed commands.
  func profile() throws -> Profile {
    try collect(pending.count)
    return Profile(calls: calls, seconds: start.duration(to: .now).seconds)
  }

  /// Waits for the first events and reads their times.
  private func collect(_ count: Int) throws {
    guard count > 0 else { return }
    var last: cl_event? = pending[count - 1].event
    try context.check(context.cl.clWaitForEvents(1, &last), "clWaitForEvents")
    let done = pending.prefix(count)
    pending.removeFirst(count)
    defer { for (event, _) in done { _ = context.cl.clReleaseEvent(event) } }
    for (event, work) in done {
      let origin = try origin ?? time(CL_PROFILING_COMMAND_QUEUED, of: event)
      self.origin = origin
      let (begin, end) = try (time(CL_PROFILING_COMMAND_START, of: event), time(CL_PROFILING_COMMAND_END, of: event))
      calls.append(
        ProfiledCall(
          name: work.name, kind: work.kind, start: Double(Int64(bitPattern: begin &- origin)) * 1e-9,
          seconds: Double(Int64(bitPattern: end &- begin)) * 1e-9, bytes: work.bytes, flops: work.flops))
    }
  }

  private func time(_ parameter: Int32, of event: cl_event) throws -> cl_ulong {
    var nanoseconds: cl_ulong = 0
    let status = context.cl.clGetEventProfilingInfo(
      event, cl_profiling_info(parameter), MemoryLayout<cl_ulong>.size, &nanoseconds, nil)
    try context.check(status, "clGetEventProfilingInfo")
    return nanoseconds
  }

  deinit { for (event, _) in pending { _ = context.cl.clReleaseEvent(event) } }
}

extension OpenCLBackend: Profiler {
  /// Enqueues a command. During a profile, `enqueue` receives a pointer for its event.
  func recorded(
    _ work: @autoclosure () -> Work, _ enqueue: (UnsafeMutablePointer<cl_event?>?) throws -> Void
  ) throws {
    guard let recorder else { return try enqueue(nil) }
    var event: cl_event?
    try enqueue(&event)
    if let event { try recorder.add(event, work()) }
  }

  /// Waits for the device, and switches to a queue with profiling enabled.
  /// - Throws: `OpenCLError`.
  package func startProfile() throws {
    try synchronize()
    try context.takeQueue(properties: cl_command_queue_properties(CL_QUEUE_PROFILING_ENABLE))
    recorder = EventRecorder(context)
  }

  /// Waits for the device, and switches back to a queue without profiling.
  /// - Throws: `OpenCLError`.
  package func finishProfile() throws -> Profile {
    guard let recorder else { return Profile(calls: [], seconds: 0) }
    self.recorder = nil
    try synchronize()
    let profile = try recorder.profile()
    try context.takeQueue()
    return profile
  }
}
