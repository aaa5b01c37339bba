import Foundation
import Testing

@testable import recur

@Suite struct ProfileTests {
  @Test(arguments: ["cpu", "opencl"])
  func aProfileChangesNoNumber(device: String) throws {
    let command = try Training.command()
    let plain = try command.run(Training.arguments("plain", "--epochs", "1", "--device", device))
    #expect(plain.code == 0, "\(plain.errors)")
    let profiled = try command.run(
      Training.arguments("model", "--epochs", "1", "--device", device, "--profile", "--json"))
    #expect(profiled.code == 0, "\(profiled.errors)")
    #expect(try command.bytes("model/model.safetensors") == command.bytes("plain/model.safetensors"))

    let objects = try profiled.objects()
    #expect(objects.compactMap { $0["event"] as? String } == ["epoch", "profile", "done"])
    let profile = objects[1]
    #expect(profile["steps"] as? Int == 20)
    #expect(profile["launches_per_step"] as? Double ?? 0 > 10)
    #expect(profile["limits"] is [String: Any])
    let kernels = try #require(profile["kernels"] as? [[String: Any]])
    let times = kernels.compactMap { $0["microseconds_per_step"] as? Double }
    #expect(times.count == kernels.count && times == times.sorted(by: >))
    #expect(times.reduce(0, +) <= 1e3 * (profile["milliseconds_per_step"] as? Double ?? 0))
    #expect(kernels.contains { $0["name"] as? String == "lstmForward" })
    #expect(profiled.errors.contains("lstmForward") && profiled.errors.contains("between them"))

    let trace = try JSONSerialization.jsonObject(with: command.bytes("model/training/profile.json")) as? [String: Any]
    let events = try #require(trace?["traceEvents"] as? [[String: Any]]).filter { $0["ph"] as? String == "X" }
    let calls = kernels.compactMap { $0["calls_per_step"] as? Double }.reduce(0, +) * 20
    #expect(Double(events.count) == calls.rounded())
  }

  @Test func aRunThatIsTooShortSaysSo() throws {
    let command = try Training.command()
    let result = try command.run(Training.arguments("model", "--epochs", "1", "--sequence", "600", "--profile"))
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.errors.contains("Nothing was profiled"))
  }

  @Test func aTraceThatCannotBeWrittenCostsNothingElse() throws {
    let command = try Training.command()
    try FileManager.default.createDirectory(
      atPath: command.path("model/training/profile.json"), withIntermediateDirectories: true)
    let result = try command.run(Training.arguments("model", "--epochs", "1", "--profile"))
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.errors.contains("lstmForward") && result.errors.contains("model/training/profile.json"))
    #expect(result.errors.contains("Done in"))
  }
}
