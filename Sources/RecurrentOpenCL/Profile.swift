import COpenCL
import RecurrentCore

/// What a command does, for who records it.
struct Work {
  let name: String
  var kind = ProfiledCall.Kind.kernel
  let bytes: Int
  var flops = 0
}

/// Keeps the events of commands until their times are known. Its queue must be one that stamps them.
final class EventRecorder {
  /// As many events are kept at most: drivers hold memory for each.
  private static let limit = 2048

  private let context: Context
  private var pending: [(event: cl_event, work: Work)] = []
  private var calls: [ProfiledCall] = []
  /// The device's time when the first command was enqueued, in nanoseconds.
  private var origin: cl_ulong?
  private let start = ContinuousClock.now

  init(_ context: Context) { self.context = context }

  /// Takes a command's event over.
  func add(_ event: cl_event, _ work: Work) throws {
    pending.append((event, work))
    // The later half stays in the queue, so that the device does not run empty.
    if pending.count == Self.limit { try collect(Self.limit / 2) }
  }

  /// What ran, once all is done.
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
  /// Enqueues a command. `enqueue` gets a place for the command's event while a profile is taken.
  func recorded(
    _ work: @autoclosure () -> Work, _ enqueue: (UnsafeMutablePointer<cl_event?>?) throws -> Void
  ) throws {
    guard let recorder else { return try enqueue(nil) }
    var event: cl_event?
    try enqueue(&event)
    if let event { try recorder.add(event, work()) }
  }

  /// Waits until nothing runs, and takes a queue that stamps every command with its times.
  /// - Throws: `OpenCLError`.
  package func startProfile() throws {
    try synchronize()
    try context.takeQueue(properties: cl_command_queue_properties(CL_QUEUE_PROFILING_ENABLE))
    recorder = EventRecorder(context)
  }

  /// Waits until everything is done, and goes back to a queue that stamps nothing.
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
