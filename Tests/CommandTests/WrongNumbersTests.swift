import Foundation
import Testing

/// A driver that computes wrong numbers: of one kernel, one value of each launch is a hundredth too large.
///
/// `make faults` tries every kernel in both styles, for the table of docs/reliability-tests.md; otherwise a few.
@Suite(.serialized) struct WrongNumbersTests {
  /// A kernel that computes wrong numbers, on a device that takes kernels of a style; nil is every kernel as it should be.
  private struct Driver {
    let style: String
    let kernel: String?
    /// A device that says that it is a GPU, so that `auto` would take it.
    var isGPU = true

    var environment: [String: String] {
      var environment = ["RECUR_OPENCL_STYLE": style]
      environment["FAULTY_OPENCL_CORRUPTS"] = kernel
      environment["FAULTY_OPENCL_PROPERTIES"] = isGPU ? FaultyOpenCL.discreteGPU : nil
      return environment
    }
  }

  private let arguments = Training.arguments("model", "--epochs", "1")

  /// Runs a command with a driver that has not been used before; its programs are compiled.
  private func run(_ driver: Driver, _ cache: [String: Data], device: String, _ arguments: [String]) throws
    -> (command: Command, result: Command.Result)
  {
    let command = try Training.command()
    try command.write(cache.filter { !$0.key.hasPrefix("check-") }, into: "cache")
    let environment = driver.environment.merging(["RECUR_DEVICE": device]) { $1 }
    return (command, try command.run(arguments, environment: FaultyOpenCL.settings(environment)))
  }

  /// The programs of a style, and the kernels that a right driver launches when it is first used.
  private func right(_ style: String) throws -> (cache: [String: Data], kernels: [String]) {
    let driver = Driver(style: style, kernel: nil)
    let command = try Training.command()
    let environment = driver.environment.merging(["FAULTY_OPENCL_COUNTS": command.path("counts")]) { $1 }
    let result = try command.run(arguments, environment: FaultyOpenCL.settings(environment))
    #expect(result.code == 0, "\(result.errors)")
    return (try command.files(in: "cache"), try Counts(command).launched)
  }

  /// The model that the CPU trains.
  private func modelOfCPU() throws -> Data {
    let command = try Training.command()
    let result = try command.run(arguments)
    #expect(result.code == 0, "\(result.errors)")
    return try command.bytes("model/model.safetensors")
  }

  @Test func everyKernelIsNoticed() throws {
    let some = ["packPanels", "lstmBackward", "flagNonFinite", "adam"]
    let modelOfCPU = try modelOfCPU()
    var found: [String: [String: (answer: String, count: Int)]] = [:]
    var (tried, noticed) = (0, 0)
    for style in FaultyOpenCL.triesAll ? ["wide", "simt"] : ["wide"] {
      let (cache, kernels) = try right(style)
      for kernel in kernels where kernel != "probe" && (FaultyOpenCL.triesAll || some.contains(kernel)) {
        tried += 1
        let driver = Driver(style: style, kernel: kernel)
        guard let reason = try refusal(driver, cache), try autoTakesTheCPU(driver, cache, modelOfCPU) else { continue }
        guard try checkNames(driver, cache) else { continue }
        noticed += 1
        found[kernel, default: [:]][style] = Self.wrongAnswers(reason)
      }
    }
    #expect(noticed == tried && tried >= some.count)
    guard FaultyOpenCL.triesAll else { return }
    let rows = found.sorted { $0.key < $1.key }.map { kernel, styles in
      let answers = Set(styles.values.map(\.answer)).sorted().joined(separator: "; ")
      let counts = ["wide", "simt"].map { styles[$0].map { "\($0.count)" } ?? "–" }.joined(separator: " | ")
      return "| `\(kernel)` | \(answers) | \(counts) |\n"
    }
    FaultyOpenCL.put(
      "| kernel | first known answer that is wrong | wrong ones, wide | SIMT |\n|---|---|---|---|\n" + rows.joined()
        + "\n\(noticed) of \(tried) kernels noticed")
  }

