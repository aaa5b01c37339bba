import Recurrent
import RecurrentCore
import Testing

@testable import RecurrentModel

@Suite struct TempTests {
  @Test func chains() throws {
    for name in ["cpu", "opencl"] {
      let device = try Device.named(name)
      for (rows, k) in [(128, 2), (2500, 20), (20000, 20)] {
        let tape = Tape(device)
        var random = RandomSource(seed: 1)
        let data = (0..<rows * 3 * k).map { _ in Float(random.normal()) }
        let goals = (0..<rows).map { _ in Float(random.normal()) }
        func step() throws {
          tape.reset()
          let outputs = try tape.tensor(data, shape: [rows, 3 * k], needsGradient: true)
          let targets = try tape.tensor(goals, shape: [rows, 1])
          let logWeights = try outputs.columns(0..<k).logSoftmax()
          let means = try outputs.columns(k..<2 * k)
          let logDeviations = try outputs.columns(2 * k..<3 * k)
          let z = try (targets - means) * (-logDeviations).exp()
          try (-(logWeights - logDeviations - z * z * 0.5).logSumExp().mean()).backward()
        }
        for _ in 0..<3 { try step() }
        try device.backend.synchronize()
        var best = 1e9
        for _ in 0..<20 {
          let start = ContinuousClock.now
          for _ in 0..<5 { try step() }
          try device.backend.synchronize()
          let d = start.duration(to: .now)
          best = min(best, Double(d.components.attoseconds) / 1e15 / 5 + Double(d.components.seconds) * 1e3 / 5)
        }
        var launches = -1
        if let profiler = device.backend as? any Profiler {
          try profiler.startProfile()
          try step()
          launches = try profiler.finishProfile().launches
        }
        print("MIXTURE \(name) \(rows)x\(k): \(best) ms, \(launches) launches")
      }
    }
  }
}
