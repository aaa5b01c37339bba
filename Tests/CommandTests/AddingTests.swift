import Foundation
import Testing

/// `recur demo adding`.
struct AddingTests {
  private static let short = ["demo", "adding", "--length", "10", "--hidden", "16", "--steps", "200", "--seeds", "1"]

  @Test func cellsSideBySide() throws {
    for device in ["cpu", "opencl"] {
      let command = try Command()
      let result = try command.run(Self.short + ["--svg", "flow.svg", "--json", "--device", device])
      #expect(result.code == 0, "\(result.errors)")
      let events = try result.objects()
      let flow = try #require(events.first?["layers"] as? [[String: Any]])
      #expect(flow.map { $0["name"] as? String } == ["Elman tanh", "IRNN", "GRU", "LSTM"])
      #expect(flow.allSatisfy { ($0["norms"] as? [Double])?.count == 10 })
      func factor(_ place: Int) -> Double { flow[place]["factor_per_step"] as? Double ?? .nan }
      // What tanh forgets the others keep.
      #expect(factor(0) < 0.65)
      for place in 1...3 { #expect(factor(place) > 0.7) }
      let done = events.filter { $0["event"] as? String == "cell" }
      #expect(done.map { $0["cell"] as? String } == ["elman", "irnn", "gru", "lstm"])
      for event in done { #expect(event["error"] as? Double ?? .nan < 0.5) }
      #expect(try command.text("flow.svg").contains("<path class=\"series0\""))
    }
  }

  @Test func aCellLearns() throws {
    let result = try Command().run(
      Self.short + ["--cells", "gru", "--steps", "1500", "--learning-rate", "0.01", "--seeds", "2"])
    #expect(result.code == 0, "\(result.errors)")
    let line = try #require(result.output.split(separator: "\n").last { $0.hasPrefix("GRU") })
    let best = line.split(separator: " ", omittingEmptySubsequences: true).dropFirst().first.flatMap { Double($0) }
    #expect(best ?? .nan < 0.01, "\(result.output)")
  }

  @Test func badOptions() throws {
    for (more, line) in [
      (["--cells", "gru,transformer"], "--cells: unknown cell transformer; use one or more of elman, irnn, gru, lstm"),
      (["--length", "1"], "--length: 1 is out of range"), (["--learning-rate", "0"], "--learning-rate: "),
    ] {
      try Command().run(Self.short + more).expectFault(line, code: 64)
    }
  }
}
