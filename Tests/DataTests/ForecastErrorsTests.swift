import Testing

@testable import RecurrentData

@Suite struct ForecastErrorsTests {
  private func near(_ value: Double?, _ expected: Double) -> Bool { ((value ?? .nan) - expected).magnitude < 1e-9 }

  @Test func meansAreOverAllKnownSteps() {
    var errors = ForecastErrors(series: 1)
    errors.add([1, 2, 9][...], truth: [2, 5, .nan][...], series: 0)
    errors.add([0][...], truth: [0][...], series: 0)
    #expect(errors.count == 3)
    #expect(near(errors.meanSquared, 10.0 / 3) && near(errors.meanAbsolute, 4.0 / 3))
    #expect(near(errors.rootMeanSquared, (10.0 / 3).squareRoot()))
    #expect(ForecastErrors(series: 2).meanAbsolute.isNaN && ForecastErrors(series: 2).symmetricPercentage.isNaN)
  }

  @Test func theCompetitionsMeansAreOfSeriesFirst() {
    // Two seasons of 2: |5 − 1|, |5 − 3| and, past a gap, none.
    #expect(near(ForecastErrors.scale(of: [1, 3, 5, 5, .nan][...], season: 2), 3))
    #expect(ForecastErrors.scale(of: [1, 2][...], season: 2).isNaN)
    var errors = ForecastErrors(scales: [2, 4, 0])
    errors.add([1, 3][...], truth: [3, 3][...], series: 0)
    errors.add([10][...], truth: [30][...], series: 1)
    errors.add([0][...], truth: [0][...], series: 2)
    #expect(near(errors.meanAbsoluteScaled, (1.0 / 2 + 20.0 / 4) / 2))
    #expect(near(errors.symmetricPercentage, ((200 * 2.0 / 4 + 0) / 2 + 200 * 20.0 / 40 + 0) / 3))
    var benchmark = ForecastErrors(scales: [2, 4, 0])
    benchmark.add([1, 1][...], truth: [3, 3][...], series: 0)
    benchmark.add([10][...], truth: [30][...], series: 1)
    #expect(near(errors.overallWeightedAverage(against: benchmark), (50 / 100.0 + 2.75 / 3) / 2))
    #expect(near(errors.overallWeightedAverage(against: errors), 1))
  }

  @Test func quantilesHaveALossACoverageAndAWidth() {
    var errors = QuantileErrors(levels: [0.1, 0.5, 0.9])
    errors.add([0, 2, 4, 1, 2, 3, 5, 6, 7][...], truth: [4, 0, .nan][...])
    #expect(errors.count == 2)
    #expect(near(errors.pinballLoss(at: 0), (0.1 * 4 + 0.9 * 1) / 2))
    #expect(near(errors.pinballLoss(at: 1), (0.5 * 2 + 0.5 * 2) / 2))
    #expect(near(errors.pinballLoss(at: 2), (0 + 0.1 * 3) / 2))
    #expect(near(errors.pinballLoss, (1.3 + 2 + 0.3) / 6))
    #expect(near(errors.coverage(of: 0.8), 0.5) && near(errors.meanWidth(of: 0.8), 3))
    #expect(errors.coverage(of: 0.9) == nil)
  }

  @Test func theVerdictIsOnTheBestBaseline() {
    func text(_ error: Double) -> String? {
      Verdict(
        metric: "MAE", error: error,
        baselines: [("repeating the last value", 2), ("the seasonal naive", 1), ("the drift", .nan)])?.description
    }
    #expect(text(0.86) == "14 % better than the seasonal naive (MAE)")
    #expect(text(0.968) == "3.2 % better than the seasonal naive (MAE)")
    #expect(text(1.0001) == "no better than the seasonal naive (MAE): use that")
    #expect(text(2.5) == "150 % worse than the seasonal naive (MAE): do not use it")
    #expect(text(.nan) == nil)
    #expect(
      Verdict(metric: "MAE", error: 1, baselines: [("repeating the last value", 0)])?.description
        == "worse than repeating the last value (MAE): do not use it")
    #expect(Verdict(metric: "MAE", error: 1, baselines: []) == nil)
  }
}
