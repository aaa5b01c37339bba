import COpenCL
import RecurrentCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How a cell's kernels are built; see `cell.cl`.
enum CellForm: Hashable {
  /// For a launch a step, or one in which no work-group waits for another.
  case usual
  /// For a persistent launch, in the probed language. Where the units are told, so many panels of U are kept by a group.
  case persistent(language: String, units: Int, panels: Int)
  /// For the launch behind it, which does what that one did not.
  case redo

  /// The language and the macros.
  var options: String {
    switch self {
    case .usual: "-cl-std=CL1.2"
    case .redo: "-cl-std=CL1.2 -DREDO=1"
    case .persistent(let language, _, panels: 0): "-cl-std=\(language)"
    case .persistent(let language, let units, let panels): "-cl-std=\(language) -DHIDDEN=\(units) -DPANELS=\(panels)"
    }
  }
}

/// What the work-groups of a persistent launch meet by (`barrier.cl`), and what became of it.
///
/// A launch whose groups do not meet at its start writes nothing. The launch behind it looks at that on the device, and does
/// the work in a tier that waits for nobody: so the numbers are right, and the host learns of it when it next waits anyway.
final class Meeting {
  /// The rounds that a group spins for the others: some tenths of a second.
  static func rounds(_ device: OpenCLDevice) -> Int { device.isCPU ? 1 << 27 : 1 << 20 }

  /// The most work-groups that are launched. All must run at once: one for each compute unit does, and on a processor, where
  /// a group takes a thread, two are enough to try it.
  var groups: Int
  var rounds: Int
  /// Whether groups keep their part of U where they can.
  var keeps = true
  /// Whether groups did not meet: nothing is launched any more.
  private(set) var hasFailed = false
  /// The launches so far.
  private var launch = 0
  private var isPending = false
  private(set) var words: OpenCLBuffer?
  private let context: Context
  /// The language in which groups can meet; nil if in none. Found when it is first asked for.
  private(set) lazy var language: String? = {
    let found = Probe.meeting(groups: min(2, groups)).language(on: context, cache)
    guard found == nil, context.device.isCPU, groups > 1 else { return found }
    // This driver runs one after the other.
    groups = 1
    return Probe.meeting(groups: 1).language(on: context, cache)
  }()
  private let cache: ProgramCache?

  init(_ context: Context, _ cache: ProgramCache?) {
    self.context = context
    self.cache = cache
    groups = context.device.isCPU ? min(2, context.device.units) : context.device.units
    rounds = Self.rounds(context.device)
  }

  /// What the kernels of the next launch and of the one behind it are told.
  func operands(gridRows: Int) throws -> [any KernelArgument] {
    launch = launch % (1 << 29) + 1
    isPending = true
    return [try counters(gridRows), launch, rounds, gridRows]
  }

  /// The counters, a line of 32 for the launch and one for each of the grid's rows; 0 at first.
  private func counters(_ gridRows: Int) throws -> OpenCLBuffer {
    let count = 32 * (1 + gridRows)
    if let words, words.count >= count { return words }
    // What is grown while a launch is under way must not lose its failure.
    if words != nil { _ = context.cl.clFinish(context.queue) }
    let failure = try failure()
    let grown = try OpenCLBuffer(context, count: max(count, 32 * 65))
    grown.used = 32
    var values = [Int32](repeating: 0, count: grown.count)
    values[2] = failure
    try context.transfer("clEnqueueWriteBuffer") {
      $0.clEnqueueWriteBuffer(
        context.queue, grown.memory, cl_bool(CL_TRUE), 0, values.count * 4, values, 0, nil, nil)
    }
    words = grown
    return grown
  }

  /// What has failed: 0 nothing, 1 a start, 2 a later barrier.
  private func failure() throws -> Int32 {
    guard let words else { return 0 }
    var failure: Int32 = 0
    try context.transfer("clEnqueueReadBuffer") {
      $0.clEnqueueReadBuffer(context.queue, words.memory, cl_bool(CL_TRUE), 8, 4, &failure, 0, nil, nil)
    }
    return failure
  }

  /// Looks, once all is done, whether the launches since the last time have met. Gives whether it is new that they did not.
  /// - Throws: `RecurrentError.device` if groups lost each other after they had met, so that numbers are missing.
  func fails() throws -> Bool {
    guard isPending, !hasFailed else { return false }
    isPending = false
    let failure = try failure()
    hasFailed = failure != 0
    guard failure < 2 else {
      throw RecurrentError(
        .device, "the work-groups of a cell's launch lost each other, and its numbers are not whole",
        at: context.device.title, remedy: "go on from the last checkpoint; cells take a launch a step from now on")
    }
    return hasFailed
  }
}

extension OpenCLBackend {
  /// To be called when the queue is empty. Where the groups of persistent launches did not meet, cells take a launch a step
  /// from now on; choices of tuning are forgotten for good, and a line says so.
  /// - Throws: `RecurrentError.device` if numbers are missing.
  func checkMeeting() throws {
    var hasFailed = true
    defer { if hasFailed { forgetPersistent() } }
    hasFailed = try meeting.fails()
  }

  private func forgetPersistent() {
    if tier == .persistent { tier = .step }
    choices.cells = choices.cells.filter { $0.value.tier != .persistent }
    if var tuning = Tuning.stored(for: context.device, in: cache) {
      tuning.choices.cells = tuning.choices.cells.filter { $0.value.tier != .persistent }
      try? tuning.store(for: context.device, in: cache)
    }
    onNote(
      "\(context.device.title): not all work-groups of a launch run at once, so cells take a launch a step from now on")
  }

  /// Writes a line to standard error.
  static func note(_ line: String) {
    let bytes = Array("recur: \(line)\n".utf8)
    _ = bytes.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
  }
}
