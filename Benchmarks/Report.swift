/// Measurements as people read them.
public enum Report {
  /// The head of the table.
  public static let header =
    "device".padded(14) + "work".padded(34) + "part".padded(10)
    + "ms".leading(10) + "fastest".leading(10) + "GF/s".leading(9) + "of peak".leading(9)

  /// One line of the table.
  public static func line(_ measurement: Measurement) -> String {
    measurement.device.padded(14) + measurement.name.padded(34) + measurement.part.padded(10)
      + measurement.milliseconds.text(3).leading(10) + measurement.fastest.text(3).leading(10)
      + measurement.gigaflops.text(1).leading(9)
      + (measurement.shareOfPeak.map { ($0 * 100).text(0) + " %" } ?? "–").leading(9)
  }
}

extension String {
  fileprivate func padded(_ width: Int) -> String { self + String(repeating: " ", count: Swift.max(1, width - count)) }
  fileprivate func leading(_ width: Int) -> String { String(repeating: " ", count: Swift.max(1, width - count)) + self }
}

extension Double {
  /// The number with a fixed count of decimals.
  fileprivate func text(_ decimals: Int) -> String {
    guard isFinite else { return "\(self)" }
    let scale = (0..<decimals).reduce(1) { scale, _ in scale * 10 }
    let digits = String(Int((magnitude * Double(scale)).rounded()))
    let padded = String(repeating: "0", count: Swift.max(0, decimals + 1 - digits.count)) + digits
    let point = decimals > 0 ? "." : ""
    return (self < 0 ? "-" : "") + padded.dropLast(decimals) + point + padded.suffix(decimals)
  }
}
