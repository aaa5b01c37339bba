import COpenCL
import RecurrentCore

/// The barrier of the work-groups of a persistent launch (`barrier.cl`), and its failures.
///
/// A launch whose groups do not all start writes nothing. The fallback launch after it detects this on the device, and does the
/// work in a tier without synchronization: so the results are correct, and the host is informed when it next waits.
final class GridBarrier {
  /// The failures, with the numbers of `barrier.cl`.
  enum Failure: Int32 {
    /// Not all groups of a launch ran concurrently; nothing is lost.
    case start = 1
    /// Groups lost synchronization later: results are missing.
    case barrier = 2
  }

  /// The maximum number of spins of a group, some tenths of a second.
  static func spins(_ device: OpenCLDevice) -> Int { device.isCPU ? 1 << 27 : 1 << 20 }

  /// The size of a line of the state, and the index of the failure, as in `barrier.cl`.
  private static let (line, failurePlace) = (32, 2)

  /// The maximum number of work-groups. All must run concurrently: one per compute unit; on a processor, where a group
  /// occupies a thread, two are enough for tests.
  var groupLimit: Int
  var spins: Int
  /// Whether groups failed to synchronize: persistent launches are then disabled.
  private(set) var hasFailed = false
  /// The state on the device; nil before the first launch.
  private(set) var state: OpenCLBuffer?
  /// The number of launches.
  private var launch = 0
  /// Whether there was a launch since the host last read the state.
  private var isPending = false
  private let context: Context
  private let cache: ProgramCache?

  /// The language in which the barrier works, and for how many groups; nil if it does not. Probed at the first use.
  private(set) lazy var probed: (language: String, groups: Int)? = {
    let groups = min(context.device.isCPU ? 2 : 16, groupLimit)
    if let language = Probe.gridBarrier(groups: groups).language(on: context, cache) { return (language, groupLimit) }
    // Some processors' drivers run one group after the other.
    guard context.device.isCPU, groups > 1 else { return nil }
    return Probe.gridBarrier(groups: 1).language(on: context, cache).map { ($0, 1) }
  }()

  init(_ context: Context, _ cache: ProgramCache?) {
    self.context = context
    self.cache = cache
    groupLimit = context.device.isCPU ? min(2, context.device.units) : context.device.units
    spins = Self.spins(context.device)
  }

  /// The arguments of the next launch, and of its fallback launch.
  func nextLaunch(gridRows: Int) throws -> [any KernelArgument] {
    launch = launch % (1 << 29) + 1
    isPending = true
    return [try state(gridRows), launch, spins, gridRows]
  }

  /// The state, a line for the launch and one for each row of the grid; initially 0.
  private func state(_ gridRows: Int) throws -> OpenCLBuffer {
    let count = Self.line * (1 + gridRows)
    if let state, state.count >= count { return state }
    // What is grown while a launch is under way must not lose its failure.
    let failure = try readFailure()
    let grown = try OpenCLBuffer(context, count: max(count, Self.line * 65))
    // A launch moves little of it.
    grown.used = Self.line
    var values = [Int32](repeating: 0, count: grown.count)
    values[Self.failurePlace] = failure
    try context.transfer("clEnqueueWriteBuffer") {
      $0.clEnqueueWriteBuffer(
        context.queue, grown.memory, cl_bool(CL_TRUE), 0, values.count * 4, values, 0, nil, nil)
    }
    state = grown
    return grown
  }

  /// The number of the failure, 0 for none; waits for the queue.
  private func readFailure() throws -> Int32 {
    guard let state else { return 0 }
    var failure: Int32 = 0
    try context.transfer("clEnqueueReadBuffer") {
      $0.clEnqueueReadBuffer(
        context.queue, state.memory, cl_bool(CL_TRUE), Self.failurePlace * 4, 4, &failure, 0, nil, nil)
    }
    return failure
  }

  /// The failure since the last call; nil for none.
  func newFailure() throws -> Failure? {
    guard isPending, !hasFailed else { return nil }
    isPending = false
    let failure = Failure(rawValue: try readFailure())
    hasFailed = failure != nil
    return failure
  }
}

extension OpenCLBackend {
  /// Must be called when the queue is empty. If the groups of persistent launches failed to synchronize, cells use one
  /// launch per step from then on, tuned choices with persistent launches are reset, and a note is printed.
  /// - Throws: `RecurrentError.device` if numbers are missing.
  func checkGridBarrier() throws {
    guard let failure = try gridBarrier.newFailure() else { return }
    choices.forgetPersistent()
    if var tuning = Tuning.stored(for: context.device, in: cache) {
      tuning.choices.forgetPersistent()
      // Where it cannot be kept, the next run finds the same out.
      try? tuning.store(for: context.device, in: cache)
    }
    onNote(
      "\(context.device.title): not all work-groups of a launch run at once, so cells now run one launch per step")
    guard failure == .start else {
      throw RecurrentError(
        .device, "the work-groups of a cell's launch lost synchronization, and its results are incomplete",
        at: context.device.title, remedy: "resume from the last checkpoint; cells now run one launch per step")
    }
  }
}
