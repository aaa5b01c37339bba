import ArgumentParser
import Recurrent
import RecurrentBenchmarks

/// `recur bench`: how fast the devices are at what recurrent networks do.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Time matrix products, cells, models' training steps and generating.",
    discussion: """
      Prints the median over the rounds, and the share of the processor's FMA peak that was measured between them. \
      --device all times every device.
      """)

  @Option(help: "Families, separated by commas: \(Bench.families.joined(separator: ", ")). (default: all but long)")
  var only: String?

  @Option(parsing: .unconditional, help: "How often each is timed.")
  var rounds = 7

  @Flag(help: "Tiny shapes, to try the program.")
  var small = false

  @Flag(help: "One JSON object a line on standard output.")
  var json = false

  @OptionGroup var options: DeviceOptions

  func run() throws {
    try require(rounds >= 1, "--rounds", rounds, "take at least 1")
    let chosen =
      only.map { $0.split(separator: ",").map(String.init) }
      ?? BenchmarkFamily.all.filter(\.isDefault).map(\.name)
    for name in chosen where !Self.families.contains(name) {
      throw RecurrentError(
        .invalidArgument, "there is no family \(name)", at: "--only",
        remedy: "take some of " + Self.families.joined(separator: ", "))
    }
    let devices = try options.openAll().map { try $0.device.get() }
    if !json { Console.put(Report.header + "\n") }
    for device in devices {
      for family in BenchmarkFamily.all where chosen.contains(family.name) {
        for benchmark in try family.benchmarks(device, small) {
          let measurement = try Measurement.of(
            benchmark, on: device, rounds: rounds, seconds: small ? 0 : 0.1)
          if json { try Console.put(json: measurement) } else { Console.put(Report.line(measurement) + "\n") }
        }
      }
    }
  }

  private static let families = BenchmarkFamily.all.map(\.name)
}