  /// The first of the wrong answers in `adam (Adam of 17) and 1 more`, and their number.
  private static func wrongAnswers(_ reason: String) -> (answer: String, count: Int) {
    let parts = reason.split(separator: " and ")
    let more = parts.last.flatMap { $0.hasSuffix(" more") ? Int($0.dropLast(5)) : nil } ?? 0
    let first = more > 0 ? String(parts.dropLast().joined(separator: " and ")) : reason
    let answer = first.split(separator: "(").last.flatMap { $0.hasSuffix(")") ? String($0.dropLast()) : nil }
    return (answer ?? first, 1 + more)
  }

  /// `--device opencl` says in one line that the driver computes wrong numbers: in what.
  private func refusal(_ driver: Driver, _ cache: [String: Data]) throws -> String? {
    let (command, result) = try run(driver, cache, device: "opencl", arguments)
    let refusals = FaultyOpenCL.refusals(result)
    #expect(result.code == 1 && refusals.count == 1, "\(driver): \(result.errors)")
    #expect(!command.exists("model"))
    let line = refusals.first ?? ""
    for part in ["opencl:0:0 (", "update the driver", "another --device: cpu"] {
      #expect(line.contains(part), "\(driver): \(line)")
    }
    let parts = line.split(separator: "computes wrong results in ", maxSplits: 1)
    #expect(parts.count == 2, "\(driver): \(line)")
    return parts.last.flatMap { $0.split(separator: ";").first.map(String.init) }
  }

  /// `auto` says so, and trains the model that the CPU trains.
  private func autoTakesTheCPU(_ driver: Driver, _ cache: [String: Data], _ modelOfCPU: Data) throws -> Bool {
    let (command, result) = try run(driver, cache, device: "auto", arguments)
    #expect(result.code == 0, "\(driver): \(result.errors)")
    for part in ["opencl:0:0 (", "is not used: ", "computes wrong results in ", "using the CPU"] {
      #expect(result.errors.contains(part), "\(driver): \(result.errors)")
    }
    let isRight = try command.bytes("model/model.safetensors") == modelOfCPU
    #expect(isRight, "\(driver)")
    return isRight
  }

  /// `recur check` fails, names a case, and remembers it.
  private func checkNames(_ driver: Driver, _ cache: [String: Data]) throws -> Bool {
    let (command, result) = try run(driver, cache, device: "opencl", ["check", "--quick"])
    #expect(result.code == 1 && result.errors.contains(" failed: "), "\(driver): \(result.output)")
    let files = try command.files(in: "cache")
    let verdict = files.first { $0.key.hasPrefix("check-") }.map { String(decoding: $0.value, as: UTF8.self) } ?? ""
    let lines = verdict.split(separator: "\n")
    #expect(lines.count > 1 && lines.dropFirst().allSatisfy { result.errors.contains("\($0) failed: ") }, "\(driver)")
    return result.code == 1
  }

  /// What was found is remembered: of a driver that was refused, and of one that was right.
  @Test func aVerdictIsRemembered() throws {
    let (cache, _) = try right("wide")
    let driver = Driver(style: "wide", kernel: "lstmForward", isGPU: false)
    let (command, refused) = try run(driver, cache, device: "opencl", arguments)
    #expect(refused.code == 1)
    let settings = ["RECUR_OPENCL_STYLE": "wide", "FAULTY_OPENCL_COUNTS": command.path("counts")]
    let again = try command.run(arguments, environment: FaultyOpenCL.settings(settings))
    #expect(again.code == 1 && FaultyOpenCL.refusals(again) == FaultyOpenCL.refusals(refused), "\(again.errors)")
    #expect(try Counts(command)["clEnqueueNDRangeKernel"] == 0)
    // `recur check` looks anew.
    let checked = try command.run(["check", "--quick", "--only", "lstm"], environment: FaultyOpenCL.settings())
    #expect(checked.code == 0, "\(checked.errors)")
  }
}
