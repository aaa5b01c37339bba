/// The work that ran on a device, with its times.
package struct Profile: Sendable {
  /// The calls in the order in which they were enqueued. Calls on one device do not overlap.
  package let calls: [ProfiledCall]
  /// The duration of the profile in seconds, from an idle device to an idle device, gaps between calls included.
  package let seconds: Double

  /// A profile.
  package init(calls: [ProfiledCall], seconds: Double) {
    self.calls = calls
    self.seconds = seconds
  }

  /// The number of kernel launches.
  package var launches: Int { calls.count { $0.kind == .kernel } }

  /// The total duration of the calls in seconds, without the gaps between them.
  package var busySeconds: Double { calls.reduce(0) { $0 + $1.seconds } }

  /// Totals per call name, the longest first.
  package var totals: [ProfileTotal] {
    Dictionary(grouping: calls, by: \.name).map { ProfileTotal(name: $0, calls: $1) }
      .sorted { ($0.seconds, $1.name) > ($1.seconds, $0.name) }
  }
}

/// One call on a device.
package struct ProfiledCall: Hashable, Sendable {
  /// The kind of a call.
  package enum Kind: String, Hashable, Sendable {
    /// Computation: one kernel launch, or one operation of a backend that does not report single kernels.
    case kernel
    /// A copy between host and device, or an allocation.
    case memory
  }

  /// The name of the kernel or of the operation.
  package let name: String
  /// The kind of call.
  package let kind: Kind
  /// Seconds from the start of the profile.
  package let start: Double
  /// The duration in seconds.
  package let seconds: Double
  /// A lower bound of the bytes read and written: each operand once.
  package let bytes: Int
  /// The floating-point operations of its matrix products; a multiply-add counts as two.
  package let flops: Int

  /// A call.
  package init(name: String, kind: Kind, start: Double, seconds: Double, bytes: Int, flops: Int) {
    self.name = name
    self.kind = kind
    self.start = start
    self.seconds = seconds
    self.bytes = bytes
    self.flops = flops
  }
}

/// The total of all calls with one name.
package struct ProfileTotal: Sendable {
  /// The name.
  package let name: String
  /// The number of calls.
  package let calls: Int
  /// Their total duration in seconds.
  package let seconds: Double
  /// A lower bound of the bytes they read and wrote.
  package let bytes: Int
  /// The floating-point operations of their matrix products.
  package let flops: Int

  init(name: String, calls: [ProfiledCall]) {
    self.name = name
    self.calls = calls.count
    seconds = calls.reduce(0) { $0 + $1.seconds }
    bytes = calls.reduce(0) { $0 + $1.bytes }
    flops = calls.reduce(0) { $0 + $1.flops }
  }

  /// Billions of floating-point operations per second.
  package var gigaflops: Double { seconds > 0 ? Double(flops) / seconds / 1e9 : 0 }
  /// Billions of bytes per second.
  package var gigabytesPerSecond: Double { seconds > 0 ? Double(bytes) / seconds / 1e9 : 0 }
}

/// Records the work on a device. Without a profiler nothing is recorded, at no cost.
package protocol Profiler: AnyObject {
  /// Waits for the device and starts recording.
  /// - Throws: What the device throws, for earlier calls too.
  func startProfile() throws
  /// Waits for the device and stops recording. Returns an empty profile if none was started.
  /// - Throws: What the device throws, for earlier calls too.
  func finishProfile() throws -> Profile
}

extension Device {
  /// The same device with a profiler: per kernel if the backend supports it, else per operation.
  package func profiled() -> (device: Device, profiler: any Profiler) {
    if let profiler = backend as? any Profiler { return (self, profiler) }
    let timer = OperationTimer(backend)
    return (Device(ObservedBackend(backend) { try timer.time($0, $1) }), timer)
  }
}

/// Times the operations of a backend one by one.
private final class OperationTimer: Profiler {
  private let backend: any Backend
  private let clock = ContinuousClock()
  private var start: ContinuousClock.Instant?
  private var calls: [ProfiledCall] = []

  init(_ backend: any Backend) { self.backend = backend }

  /// Runs an operation; waits for it while recording.
  func time(_ operation: ObservedOperation, _ body: () throws -> Void) throws {
    guard let start else { return try body() }
    let begin = clock.now
    try body()
    try backend.synchronize()
    calls.append(
      ProfiledCall(
        name: operation.name, kind: operation.kind, start: (begin - start).seconds,
        seconds: (clock.now - begin).seconds, bytes: operation.bytes, flops: operation.flops))
  }

  func startProfile() throws {
    try backend.synchronize()
    (calls, start) = ([], clock.now)
  }

  func finishProfile() throws -> Profile {
    defer { (calls, start) = ([], nil) }
    return Profile(calls: calls, seconds: start.map { (clock.now - $0).seconds } ?? 0)
  }
}
