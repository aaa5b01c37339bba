import RecurrentCore
import Testing

@testable import RecurrentData

/// The series of a table given as text.
func contents(
  _ text: String, name: String = "x.csv", _ change: (inout SeriesFormat) -> Void = { _ in }
) throws -> SeriesData.Contents {
  var format = SeriesFormat()
  change(&format)
  return try SeriesData.table(Array(text.utf8), from: name, format)
}

/// Whether values are the same, with NaN for NaN.
func same(_ values: [Float], _ others: [Float]) -> Bool {
  values.map(\.bitPattern) == others.map(\.bitPattern)
}
