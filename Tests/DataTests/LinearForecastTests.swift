import Foundation
import Testing

@testable import RecurrentData

@Suite struct LinearForecastTests {
  /// Two channels with gaps and different lengths.
  private let channels: [[Float]] = [
    (0..<60).map { $0 == 25 ? .nan : Float(sin(Double($0) * 0.7) + 0.3 * cos(Double($0) * 2.1) + 5) },
    (0..<31).map { Float(sin(Double($0) * 0.7 + 1) - 0.2 * cos(Double($0) * 1.3)) },
  ]

  @Test func momentsAreSumsOverAllWindows() {
    let series = (0..<20).map { Double(($0 * 7) % 5) - 2 }
    var moments = WindowMoments(steps: 7, rows: 4)
    moments.add(series)
    #expect(moments.count == 14)
    for row in 0..<4 {
      for step in row..<7 {
        let sum = (0..<14).reduce(0.0) { $0 + series[$1 + row] * series[$1 + step] }
        #expect((moments.products[row * 7 + step] - sum).magnitude < 1e-12)
      }
    }
  }

  @Test func normalEquationsAreSolved() {
    var matrix: [Double] = [4, 2, 1, 2, 5, 3, 1, 3, 6]
    var right: [Double] = [5, 7, 6, 10, 16, 10]
    #expect(solveNormalEquations(&matrix, &right, unknowns: 3))
    for (value, expected) in zip(right, [1, 1, -1, 1, 3, 1] as [Double]) {
      #expect((value - expected).magnitude < 1e-12)
    }
    var singular: [Double] = [1, 1, 1, 1]
    var ones: [Double] = [1, 1]
    #expect(!solveNormalEquations(&singular, &ones, unknowns: 2))
  }

  @Test func isTheLeastSquaresFitToAllCompleteWindows() throws {
    let (window, horizon, ridge) = (4, 2, 0.1)
    let forecast = try #require(
      LinearForecast(fitting: channels.map { $0[...] }, window: window, horizon: horizon, ridge: ridge))
    var rows: [[Double]] = []
    for channel in channels {
      for start in 0...channel.count - window - horizon {
        let values = channel[start..<start + window + horizon].map { Double($0) }
        if !values.contains(where: \.isNaN) { rows.append(values.map { $0 - values[window - 1] }) }
      }
    }
    let penalty = ridge * rows.reduce(0) { $0 + $1[..<3].reduce(0) { $0 + $1 * $1 } } / 3
    // At the minimum the gradient is 0: Xᵀ · (X · W − Y) + penalty · W.
    for ahead in 0..<horizon {
      for step in 0..<3 {
        let gradient = rows.reduce(penalty * Double(forecast.weights[step * horizon + ahead])) { sum, row in
          let predicted = (0..<3).reduce(0) { $0 + row[$1] * Double(forecast.weights[$1 * horizon + ahead]) }
          return sum + row[step] * (predicted - row[window + ahead])
        }
        #expect(gradient.magnitude < 1e-4)
      }
    }
  }

  @Test func shiftsAndScalesWithTheWindow() throws {
    let forecast = try #require(LinearForecast(fitting: [channels[1][...]], window: 5, horizon: 3))
    let window: [Float] = [1, 3, 2, 5, 4]
    let (plain, moved) = (forecast(after: window[...]), forecast(after: window.map { 10 * $0 + 1000 }[...]))
    for (value, expected) in zip(moved, plain.map { 10 * $0 + 1000 }) { #expect((value - expected).magnitude < 1e-2) }
  }

  @Test func continuesALineFarOutsideTheTrainingRange() throws {
    let line = (0..<50).map { Float($0) }
    let forecast = try #require(LinearForecast(fitting: [line[...]], window: 5, horizon: 2, ridge: 1e-6))
    let next = forecast(after: [1000, 1001, 1002, 1003, 1004][...])
    #expect((next[0] - 1005).magnitude < 0.01 && (next[1] - 1006).magnitude < 0.01)
  }

  @Test func missingValuesOfAWindowCountAsThoseBefore() throws {
    let forecast = try #require(LinearForecast(fitting: [channels[1][...]], window: 4, horizon: 2))
    #expect(forecast(after: [.nan, 2, .nan, 3][...]) == forecast(after: [2, 2, 2, 3][...]))
    #expect(forecast(after: [2, 3, .nan][...]) == forecast(after: [2, 2, 3, 3][...]))
    #expect(forecast(after: [.nan][...]).map(\.isNaN) == [true, true])
  }

  @Test func fewWindowsDetermineAFitAndNoneDoNot() throws {
    let series = channels[1][..<12]
    #expect(LinearForecast(fitting: [series], window: 10, horizon: 2) != nil)
    #expect(LinearForecast(fitting: [series], window: 10, horizon: 3) == nil)
    let constant = [Float](repeating: 3, count: 9)
    let forecast = try #require(LinearForecast(fitting: [constant[...]], window: 4, horizon: 2))
    #expect(forecast(after: [1, 2][...]) == [2, 2])
    let shortest = try #require(LinearForecast(fitting: [series], window: 1, horizon: 2))
    #expect(shortest(after: [7][...]) == [7, 7])
  }

  @Test func isTheSameAfterJSON() throws {
    let forecast = try #require(LinearForecast(fitting: [channels[1][...]], window: 4, horizon: 3))
    let text = try JSONEncoder().encode(forecast)
    #expect(try JSONDecoder().decode(LinearForecast.self, from: text) == forecast)
    for wrong in [
      #"{"window": 2, "horizon": 2, "weights": "AAAAAA=="}"#, #"{"window": 0, "horizon": 1, "weights": ""}"#,
      #"{"window": 2, "horizon": 1, "weights": "AADAfw=="}"#,
    ] {
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode(LinearForecast.self, from: Data(wrong.utf8))
      }
    }
  }
}
