import ArgumentParser
import Recurrent
import RecurrentCheck

/// `recur check`
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare the results of a device with the oracle, operation by operation.",
    discussion: """
      The oracle computes every operation in double precision, with plain loops. Unless --quick is given, its gradients are \
      first compared with central differences. The table shows how many cases of each group agree, and the largest error in \
      percent of the tolerance. With --precision tf32 or bf16, only matrix products are compared.
      """)

  @Flag(help: "Check a few small shapes per kernel, and skip the gradients of the oracle.")
  var quick = false

  @Option(help: ArgumentHelp("Check only the cases whose name contains this text.", valueName: "text"))
  var only: String?

  @Flag(help: "Print one JSON object per case on standard output.")
  var json = false

  @Flag(help: ArgumentHelp("Run each case once: in a simulator a second run finds nothing new.", visibility: .hidden))
  var once = false

  @OptionGroup(title: "Device") var options: DeviceOptions

  func run() throws {
    let precision = options.precision
    let size: ParityCase.Size = quick ? .quick : .full
    let all =
      precision == .float32
      ? ParityCase.all(size: size) + ParityCase.persistent(size: size) : ParityCase.rounded(to: precision, size: size)
    let cases = all.filter { only.map($0.name.contains) ?? true }
    let gradients = quick || precision != .float32 ? [] : GradientCase.all.filter { only.map($0.name.contains) ?? true }
    guard !cases.isEmpty || !gradients.isEmpty else {
      throw RecurrentError(
        .invalidArgument, "no case matches", at: "--only",
        remedy: precision == .float32
          ? "try lstm or matmul" : "with --precision only products are compared: leave --precision out")
    }
    var devices = try options.openAll()
    if devices.count > 1 && precision != .float32 {
      // What computes in float32 has said so.
      devices = devices.filter { (try? $0.device.get().description.precision == precision) ?? true }
    }
    var table = CheckTable()
    var failed = 0
    if !gradients.isEmpty {
      failed += try check(GradientCase.device, gradients.map { Test(name: $0.name, run: $0.run) }, &table).count
    }
    for (name, opened) in devices {
      do {
        let device = try opened.get()
        try device.roundAllProducts(to: precision)
        let tests = cases.filter { $0.applies(device.backend) }.map { test in
          Test(name: test.name, group: test.operation) { try test.run(device.backend, repeats: !once) }
        }
        let failures = try check(device.description, tests, &table)
        // A case that could not run says nothing about the device's numbers.
        if only == nil && precision == .float32 && !failures.contains(where: { $0.wasThrown }) {
          SelfCheck.remember(failures.map { $0.name }, of: device.description)
        }
        failed += failures.count
      } catch  where devices.count > 1 {
        // One device that does not open is no reason not to check the others.
        Console.say("\(name): \(error)")
        failed += 1
      }
    }
    if !json { Console.put("\n" + table.text) }
    if failed > 0 { throw ExitCode.failure }
  }

  private struct CaseEvent: Encodable {
    var event = "case"
    let device: String, name: String, passed: Bool, error: String, tolerance: Double, detail: String
  }

  private struct DeviceEvent: Encodable {
    var event = "device"
    let device: String, name: String, cases: Int, failed: Int, seconds: Double
  }

  private struct Test {
    let name: String
    /// The row of the table for the gradients of the oracle.
    var group = "gradients"
    let run: () throws -> ParityResult
  }

  /// A failed test: wrong results, or an error.
  private typealias Failure = (name: String, wasThrown: Bool)

  /// Runs the tests on a device and returns the failures.
  private func check(_ device: DeviceDescription, _ tests: [Test], _ table: inout CheckTable) throws -> [Failure] {
    let start = ContinuousClock.now
    var failures: [Failure] = []
    for (index, test) in tests.enumerated() {
      if Console.isTerminal { Console.tell("\r\(device.identifier): \(index + 1) of \(tests.count)\u{1B}[K") }
      let outcome = Result { try test.run() }
      let event = Self.event(test.name, outcome, device)
      table.add(try? outcome.get(), of: test.group, on: device)
      if !event.passed { failures.append((test.name, (try? outcome.get()) == nil)) }
      if json { try Console.put(json: event) }
      if !event.passed && !json { Console.say("\r\(device.identifier): \(test.name) failed: \(event.detail)") }
    }
    if Console.isTerminal { Console.tell("\r\u{1B}[K") }
    let seconds = start.duration(to: .now).seconds
    if json {
      try Console.put(
        json: DeviceEvent(
          device: device.identifier, name: device.name, cases: tests.count, failed: failures.count, seconds: seconds))
    } else {
      let outcome =
        failures.isEmpty ? "all \(tests.count) cases agree" : "\(failures.count) of \(tests.count) cases fail"
      Console.put("\(device.identifier) (\(device.name)): \(outcome), \(seconds.asDuration)\n")
    }
    return failures
  }

  private static func event(_ name: String, _ outcome: Result<ParityResult, any Error>, _ device: DeviceDescription)
    -> CaseEvent
  {
    switch outcome {
    case .success(let result):
      let detail = result.detail.isEmpty ? "error \(result.error), at most \(result.tolerance)" : result.detail
      return CaseEvent(
        device: device.identifier, name: name, passed: result.passed, error: "\(result.error)",
        tolerance: result.tolerance, detail: result.passed ? "" : detail)
    case .failure(let error):
      return CaseEvent(
        device: device.identifier, name: name, passed: false, error: "inf", tolerance: 0, detail: "\(error)")
    }
  }
}
