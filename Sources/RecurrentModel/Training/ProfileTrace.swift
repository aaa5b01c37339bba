import RecurrentCore
import RecurrentData

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension Profile {
  /// Writes the calls as a timeline that chrome://tracing and ui.perfetto.dev show: JSON in Chrome's trace event format,
  /// times in microseconds.
  /// - Parameters:
  ///   - path: The file.
  ///   - device: The device, for the name of the timeline.
  /// - Throws: `RecurrentError.invalidData` if the system refuses.
  package func writeTrace(to path: String, device: DeviceDescription) throws {
    let names = [
      TraceEvent(ph: "M", name: "process_name", args: .init(name: "\(device.identifier) \(device.name)")),
      TraceEvent(ph: "M", name: "thread_name", args: .init(name: "queue")),
    ]
    let events = calls.map { call in
      TraceEvent(
        ph: "X", name: call.name, cat: call.kind.rawValue, ts: call.start * 1e6, dur: call.seconds * 1e6,
        args: .init(bytes: call.bytes, flops: call.flops))
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try Files.replace(path, with: [UInt8](encoder.encode(Trace(traceEvents: names + events))))
  }
}

/// The object form of a trace.
private struct Trace: Encodable {
  let traceEvents: [TraceEvent]
  var displayTimeUnit = "ns"
}

/// An event of a trace: the name of a timeline (`M`), or a call (`X`).
private struct TraceEvent: Encodable {
  struct Arguments: Encodable {
    var name: String?
    var bytes: Int?
    var flops: Int?
  }

  let ph: String
  var pid = 1
  var tid = 1
  let name: String
  var cat: String?
  var ts: Double?
  var dur: Double?
  let args: Arguments
}
