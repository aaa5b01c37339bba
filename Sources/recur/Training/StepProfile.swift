import Recurrent
import RecurrentCore

/// Profiles a few steps of a run: `--profile`. The first steps compile and allocate, so they are skipped.
final class StepProfile {
  private static let skipped = 3
  private static let wanted = 20

  private let device: Device
  private let profiler: any Profiler
  private var seen = 0
  private var profiled = 0
  private var isRecording = false
  private var profile: Profile?

  /// - Parameter device: The device of the run, which `profiler` records.
  init(_ device: Device, _ profiler: any Profiler) {
    self.device = device
    self.profiler = profiler
  }

  /// Must be called after each step. Work after the last step of an epoch is not training.
  func stepDone(isLastOfEpoch: Bool) throws {
    seen += 1
    if isRecording {
      profiled += 1
      if isLastOfEpoch || profiled == Self.wanted { try stop() }
    } else if profile == nil && seen >= Self.skipped && !isLastOfEpoch {
      try profiler.startProfile()
      isRecording = true
    }
  }

  private func stop() throws {
    isRecording = false
    profile = try profiler.finishProfile()
  }

  /// Must be called when the run ends in any way: prints the profile and writes the trace. An error is only reported,
  /// since it does not affect the run.
  func report(trace path: String, isJSON: Bool) {
    do {
      if isRecording { try stop() }
      guard let profile, profiled > 0 else {
        return Console.say(
          "Nothing was profiled: the first \(Self.skipped) steps are skipped, and the run or its epochs were too short."
        )
      }
      let report = ProfileReport(
        profile, steps: profiled, device: device.description, limits: try? DeviceLimits.measure(on: device),
        trace: path)
      if isJSON { try Console.put(json: report) }
      Console.tell(report.text)
      try Files.makeFolder(String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)))
      try profile.writeTrace(to: path, device: device.description)
    } catch {
      Console.say("recur: the profile is incomplete: \(error)")
    }
  }
}
