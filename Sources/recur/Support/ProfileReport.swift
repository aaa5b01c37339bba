import Recurrent
import RecurrentCore

/// The profile of some training steps: a table, or a JSON object.
struct ProfileReport: Encodable {
  struct Kernel: Encodable {
    let name: String, callsPerStep: Double, microsecondsPerStep: Double, shareOfTime: Double
    let gigaflops: Double, gigabytesPerSecond: Double, shareOfLimit: Double?
  }

  struct Limits: Encodable {
    let gigaflops: Double, gigabytesPerSecond: Double
  }

  let event = "profile"
  let device: String, steps: Int, millisecondsPerStep: Double, launchesPerStep: Double
  /// The time between the calls, in which the device was idle.
  let idleMillisecondsPerStep: Double
  let limits: Limits?
  let kernels: [Kernel]
  /// The file of the timeline; nil for none.
  let trace: String?

  /// - Parameter limits: The peak rates of the device, if known.
  init(_ profile: Profile, steps: Int, device: DeviceDescription, limits: DeviceLimits?, trace: String? = nil) {
    self.device = device.identifier
    self.steps = steps
    self.trace = trace
    let count = Double(steps)
    millisecondsPerStep = profile.seconds / count * 1e3
    launchesPerStep = Double(profile.launches) / count
    idleMillisecondsPerStep = (profile.seconds - profile.busySeconds) / count * 1e3
    self.limits = limits.map { Limits(gigaflops: $0.gigaflops, gigabytesPerSecond: $0.gigabytesPerSecond) }
    kernels = profile.totals.map { total in
      Kernel(
        name: total.name, callsPerStep: Double(total.calls) / count,
        microsecondsPerStep: total.seconds / count * 1e6, shareOfTime: total.seconds / profile.seconds,
        gigaflops: total.gigaflops, gigabytesPerSecond: total.gigabytesPerSecond,
        shareOfLimit: limits?.share(flops: total.flops, bytes: total.bytes, seconds: total.seconds))
    }
  }

  /// The table.
  var text: String {
    let width = max(16, (kernels.map(\.name.count).max() ?? 0) + 2)
    let row = { (name: String, columns: [String]) in
      name.padded(to: width) + zip(columns, [8, 12, 7, 9, 9, 10]).map { $0.leading(to: $1) }.joined() + "\n"
    }
    let idle = [
      "", (idleMillisecondsPerStep * 1e3).text(1), Self.percent(idleMillisecondsPerStep / millisecondsPerStep),
    ]
    let limit = limits.map {
      "Limits of the device: \($0.gigaflops.text(0)) GF/s, \($0.gigabytesPerSecond.text(1)) GB/s of memory (caches are faster)."
    }
    return "\nProfile of \(steps.counted("step")) on \(device): \(millisecondsPerStep.text(2)) ms and "
      + "\(launchesPerStep.text(1)) launches per step\n"
      + row("", ["calls", "µs/step", "time", "GF/s", "GB/s", "of limit"])
      + kernels.map { row($0.name, $0.columns) }.joined() + row("between them", idle) + (limit.map { $0 + "\n" } ?? "")
      + (trace.map { "The timeline is in \($0), for ui.perfetto.dev or chrome://tracing.\n" } ?? "")
  }

  fileprivate static func percent(_ share: Double) -> String { (share * 100).text(share < 0.0995 ? 1 : 0) + " %" }
}

extension ProfileReport.Kernel {
  /// The columns of the table.
  fileprivate var columns: [String] {
    let rate = { (rate: Double) in rate > 0 ? rate.text(1) : "–" }
    return [
      callsPerStep.text(callsPerStep == callsPerStep.rounded() ? 0 : 1), microsecondsPerStep.text(1),
      ProfileReport.percent(shareOfTime), rate(gigaflops), rate(gigabytesPerSecond),
      shareOfLimit.map(ProfileReport.percent) ?? "–",
    ]
  }
}
