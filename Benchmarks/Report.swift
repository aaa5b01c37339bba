import RecurrentCore

/// Measurements as a table.
package enum Report {
  /// The header of the table.
  package static let header =
    "device".padded(to: 14) + "work".padded(to: 34) + "part".padded(to: 10)
    + "ms".leading(to: 10) + "fastest".leading(to: 10) + "GF/s".leading(to: 9) + "GB/s".leading(to: 9)
    + "of peak".leading(to: 9) + "of copy".leading(to: 9)

  /// One line of the table.
  package static func line(_ measurement: Measurement) -> String {
    measurement.device.padded(to: 14) + measurement.name.padded(to: 34) + measurement.part.padded(to: 10)
      + measurement.milliseconds.text(4).leading(to: 10) + measurement.fastest.text(4).leading(to: 10)
      + rate(measurement.gigaflops) + rate(measurement.gigabytes)
      + share(measurement.shareOfPeak) + share(measurement.shareOfCopy)
  }

  private static func rate(_ value: Double?) -> String { (value?.text(1) ?? "–").leading(to: 9) }

  private static func share(_ value: Double?) -> String {
    (value.map { ($0 * 100).text(0) + " %" } ?? "–").leading(to: 9)
  }
}
