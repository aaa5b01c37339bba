import Foundation
import Testing

/// Every call that Recur makes × its first, middle and last time in a run of training: no crash, no leak, no lost checkpoint.
///
/// `make faults` tries all of it and prints the table of docs/reliability-tests.md; otherwise each call fails once.
@Suite(.serialized) struct FaultMatrixTests {
  /// A run in which a call may fail. All go on from a checkpoint, and write others as they go.
  enum Run: String, CaseIterable {
    case warm = "training"
    case cold = "first use"
    case profiled = "--profile"
    case broken = "failed build"

    var arguments: [String] {
      Training.resume("model", "--checkpoint-every", "10") + (self == .profiled ? ["--profile"] : [])
    }

    var environment: [String: String] { self == .broken ? ["FAULTY_OPENCL_BREAKS": "lstmBackward"] : [:] }
  }

  /// What becomes of the calls after the one that fails.
  enum Extent: String, CaseIterable {
    case once
    /// All calls fail from then on: the device has gone.
    case gone = "from then on"
    /// The call gives NULL once, and says that all is well.
    case nothing = "NULL, no error"
  }

  struct Fault: CustomStringConvertible {
    let call: String
    let place: Int
    let run: Run
    let extent: Extent

    var description: String { "\(call), call \(place + 1), \(extent.rawValue), \(run.rawValue)" }

    var text: String {
      let status = extent == .nothing ? 0 : FaultMatrixTests.statuses[call] ?? -5
      return "\(call):\(place):\(status)" + (extent == .gone ? "" : ":once")
    }
  }

  /// What drivers answer if the call does not work out; -5, out of resources, to all others.
  private static let statuses = [
    "clGetPlatformIDs": -6, "clGetPlatformInfo": -32, "clGetDeviceIDs": -32, "clGetDeviceInfo": -33,
    "clCreateContext": -2, "clCreateCommandQueue": -6, "clReleaseContext": -34, "clReleaseCommandQueue": -36,
    "clReleaseMemObject": -38, "clReleaseProgram": -44, "clReleaseKernel": -48, "clReleaseEvent": -58,
    "clFlush": -36, "clCreateBuffer": -4, "clCreateProgramWithSource": -6, "clCreateProgramWithBinary": -42,
    "clBuildProgram": -11, "clGetProgramInfo": -44, "clGetProgramBuildInfo": -44, "clCreateKernel": -6,
    "clGetKernelWorkGroupInfo": -48, "clSetKernelArg": -38, "clWaitForEvents": -14, "clGetEventInfo": -58,
    "clGetEventProfilingInfo": -7,
  ]

  // MARK: Where a run begins

  /// A model folder whose run was stopped by a fault, and the step of its checkpoint.
  private struct Begun {
    let files: [String: Data]
    let step: Int
  }

