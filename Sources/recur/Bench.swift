import ArgumentParser
import Recurrent
import RecurrentBenchmarks
import RecurrentCore
import RecurrentTasks

/// `recur bench`: benchmarks of the devices.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Benchmark matrix products, cells, training steps, text generation and the device itself.",
    discussion: """
      Prints the median over the rounds, and its fraction of the device's FMA peak, or of the bandwidth of a copy, both \
      measured between the rounds. --device all benchmarks every device.

      Families: character, notebook and translator are training steps of a character model, of a small sentiment model, and of an \
      encoder-decoder with attention; long has 1,000 and 10,000 time steps (2 GB of memory); elementwise has functions, sums and \
      transposed operands of 4096 × 4096 elements, beside a copy; device has launches, barriers (a thousand of \
      all work-groups, so that ms are µs per barrier), copies, upload and download; gpu has a grid of \
      cells and a product of 4096³.
      """)

  @Option(
    help: ArgumentHelp(
      "Benchmarks or families of benchmarks, separated by commas: \(Bench.families). (default: all but long, elementwise, device and gpu)",
      valueName: "names")
  )
  var only: String?

  @Option("Number of timed rounds of each benchmark.", .atLeast(1))
  var rounds = 7

  @Flag(help: "Use tiny shapes, as a test of the program.")
  var small = false

  @Flag(help: "Print the names of the benchmarks without running them.")
  var list = false

  @Flag(help: "Print one JSON object per measurement on standard output.")
  var json = false

  @Flag(help: "Print the time of each kernel for each benchmark.")
  var profile = false

  @OptionGroup(title: "Device") var options: DeviceOptions

  func run() throws {
    let works = try chosen()
    guard !list else { return Console.put(works.map { $0.name + "\n" }.joined()) }
    let devices = try options.openAll().map { try $0.device.get() }
    if !json { Console.put(Report.header + "\n") }
    var hasFailed = false
    for device in devices {
      for work in works {
        do {
          try time(work, on: device)
        } catch {
          // A size that the device cannot hold is no reason not to time the others.
          Console.say("\(device.description.identifier), \(work.name): \(error)")
          hasFailed = true
        }
      }
    }
    if hasFailed { throw ExitCode.failure }
  }

  private func time(_ work: Work, on device: Device) throws {
    let (device, profiler) = profile ? device.profiled() : (device, nil)
    try (device.backend as? any MemoryMeter)?.resetPeakMemory()
    for benchmark in try work.benchmarks(device) {
      let measurement = try Measurement.of(
        benchmark, of: work, on: device, rounds: rounds, seconds: small ? 0 : 0.1)
      if json { try Console.put(json: measurement) } else { Console.put(Report.line(measurement) + "\n") }
      if let profiler { try put(benchmark, on: device, profiler) }
    }
  }

  /// Prints the profile of some runs.
  private func put(_ benchmark: Benchmark, on device: Device, _ profiler: any Profiler) throws {
    let runs = small ? 1 : 10
    try profiler.startProfile()
    for _ in 0..<runs { try benchmark.run() }
    let report = try ProfileReport(
      profiler.finishProfile(), steps: runs, device: device.description, limits: DeviceLimits.measure(on: device))
    if json { try Console.put(json: report) } else { Console.put(report.text + "\n") }
  }

  /// The benchmarks that `--only` names, in the order of the families.
  private func chosen() throws -> [Work] {
    guard let only else { return BenchmarkFamily.all.filter(\.isDefault).flatMap { $0.works(small) } }
    let names = only.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let all = BenchmarkFamily.all.flatMap { family in family.works(small).map { (family: family.name, work: $0) } }
    for name in names where !all.contains(where: { $0.family == name || $0.work.name == name }) {
      throw RecurrentError(
        .invalidArgument, "unknown benchmark '\(name)'", at: "--only",
        remedy: "use one or more of \(Self.families), or a name that --list prints")
    }
    var taken = Set<String>()
    return all.filter { names.contains($0.family) || names.contains($0.work.name) }.map(\.work)
      .filter { taken.insert($0.name).inserted }
  }

  private static let families = BenchmarkFamily.all.map(\.name).joined(separator: ", ")
}
