/// What ran on a device, and when.
public struct Profile: Sendable {
  /// What ran, in the order in which it was asked for. Calls of one device do not overlap.
  public let calls: [ProfiledCall]
  /// Seconds from the start of the profile, when nothing ran, until all was done: what the calls took and what lay between.
  public let seconds: Double

  /// A profile.
  public init(calls: [ProfiledCall], seconds: Double) {
    self.calls = calls
    self.seconds = seconds
  }

  /// The calls that compute.
  public var launches: Int { calls.count { $0.kind == .kernel } }

  /// Seconds that the calls took, without what lay between.
  public var busySeconds: Double { calls.reduce(0) { $0 + $1.seconds } }

  /// The calls by name, those that took longest first.
  public var totals: [ProfileTotal] {
    Dictionary(grouping: calls, by: \.name).map { ProfileTotal(name: $0, calls: $1) }
      .sorted { ($0.seconds, $1.name) > ($1.seconds, $0.name) }
  }
}

/// One thing that ran on a device.
public struct ProfiledCall: Hashable, Sendable {
  /// What sort of thing.
  public enum Kind: String, Hashable, Sendable {
    /// It computes: one launch of a kernel, or one operation of a backend whose kernels are not seen one by one.
    case kernel
    /// It moves memory between host and device, or makes it.
    case memory
  }

  /// The kernel's name, or the operation's.
  public let name: String
  /// What sort of thing.
  public let kind: Kind
  /// Seconds from the start of the profile.
  public let start: Double
  /// Seconds that it took.
  public let seconds: Double
  /// What it reads and writes at least: its operands, once each.
  public let bytes: Int
  /// The floating-point operations of its matrix products, a multiply-add as two.
  public let flops: Int

  /// A call.
  public init(name: String, kind: Kind, start: Double, seconds: Double, bytes: Int, flops: Int) {
    self.name = name
    self.kind = kind
    self.start = start
    self.seconds = seconds
    self.bytes = bytes
    self.flops = flops
  }
}

/// All calls of one name.
public struct ProfileTotal: Sendable {
  /// The name.
  public let name: String
  /// How many there were.
  public let calls: Int
  /// Seconds that they took.
  public let seconds: Double
  /// What they read and wrote at least.
  public let bytes: Int
  /// The floating-point operations of their matrix products.
  public let flops: Int

  init(name: String, calls: [ProfiledCall]) {
    self.name = name
    self.calls = calls.count
    seconds = calls.reduce(0) { $0 + $1.seconds }
    bytes = calls.reduce(0) { $0 + $1.bytes }
    flops = calls.reduce(0) { $0 + $1.flops }
  }

  /// Billions of floating-point operations a second.
  public var gigaflops: Double { seconds > 0 ? Double(flops) / seconds / 1e9 : 0 }
  /// Billions of bytes a second.
  public var gigabytesPerSecond: Double { seconds > 0 ? Double(bytes) / seconds / 1e9 : 0 }
}

/// What records the work on a device. Without it nothing is recorded and nothing takes longer.
public protocol Profiler: AnyObject {
  /// Waits until nothing runs, and starts to record.
  /// - Throws: What the device throws, of an earlier call too.
  func startProfile() throws
  /// Waits until everything is done, and stops. An empty profile if none was started.
  /// - Throws: What the device throws, of an earlier call too.
  func finishProfile() throws -> Profile
}

extension Device {
  /// The same device, and what records the work on it: kernel by kernel where the backend can, else operation by operation.
  public func profiled() -> (device: Device, profiler: any Profiler) {
    if let profiler = backend as? any Profiler { return (self, profiler) }
    let timer = OperationTimer(backend)
    return (Device(ObservedBackend(backend) { try timer.time($0, $1) }), timer)
  }
}

/// Times the operations of a backend, one after the other.
private final class OperationTimer: Profiler {
  private let backend: any Backend
  private let clock = ContinuousClock()
  private var start: ContinuousClock.Instant?
  private var calls: [ProfiledCall] = []

  init(_ backend: any Backend) { self.backend = backend }

  /// Carries an operation out; waits for it where it is recorded.
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
