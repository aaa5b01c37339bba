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
}
