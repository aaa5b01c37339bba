import ArgumentParser
import Recurrent
import RecurrentCheck

/// `recur check`
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare a device's numbers with the oracle's, operation by operation.")

  @Flag(help: "Only small shapes, each kernel a few times.")
  var quick = false

  @Option(help: "Only the cases whose name contains this.")
  var only: String?

  @Flag(help: "One JSON object a case on standard output.")
  var json = false

  @OptionGroup var options: DeviceOptions

  func run() throws {
    let cases = ParityCase.all(size: quick ? .quick : .full).filter { only.map($0.name.contains) ?? true }
    guard !cases.isEmpty else {
      throw RecurrentError(.invalidArgument, "no case has that in its name", at: "--only", remedy: "try lstm or matmul")
    }
    var failed = 0
    let devices = try options.openAll()
    for (name, open) in devices {
      do {
        failed += try check(open(), cases)
      } catch  where devices.count > 1 {
        // One device that does not open is no reason not to check the others.
        Console.say("\(name): \(error)")
        failed += 1
      }
    }
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

  /// The number of cases that the device fails.
  private func check(_ device: Device, _ cases: [ParityCase]) throws -> Int {
    let description = device.description
    let start = ContinuousClock.now
    var failures: [String] = []
    for (index, test) in cases.enumerated() {
      if Console.isTerminal { Console.tell("\r\(description.identifier): \(index + 1) of \(cases.count)\u{1B}[K") }
      let (passed, event) = result(of: test, on: device)
      if !passed { failures.append(test.name) }
      if json { try Console.put(json: event) }
      if !passed && !json { Console.say("\r\(description.identifier): \(test.name) failed: \(event.detail)") }
    }
    if Console.isTerminal { Console.tell("\r\u{1B}[K") }
    if only == nil { SelfCheck.remember(failures, of: description) }
    let seconds = start.duration(to: .now).seconds
    if json {
      try Console.put(
        json: DeviceEvent(
          device: description.identifier, name: description.name, cases: cases.count, failed: failures.count,
          seconds: seconds))
    } else {
      let outcome =
        failures.isEmpty ? "all \(cases.count) cases agree" : "\(failures.count) of \(cases.count) cases fail"
      Console.put("\(description.identifier) (\(description.name)): \(outcome), \(seconds.asDuration)\n")
    }
    return failures.count
  }

  private func result(of test: ParityCase, on device: Device) -> (passed: Bool, CaseEvent) {
    do {
      let result = try test.run(device.backend)
      let detail = result.detail.isEmpty ? "error \(result.error), at most \(result.tolerance)" : result.detail
      return (
        result.passed,
        CaseEvent(
          device: device.description.identifier, name: test.name, passed: result.passed, error: "\(result.error)",
          tolerance: result.tolerance, detail: result.passed ? "" : detail)
      )
    } catch {
      return (
        false,
        CaseEvent(
          device: device.description.identifier, name: test.name, passed: false, error: "inf", tolerance: 0,
          detail: "\(error)")
      )
    }
  }
}

extension Duration {
  /// The time in seconds.
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
