import ArgumentParser
import RecurrentData

/// The chart of predictions of series.
package struct ChartOptions: ParsableArguments {
  @Flag(inversion: .prefixedNo, help: "Draw a chart on standard error. (default: if it is a terminal)")
  package var chart: Bool?

  @Option(help: .file("SVG file to write with the chart."))
  package var svg: String?

  package init() {}

  /// Whether a chart is drawn or written.
  func isWanted(by sink: PredictionSink) -> Bool { svg != nil || (chart ?? sink.isTerminal) }

  /// - Throws: `RecurrentError.invalidData` if the file could not be written, before anything is predicted.
  func check() throws {
    if let svg { try Files.requireOutput(svg) }
  }

  /// Draws and writes a chart, as the options ask for.
  func show(_ picture: TimeChart, on sink: PredictionSink) throws {
    if let svg { try Files.replace(svg, with: Array(picture.svg().utf8)) }
    if chart ?? sink.isTerminal { sink.show(picture) }
  }

  /// The options that a stream does not have, and whether they are given.
  var given: [(name: String, isGiven: Bool)] { [("--svg", svg != nil), ("--chart", chart == true)] }
}
