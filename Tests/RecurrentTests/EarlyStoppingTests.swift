import Recurrent
import Testing

@testable import RecurrentModel

/// Which epoch is the best, and when no better one came for too long.
@Suite struct EarlyStoppingTests {
  private func report(_ epoch: Int, loss: Double?, _ metrics: Metric...) -> TrainingReport {
    TrainingReport(
      kind: .epoch, epoch: epoch, batch: 1, step: epoch, loss: 1, validationLoss: loss, metrics: metrics,
      learningRate: 1, gradientNorm: nil, seconds: 1, items: 1)
  }

  /// The best epoch after each of these values, and after how many the run is over, if it is.
  private func choices(
    _ values: [Double], losses: [Double]? = nil, higherIsBetter: Bool = true, patience: Int? = nil
  ) throws -> (best: [Int], over: Int?) {
    var stopping = try EarlyStopping(metric: "measure", patience: patience)
    var (best, over): ([Int], Int?) = ([], nil)
    for (index, value) in values.enumerated() {
      let isBetter = try stopping.record(
        report(index + 1, loss: losses?[index], Metric("measure", value, higherIsBetter: higherIsBetter)))
      #expect(isBetter == (stopping.bestEpoch == index + 1))
      best.append(stopping.bestEpoch)
      if stopping.isOver && over == nil { over = index + 1 }
    }
    return (best, over)
  }

  @Test func theDirectionIsTheMetrics() throws {
    #expect(try choices([0.5, 0.7, 0.6]).best == [1, 2, 2])
    // An error: its lowest value is the best.
    let errors = try choices([3, 2, 2.5, 1, 4, 5], higherIsBetter: false, patience: 2)
    #expect(errors.best == [1, 2, 2, 4, 4, 4] && errors.over == 6)
  }

  @Test func lossIsBetterWhereItIsLower() throws {
    var stopping = try EarlyStopping(patience: 1)
    #expect(try stopping.record(report(1, loss: 2)) && stopping.record(report(2, loss: 1)))
    #expect(try !stopping.record(report(3, loss: 1)) && stopping.isOver && stopping.best == 1)
    #expect(
      message { _ = try stopping.record(report(4, loss: nil, Metric("f1", 1))) }
        == "EarlyStopping: unknown metric loss; use one of loss, f1")
  }

  @Test func ofEqualValuesTheLowerLossWins() throws {
    let ties = try choices([0.9, 0.9, 0.9, 0.8], losses: [0.5, 0.3, 0.4, 0.1], patience: 2)
    #expect(ties.best == [1, 2, 2, 2] && ties.over == 3)
  }

  /// An entity F1 is 0 until the first entity is found: no reason to give up.
  @Test func zeroAndNaNDoNotUsePatienceUp() throws {
    let late = try choices([0, 0, 0, 0.1, 0.05, 0.05], losses: [3, 2, 2.5, 1, 1, 1], patience: 2)
    #expect(late.best == [1, 2, 2, 4, 4, 4] && late.over == 6)
    let undefined = try choices([.nan, .nan, .nan, 0.2, .nan, .nan], losses: [3, 2, 1, 4, 1, 1], patience: 2)
    #expect(undefined.best == [1, 2, 3, 4, 4, 4] && undefined.over == 6)
    // An error of 0 cannot get better.
    let perfect = try choices([1, 0, 0.5, 0.5], higherIsBetter: false, patience: 2)
    #expect(perfect.best == [1, 2, 2, 2] && perfect.over == 4)
  }

  @Test func itGoesOnFromAState() throws {
    var stopping = try EarlyStopping(metric: "f1", patience: 2)
    _ = try stopping.record(report(1, loss: 2, Metric("f1", 0.5)))
    _ = try stopping.record(report(2, loss: 2, Metric("f1", 0.4)))
    var state = TrainingState(integers: ["epoch": 2])
    stopping.save(to: &state)
    var resumed = try EarlyStopping(metric: "f1", patience: 2)
    try resumed.restore(from: state)
    #expect(resumed == stopping)
    // A state of before these were kept: every epoch since the best one counts.
    for key in ["best.loss", "best.since"] { state.integers[key] = nil }
    var old = try EarlyStopping(metric: "f1", patience: 2)
    try old.restore(from: state)
    #expect(old.bestEpoch == 1 && old.best == 0.5 && old.epochsWithoutBetter == 1 && !old.isOver)
    #expect(try !old.record(report(3, loss: 1, Metric("f1", 0.5))) && old.isOver)
  }

  @Test func aMetricsUnitIsShown() {
    let metrics = [
      Metric("rmse", 1.25, unit: "°C", higherIsBetter: false), Metric("accuracy", 0.5), Metric("macro_f1", 0.25),
    ]
    var all = report(1, loss: 2)
    all.metrics = metrics
    #expect(all.validationText == ", validation loss 2.0000, rmse 1.2500 °C, accuracy 0.5000, macro-F1 0.2500")
  }
}