  private static let begun: Result<Begun, any Error> = Result {
    let command = try FaultyOpenCL.command()
    let launches = try FaultyOpenCL.undisturbed.get().counts["clEnqueueNDRangeKernel"]
    let stopped = try command.wait(
      for: FaultyOpenCL.train(command, ["FAULTY_OPENCL_FAULT": "clEnqueueNDRangeKernel:\(launches / 2):-36"]))
    try #require(stopped.code == 1)
    let files = try command.files(in: "model")
    return Begun(files: files, step: try #require(try step(of: resumed(command))))
  }

  /// Goes on without a fault.
  private static func resumed(_ command: Command) throws -> Command.Result {
    try command.run(Run.warm.arguments, environment: FaultyOpenCL.settings())
  }

  /// The step after which a run went on; nil if all was done.
  private static func step(of result: Command.Result) -> Int? {
    let words = result.errors.split { " ,".contains($0) }
    return words.firstIndex(of: "step").flatMap { Int(words[$0 + 1]) }
  }

  /// A command that is to go on in one of the runs.
  private func begun(_ run: Run) throws -> Command {
    let command = try FaultyOpenCL.command(isWarm: run == .warm || run == .profiled)
    try command.write(Self.begun.get().files, into: "model")
    return command
  }

  private func start(_ run: Run, _ command: Command, fault: Fault? = nil) throws -> Process {
    var environment = run.environment
    environment["FAULTY_OPENCL_COUNTS"] = command.path("counts")
    environment["FAULTY_OPENCL_FAULT"] = fault?.text
    return try command.start(run.arguments, environment: FaultyOpenCL.settings(environment))
  }

  // MARK: What comes of a fault

  /// How a run ended, and all that is wrong with it.
  private func outcome(_ fault: Fault) throws -> (name: String, problems: [String]) {
    let command = try begun(fault.run)
    let result = try command.wait(for: start(fault.run, command, fault: fault))
    guard !result.wasKilled, let counts = try? Counts(command) else { return ("crash", ["a crash"]) }
    var problems = counts.leaks
    if counts[fault.call] <= fault.place { problems.append("the call did not come") }
    let model = try FaultyOpenCL.undisturbed.get().model
    if result.code == 0 {
      if try command.bytes("model/model.safetensors") != model { problems.append("other bits") }
      return ("right", problems)
    }
    let refusals = FaultyOpenCL.refusals(result)
    // What failed is named; once the device has gone it may be any call.
    let isNamed = fault.extent == .gone || fault.run == .broken || refusals.joined().contains(fault.call)
    if result.code != 1 || refusals.count != 1 || !isNamed || !refusals[0].contains(/\bcl[A-Z]\w+ (failed|gave)/) {
      problems.append("ended with \(result.code) and \(result.errors)")
    }
    let resumed = try Self.resumed(command)
    if resumed.code != 0 { problems.append("a lost checkpoint: \(resumed.errors)") }
    if let step = Self.step(of: resumed), step < (try Self.begun.get().step) { problems.append("an older checkpoint") }
    if try command.bytes("model/model.safetensors") != model { problems.append("other bits after a resume") }
    return ("error", problems)
  }

  /// The faults of a call, in the first run that reaches it.
  private func faults(of call: String, _ counts: [(run: Run, counts: Counts)]) throws -> [[Fault]] {
    let reached = counts.first { $0.counts[call] > 0 }
    let (run, counts) = try #require(reached, "\(call) is never called")
    // How often a command is asked whether it has ended is chance.
    let count = call == "clGetEventInfo" ? 1 : counts[call]
    let places = FaultyOpenCL.triesAll ? [0, count / 2, count - 1] : [count / 2]
    let all = Extent.allCases.filter { $0 != .nothing || call.hasPrefix("clCreate") }
    // In the short form they take turns.
    let extents = FaultyOpenCL.triesAll ? all : [all[count % all.count]]
    return extents.map { extent in places.map { Fault(call: call, place: $0, run: run, extent: extent) } }
  }

  @Test func everyCallMayFail() throws {
    let counts = try Run.allCases.map { run in
      let command = try begun(run)
      let result = try command.wait(for: start(run, command))
      #expect(result.code == (run == .broken ? 1 : 0), "\(result.errors)")
      return (run: run, counts: try Counts(command))
    }
    var totals: [String: Int] = [:]
    let extents = Extent.allCases.map(\.rawValue)
    var table =
      "| call | in | calls | \(extents.joined(separator: " | ")) |\n|" + String(repeating: "---|", count: 6) + "\n"
    // Only Intel's GPUs are asked for an extension's function, and one that is missing is no fault.
    for call in counts[0].counts.calls where call != "clGetExtensionFunctionAddressForPlatform" {
      var cells: [Extent: String] = [:]
      let faults = try faults(of: call, counts)
      for row in faults {
        let names = try row.map { fault in
          let (name, problems) = try outcome(fault)
          #expect(problems.isEmpty, "\(fault): \(problems.joined(separator: "; "))")
          let ending = problems.isEmpty ? name : "**wrong**"
          totals[ending, default: 0] += 1
          return ending
        }
        cells[row[0].extent] = Set(names).count == 1 ? names[0] : names.joined(separator: ", ")
      }
      let run = faults[0][0].run
      let count = counts.first { $0.run == run }?.counts[call] ?? 0
      let endings = Extent.allCases.map { cells[$0] ?? "" }.joined(separator: " | ")
      table += "| `\(call)` | \(run.rawValue) | \(count) | \(endings) |\n"
    }
    guard FaultyOpenCL.triesAll else { return }
    let sums = totals.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    FaultyOpenCL.put("\(table)\n\(totals.values.reduce(0, +)) faults: \(sums)")
  }
}
