import RecurrentCore
import Testing

@testable import RecurrentData

@Suite struct DetectionCountsTests {
  @Test func ratesOfStepsAndOfWindows() {
    var counts = DetectionCounts()
    // Of two windows of 3 steps one is found; of three alarms one is right.
    let flagged: Set = [0, 1, 4, 5, 9]
    counts.add((0..<20).map { flagged.contains($0) }, windows: [5..<8, 12..<15])
    #expect(counts.steps == DetectionCounts.Rates(precision: 1 / 5, recall: 1 / 6))
    #expect(counts.windows == DetectionCounts.Rates(precision: 1 / 3, recall: 1 / 2))
    #expect((counts.windows.f1 - 0.4).magnitude < 1e-12)
    counts.add([true, false], windows: [0..<1])
    #expect(counts.windows == DetectionCounts.Rates(precision: 2 / 4, recall: 2 / 3))
  }

  @Test func withoutAlarmsOrWindows() {
    var counts = DetectionCounts()
    counts.add([false, false], windows: [0..<1])
    #expect(counts.steps.precision.isNaN && counts.steps.recall == 0 && counts.steps.f1 == 0)
    #expect(DetectionCounts().windows.f1.isNaN)
  }

  /// The best F1 of a curve is that of counts at each threshold.
  @Test func curvesHaveTheBestThreshold() {
    var curve = DetectionCurve()
    var random = RandomSource(seed: 7, stream: 1)
    let series = [(60, [5..<9, 20..<21, 40..<52]), (30, [0..<4]), (9, [])].map { steps, windows in
      ((0..<steps).map { _ in Float(random.integer(below: 6)) }, windows)
    }
    for (levels, windows) in series { curve.add(levels, windows: windows) }
    let counts = (1...5).map { threshold in
      var counts = DetectionCounts()
      for (levels, windows) in series { counts.add(levels.map { $0 >= Float(threshold) }, windows: windows) }
      return (threshold: Float(threshold), steps: counts.steps.f1, windows: counts.windows.f1)
    }
    let steps = counts.map(\.steps).max()
    let windows = counts.map(\.windows).max()
    #expect(curve.steps?.f1 == steps && curve.windows?.f1 == windows)
    #expect(counts.contains { $0.threshold == curve.steps?.threshold && $0.steps == steps })
    #expect(counts.contains { $0.threshold == curve.windows?.threshold && $0.windows == windows })
    #expect(DetectionCurve().steps == nil && DetectionCurve().windows == nil)
  }
}
