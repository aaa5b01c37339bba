import Foundation
import Testing

/// `recur demo translate`.
struct TranslateDemoTests {
  @Test(arguments: [("reverse", "cpu"), ("dates", "opencl")])
  func reportsExactMatches(kind: String, device: String) throws {
    let result = try Command().run(
      "demo", "translate", "--kind", kind, "--steps", "12", "--device", device, "--json")
    #expect(result.code == 0, "\(result.errors)")
    let events = try result.objects()
    let losses = events.filter { $0["event"] as? String == "steps" }.compactMap { $0["loss"] as? Double }
    #expect(losses.count == 4 && losses.last ?? .nan < losses[0], "\(losses)")
    let done = try #require(events.last)
    #expect(done["event"] as? String == "done" && done["kind"] as? String == kind)
    #expect((0...1).contains(done["exact"] as? Double ?? .nan) && done["pairs"] as? Int == 1000)
    #expect(result.errors.contains(" % of 1,000 other pairs are exact.") && result.errors.contains("</s> "))
  }

  /// In `make test-all`: an unoptimized run takes minutes.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["RECUR_TESTS"] == "all"))
  func learnsDates() throws {
    let result = try Command().run(
      "demo", "translate", "--kind", "dates", "--time-limit", "250", "--json", environment: ["RECUR_THREADS": ""])
    #expect(result.code == 0, "\(result.errors)")
    #expect(try result.objects().last?["exact"] as? Double ?? 0 >= 0.995)
  }

  @Test func badOptions() throws {
    for (more, line) in [
      (["--kind", "french"], "--kind: unknown value french; use reverse, sort or dates"),
      (["--steps", "0"], "--steps: 0 is out of range"), (["--time-limit", "0"], "--time-limit: 0 is out of range"),
    ] {
      try Command().run(["demo", "translate"] + more).expectFault(line, code: 64)
    }
  }
}
