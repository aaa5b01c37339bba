import COpenCL
import RecurrentCore

/// The barrier of the work-groups of a persistent launch (`barrier.cl`), and its failures.
///
/// A launch whose groups do not all start writes nothing. The fallback launches after it detect this on the device, and do
/// the work in a tier without synchronization: so the results are correct. The host reads the verdict after the first launch
/// of each grid, and of later ones when it next waits.
final class GridBarrier {
  /// The work-groups of a class of passes, which must all run concurrently.
  struct Grid: Hashable, Codable {
    /// The name of the `CellClass`.
    let cell: String
    /// The number of work-groups.
    let groups: Int
  }

  /// A failure of a launch.
  enum Failure: Equatable {
    /// Not all groups of a grid ran concurrently; nothing is lost.
    case start(Grid)
    /// Groups lost synchronization later: results are missing.
    case barrier
  }

  /// The maximum number of spins of a group, some tenths of a second.
  static func spins(_ device: OpenCLDevice) -> Int { device.isCPU ? 1 << 27 : 1 << 20 }

  /// The size of a line of the state, and indices in its first line, as in `barrier.cl`.
  private static let (line, verdictPlace, failurePlace) = (32, 1, 2)
  /// The maximum number of launches between two readings of the state.
  private static let mostPending = 10_000

  /// The number of work-groups that probably run concurrently: one per core; on a processor, where a group occupies a
  /// thread, two are enough for tests.
  var groupLimit: Int
  var spins: Int
  /// The maximum number of multiply-adds of a work-group in a fallback launch: a fraction of a second, since drivers end
  /// kernels that run for seconds.
  var fallbackLimit = 1 << 30
  /// Whether groups lost synchronization: persistent launches are then disabled.
  private(set) var isBroken = false
  /// The grids whose groups did not all start, in this run or in several earlier ones, and those that are too large.
  private(set) var failed: Set<Grid>
  /// The grids whose groups have started.
  var started: Set<Grid> = []
  /// The maximum number of concurrent work-groups of a kernel; nil if the driver does not know it.
  lazy var concurrentGroups: (Kernel, _ group: [Int]) -> Int? = { [context] in
    context.concurrentGroups(of: $0, group: $1)
  }
  /// The state on the device; nil before the first launch.
  private(set) var state: OpenCLBuffer?
  /// The number of launches.
  private var launch = 0
  /// The grids of the launches since the host last read the state.
  private var pending: [Int: Grid] = [:]
  private let context: Context
  private let cache: ProgramCache?

  /// The language in which the barrier works, and for how many groups; nil if it does not. Probed at the first use.
  lazy var probed: (language: String, groups: Int)? = {
    let most = context.device.isCPU ? min(2, groupLimit) : groupLimit
    // Other processes may use a part of a GPU; some processors' drivers run one group after the other.
    for groups in [most, most / 2] where groups > 0 {
      let probe = Probe.gridBarrier(context.device, groups: groups, rounds: 64)
      if let language = probe.language(on: context, cache) { return (language, groups == most ? groupLimit : groups) }
    }
    return nil
  }()

  /// The number of groups that ran concurrently when it was probed, if they were fewer than one per core, as where another
  /// process uses a part of the device; nil otherwise.
  var shortage: Int? { probed.flatMap { $0.groups < groupLimit ? $0.groups : nil } }

  /// - Parameter cores: The parts of the device that run work-groups by themselves.
  init(_ context: Context, _ cache: ProgramCache?, cores: Int) {
    self.context = context
    self.cache = cache
    groupLimit = context.device.isCPU ? min(2, cores) : cores
    spins = Self.spins(context.device)
    failed = FailedStarts.stored(for: context.device, in: cache).repeated
  }

  /// Whether a grid may be launched: no grid of this class with as many groups or fewer has failed.
  func isUsable(_ grid: Grid) -> Bool {
    !isBroken && !failed.contains { $0.cell == grid.cell && $0.groups <= grid.groups }
  }

  /// Makes all grids usable, in later runs too.
  func forgetFailedStarts() {
    failed = []
    FailedStarts().store(for: context.device, in: cache)
  }

  // MARK: Launches

