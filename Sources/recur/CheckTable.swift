import Recurrent
import RecurrentCheck

/// The results of a suite: a row per group of cases, a column per device.
struct CheckTable {
  /// The result of a group on a device.
  private struct Cell {
    var cases = 0
    var agreed = 0
    /// The largest error relative to the tolerance; nil if no case gave a number.
    var worst: Double?

    var text: String {
      "\(agreed)/\(cases)".leading(to: 9) + (worst.map { Self.percent($0) } ?? "–").leading(to: 8)
    }

    private static func percent(_ share: Double) -> String {
      share >= 10 ? "wrong" : share < 0.01 ? "< 1 %" : (100 * share).text(0) + " %"
    }
  }

  private var groups: [String] = []
  private var devices: [DeviceDescription] = []
  private var cells: [String: Cell] = [:]

  /// Counts a case; one that could not run has no result.
  mutating func add(_ result: ParityResult?, of group: String, on device: DeviceDescription) {
    if !groups.contains(group) { groups.append(group) }
    if !devices.contains(where: { $0.identifier == device.identifier }) { devices.append(device) }
    for row in [group, Self.total] {
      var cell = cells["\(device.identifier) \(row)"] ?? Cell()
      cell.cases += 1
      if result?.passed == true { cell.agreed += 1 }
      if let result {
        cell.worst = max(cell.worst ?? 0, result.error.isNaN ? .infinity : result.error / result.tolerance)
      }
      cells["\(device.identifier) \(row)"] = cell
    }
  }

  private static let total = "all"

  /// `agreed/cases` and the largest error in percent of the tolerance.
  var text: String {
    let header = [""] + devices.map(\.identifier)
    let rows = (groups + [Self.total]).map { group in
      [group] + devices.map { cells["\($0.identifier) \(group)"]?.text ?? "–" }
    }
    return ([header] + rows).map { row in
      (row[0].padded(to: 14) + row.dropFirst().map { $0.leading(to: 19) }.joined()) + "\n"
    }.joined()
  }
}
