import COpenCL
import RecurrentCore

/// What the work-groups of a persistent launch wait for each other by (`barrier.cl`), and what became of it.
///
/// A launch whose groups do not all start writes nothing. The fallback launch behind it looks at that on the device, and does
/// the work in a tier that waits for nobody: so the numbers are right, and the host learns of it when it next waits anyway.
final class GridBarrier {
  /// What can fail, by the numbers of `barrier.cl`.
  enum Failure: Int32 {
    /// Not all groups of a launch ran at once; nothing is lost.
    case start = 1
    /// Groups lost each other later: numbers are missing.
    case barrier = 2
  }

  /// The spins of a group for the others: some tenths of a second.
  static func spins(_ device: OpenCLDevice) -> Int { device.isCPU ? 1 << 27 : 1 << 20 }

  /// The numbers of a line of the state, and the place of the failure, as `barrier.cl` has them.
  private static let (line, failurePlace) = (32, 2)

  /// The most work-groups that may be launched. All must run at once: one for each compute unit does, and on a processor, where
  /// a group takes a thread, two are enough to try it.
  var groupLimit: Int
  var spins: Int
  /// Whether groups did not meet: nothing is launched any more.
  private(set) var hasFailed = false
  /// The state on the device, once there was a launch.
  private(set) var state: OpenCLBuffer?
  /// The launches so far.
  private var launch = 0
  /// Whether there was one since the host has looked.
  private var isPending = false
  private let context: Context
  private let cache: ProgramCache?

  /// In which language the barrier holds, and for how many groups; nil if it does not. Found when it is first asked for.
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

  /// What the kernels of the next launch, and of the fallback launch behind it, are told.
  func nextLaunch(gridRows: Int) throws -> [any KernelArgument] {
    launch = launch % (1 << 29) + 1
    isPending = true
    return [try state(gridRows), launch, spins, gridRows]
  }

  /// The state, a line for the launch and one for each of the grid's rows; 0 at first.
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

  /// The number of what has failed, 0 for nothing; waits for all that is enqueued.
  private func readFailure() throws -> Int32 {
    guard let state else { return 0 }
    var failure: Int32 = 0
    try context.transfer("clEnqueueReadBuffer") {
      $0.clEnqueueReadBuffer(
        context.queue, state.memory, cl_bool(CL_TRUE), Self.failurePlace * 4, 4, &failure, 0, nil, nil)
    }
    return failure
  }

  /// What has failed since this was last asked.
  func newFailure() throws -> Failure? {
    guard isPending, !hasFailed else { return nil }
    isPending = false
    let failure = Failure(rawValue: try readFailure())
    hasFailed = failure != nil
    return failure
  }
}

extension OpenCLBackend {
  /// To be called when the queue is empty. Where the groups of persistent launches did not meet, cells take a launch a step
  /// from now on; choices of tuning are forgotten for good, and a note says so.
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