  /// Starts a launch.
  /// - Returns: The arguments of the launch and of its fallback launches, and whether the host must read the verdict: at the
  ///   first launch of a grid.
  func nextLaunch(of grid: Grid, gridRows: Int) throws -> (arguments: [any KernelArgument], isFirst: Bool) {
    let state = try state(gridRows)
    launch = launch % (1 << 29) + 1
    pending[launch] = grid
    return ([state, launch, spins, gridRows], !started.contains(grid) || pending.count >= Self.mostPending)
  }

  /// Makes the fallback launches do the work of the launch that was started last, which was not enqueued.
  func refuse() throws {
    guard let state, pending.removeValue(forKey: launch) != nil else { return }
    try write([Int32(2 * launch + 1)], to: state, at: Self.verdictPlace)
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
    values.replaceSubrange(Self.failurePlace..<Self.failurePlace + failure.count, with: failure)
    try write(values, to: grown, at: 0)
    state = grown
    return grown
  }

  private func write(_ values: [Int32], to state: OpenCLBuffer, at place: Int) throws {
    try context.transfer("clEnqueueWriteBuffer") {
      $0.clEnqueueWriteBuffer(
        context.queue, state.memory, cl_bool(CL_TRUE), place * 4, values.count * 4, values, 0, nil, nil)
    }
  }

  // MARK: Failures

  /// The number of the failure, 0 for none, and the launch whose start failed; waits for the queue.
  private func readFailure() throws -> [Int32] {
    var failure: [Int32] = [0, 0]
    guard let state else { return failure }
    try context.transfer("clEnqueueReadBuffer") {
      $0.clEnqueueReadBuffer(
        context.queue, state.memory, cl_bool(CL_TRUE), Self.failurePlace * 4, failure.count * 4, &failure, 0, nil, nil)
    }
    return failure
  }

  /// The failure since the last call; nil for none.
  func newFailure() throws -> Failure? {
    guard !pending.isEmpty, let state else { return nil }
    let failure = try readFailure()
    defer { pending = [:] }
    guard failure[0] != 0 else {
      started.formUnion(pending.values)
      return nil
    }
    // Launches after the failed one did not wait for their groups: they are no verdict on their grids.
    try write([0, 0], to: state, at: Self.failurePlace)
    guard failure[0] == 1, let grid = pending[Int(failure[1])] else {
      isBroken = true
      return .barrier
    }
    return .start(grid)
  }

  /// Makes a grid unusable in this run.
  /// - Returns: Whether it was usable.
  func disqualify(_ grid: Grid) -> Bool { failed.insert(grid).inserted }
}

extension OpenCLBackend {
  /// Must be called when the queue is empty, or when it may be waited for. If the groups of a persistent launch failed to
  /// synchronize, cells use a smaller grid or one launch per step from then on, and a note is printed at the first failure
  /// of a run, and when a grid has failed in so many runs that later ones do not try it.
  /// - Throws: `RecurrentError.device` if numbers are missing.
  func checkGridBarrier() throws {
    switch try gridBarrier.newFailure() {
    case nil: break
    case .start(let grid):
      // Where the same grid was launched again before its verdict was read, it has failed once.
      guard gridBarrier.isUsable(grid) else { return }
      let isRepeated = FailedStarts.add(grid, of: context.device, to: cache).repeated.contains(grid)
      if isRepeated { choices.forgetPersistent(of: [grid.cell]) }
      disqualify(
        grid,
        "not all \(grid.groups) work-groups of a launch run at once"
          + (isRepeated ? ", as in earlier runs: later ones do not try it, until `recur devices --tune`" : ""),
        always: isRepeated)
    case .barrier:
      updateVariant()
      throw RecurrentError(
        .device, "the work-groups of a cell's launch lost synchronization, and its results are incomplete",
        at: context.device.title, remedy: "resume from the last checkpoint; cells now run one launch per step")
    }
  }

  /// Makes the fallback launches do the work of the first launch of a grid, which is not enqueued or was rejected.
  func refuse(_ grid: GridBarrier.Grid, _ reason: String) throws {
    try gridBarrier.refuse()
    disqualify(grid, reason)
  }

  /// Makes a grid unusable in this run, with a note if it is the first one, or `always`.
  func disqualify(_ grid: GridBarrier.Grid, _ reason: String, always: Bool = false) {
    guard gridBarrier.disqualify(grid) else { return }
    updateVariant()
    guard !hasNotedFailure || always else { return }
    hasNotedFailure = true
    onNote("\(context.device.title): \(reason); cells now use smaller launches or one per step")
  }
}
