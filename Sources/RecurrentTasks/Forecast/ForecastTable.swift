import RecurrentCore
import RecurrentData

/// Forecasts as CSV and JSON: a row for each step, with the columns of the data.
struct ForecastTable {
  private let reading: ForecastReading
  private let percentages: [Int]
  private let hasIDs: Bool

  init(_ reading: ForecastReading, percentages: [Int]) {
    (self.reading, self.percentages) = (reading, percentages)
    hasIDs = reading.data.series.contains { !$0.id.isEmpty }
  }

  /// The names of the columns, in CSV.
  var heading: String {
    let format = reading.description.format
    let time = format.time.map(\.description) ?? (reading.data.step == nil ? "step" : "time")
    let bounds = percentages.flatMap { ["lower_\($0)", "upper_\($0)"] }
    let columns = reading.description.targets.flatMap { target in [target] + bounds.map { "\(target)_\($0)" } }
    return ((hasIDs ? [format.id.map(\.description) ?? "series"] : []) + [time] + columns).csv
  }

  /// The rows of a series.
  func lines(of index: Int, _ forecasts: [Forecast]) -> [PredictionLine] {
    let id = reading.data.series[index].id
    return (0..<reading.horizon).map { step in
      let time = reading.time(index, reading.origins[index] + step)
      let cells = forecasts.flatMap { forecast in
        [forecast.values[step]] + forecast.intervals.flatMap { [$0.lower[step], $0.upper[step]] }
      }
      let text = (hasIDs ? [id] : []) + [time] + cells.map { $0.isFinite ? "\($0)" : "" }
      return PredictionLine(
        text: text.csv, json: Row(series: hasIDs ? id : nil, time: time, step: step + 1, forecasts: forecasts))
    }
  }

  /// A step as JSON.
  private struct Row: Encodable {
    let series: String?
    let time: String
    let step: Int
    let forecasts: [Forecast]

    func encode(to encoder: any Encoder) throws {
      var values = encoder.container(keyedBy: NamedKey.self)
      try values.encodeIfPresent(series, forKey: NamedKey("series"))
      try values.encode(time, forKey: NamedKey("time"))
      try values.encode(step, forKey: NamedKey("step"))
      // Keys are in lower case: the name of a target is a value.
      var targets = values.nestedUnkeyedContainer(forKey: NamedKey("forecast"))
      for forecast in forecasts {
        var target = targets.nestedContainer(keyedBy: NamedKey.self)
        try target.encode(forecast.target, forKey: NamedKey("target"))
        try target.encode(forecast.values[step - 1].number, forKey: NamedKey("value"))
        for interval in forecast.intervals where interval.lower[step - 1].isFinite {
          try target.encode(interval.lower[step - 1], forKey: NamedKey("lower_\(interval.percentage)"))
          try target.encode(interval.upper[step - 1], forKey: NamedKey("upper_\(interval.percentage)"))
        }
      }
    }
  }
}

extension [String] {
  /// The line of a CSV file.
  var csv: String {
    map { cell in
      cell.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline })
        ? "\"" + cell.replacing("\"", with: "\"\"") + "\"" : cell
    }.joined(separator: ",") + "\n"
  }
}
