import Foundation
import Recurrent
import RecurrentCore
import TestSupport
import Testing

@Suite struct ProfileTests {
  /// The mean loss of three training steps of a small model.
  private static func train(
    _ cell: NetworkConfiguration.Cell, on device: Device, afterFirst: () throws -> Void = {}
  ) throws -> Double {
    let model = try LanguageModelConfiguration(
      vocabularySize: 5, network: NetworkConfiguration(embedding: 4, cell: cell, hidden: 6)
    ).makeModel()
    let trainer = try Trainer(model, optimizer: Adam(learningRate: 0.02), clipNorm: 1, seed: 3, device: device)
    for (place, batch) in TrainerTests.batches(3).enumerated() {
      try trainer.train(on: batch)
      if place == 0 { try afterFirst() }
    }
    return try trainer.epochLoss() ?? .nan
  }

  /// The profile of two steps after one that is not looked at, and the loss.
  private static func profile(_ cell: NetworkConfiguration.Cell, on device: TestDevice) throws -> (Profile, Double) {
    try device.run { backend in
      let (device, profiler) = Device(backend).profiled()
      let loss = try train(cell, on: device) { try profiler.startProfile() }
      let profile = try profiler.finishProfile()
      #expect(try profiler.finishProfile().calls.isEmpty, "nothing is recorded once it is finished")
      return (profile, loss)
    }
  }

  @Test(arguments: TestDevice.all)
  func callsHaveTheirTimesAndDoNotOverlap(device: TestDevice) throws {
    let (profile, _) = try Self.profile(.lstm, on: device)
    let calls = profile.calls
    #expect(!calls.isEmpty)
    #expect(calls.allSatisfy { $0.start >= 0 && $0.seconds >= 0 })
    #expect(calls.allSatisfy { $0.start + $0.seconds <= profile.seconds + 1e-4 })
    // The device's clock counts nanoseconds.
    #expect(zip(calls, calls.dropFirst()).allSatisfy { $0.start + $0.seconds <= $1.start + 2e-9 })
    #expect(profile.busySeconds <= profile.seconds)
    #expect(profile.totals.reduce(0) { $0 + $1.calls } == calls.count)
    #expect(profile.launches == calls.count { $0.kind == .kernel })
  }

  @Test(arguments: TestDevice.everyTier, [NetworkConfiguration.Cell.elman, .lstm, .gru])
  func productsAndCellsSayWhatTheyCompute(device: TestDevice, cell: NetworkConfiguration.Cell) throws {
    let (profile, loss) = try Self.profile(cell, on: device)
    #expect(loss.isFinite)
    let products = profile.calls.filter { $0.name.hasPrefix("matmul") }
    let cells = profile.calls.filter { $0.name.hasPrefix(cell.rawValue) }
    #expect(!products.isEmpty && products.allSatisfy { $0.flops > 0 && $0.bytes > 0 })
    #expect(cells.contains { $0.name.contains("Forward") && $0.flops > 0 })
    #expect(cells.contains { $0.name.contains("Backward") && $0.flops > 0 })
    #expect(profile.calls.contains { $0.kind == .memory && $0.name == "upload" && $0.bytes > 0 })
  }

  @Test(arguments: TestDevice.all)
  func theNumbersStayTheSame(device: TestDevice) throws {
    let (_, loss) = try Self.profile(.gru, on: device)
    #expect(try device.run { try Self.train(.gru, on: Device($0)) } == loss)
  }

  /// One device after the other: each takes a quarter of a gigabyte.
  @Test func limitsAreMeasured() throws {
    for device in TestDevice.all {
      let limits = try device.run { backend in
        try DeviceLimits(
          gigaflops: backend.measurePeak(seconds: 0.001), gigabytesPerSecond: backend.measureBandwidth(seconds: 0.001))
      }
      #expect(limits.gigaflops > 0 && limits.gigaflops.isFinite, "\(device)")
      #expect(limits.gigabytesPerSecond > 0 && limits.gigabytesPerSecond.isFinite, "\(device)")
    }
  }

  @Test func theLimitThatBindsIsTheNearerOne() {
    let limits = DeviceLimits(gigaflops: 100, gigabytesPerSecond: 10)
    #expect(limits.share(flops: 50_000_000_000, bytes: 1_000_000_000, seconds: 1) == 0.5)
    #expect(limits.share(flops: 50_000_000_000, bytes: 8_000_000_000, seconds: 1) == 0.8)
    #expect(limits.share(flops: 1, bytes: 1, seconds: 0) == 0)
  }

  @Test func aTraceIsATimelineOfMicroseconds() throws {
    let call = { (name: String, kind: ProfiledCall.Kind, start: Double) in
      ProfiledCall(name: name, kind: kind, start: start, seconds: 0.25e-3, bytes: 12, flops: 7)
    }
    let profile = Profile(calls: [call("a \"b\"", .kernel, 0.5e-3), call("upload", .memory, 1e-3)], seconds: 2e-3)
    let path = NSTemporaryDirectory() + "trace-\(UUID().uuidString).json"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try profile.writeTrace(to: path, device: referenceTape().backend.device)
    let trace = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path))) as? [String: Any])
    let events = try #require(trace["traceEvents"] as? [[String: Any]]).filter { $0["ph"] as? String == "X" }
    #expect(events.map { $0["name"] as? String } == ["a \"b\"", "upload"])
    #expect(events.map { $0["cat"] as? String } == ["kernel", "memory"])
    #expect(events.map { $0["ts"] as? Double } == [500, 1000])
    #expect(events.allSatisfy { $0["dur"] as? Double == 250 })
    #expect((events[0]["args"] as? [String: Int]) == ["bytes": 12, "flops": 7])
  }
}
