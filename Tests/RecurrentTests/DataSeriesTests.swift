import Foundation
import Recurrent
import Testing

/// Series of numbers: standardised, and cut into windows.
struct DataSeriesTests {
  /// The numbers of scikit-learn's StandardScaler.
  @Test func standardisedAsScikitLearnDoes() throws {
    let scaler = try StandardScaler(fitting: [1, 10, 5, 2, 10, 5, 6, 40, 5], features: 3)
    #expect(scaler.means == [3, 20, 5])
    for (value, expected) in zip(scaler.deviations, [2.1602469, 14.1421356, 1] as [Float]) {
      #expect(abs(value - expected) < 1e-6)
    }
    let applied = try scaler.applied(to: [1, 10, 5, 6, 40, 7])
    for (value, expected) in zip(applied, [-0.9258201, -0.7071068, 0, 1.3887301, 1.4142136, 2] as [Float]) {
      #expect(abs(value - expected) < 1e-6)
    }
    for (value, expected) in zip(try scaler.inverted(applied), [1, 10, 5, 6, 40, 7] as [Float]) {
      #expect(abs(value - expected) < 1e-5)
    }
    #expect(try scaler.features([1]).means == [20])
    let copy = try JSONDecoder().decode(StandardScaler.self, from: JSONEncoder().encode(scaler))
    #expect(copy == scaler)
    // What rounding leaves of a constant is none.
    #expect(try StandardScaler(fitting: [0.1, 0.1, 0.1]).deviations == [1])
  }

  @Test func whatCannotBeStandardisedIsNamed() throws {
    #expect(
      message { _ = try StandardScaler(fitting: [1, 2, .nan, 4], features: 2) }
        == "StandardScaler: feature 0 of row 1 is nan; remove the row, or fill the gap")
    #expect(
      message { _ = try StandardScaler(fitting: []) } == "StandardScaler: no rows to fit; give at least one row")
    let fault = "3 values are not whole rows of 2 features"
    #expect(message { _ = try StandardScaler(fitting: [1, 2, 3], features: 2) }?.contains(fault) == true)
    let scaler = try StandardScaler(means: [0, 0], deviations: [1, 1])
    #expect(message { _ = try scaler.applied(to: [1, 2, 3]) }?.contains(fault) == true)
    #expect(message { _ = try StandardScaler(means: [0], deviations: [0]) }?.contains("above 0") == true)
    #expect(throws: (any Error).self) {
      try JSONDecoder().decode(StandardScaler.self, from: Data(#"{"means":[0],"deviations":[0]}"#.utf8))
    }
  }

  @Test func windowsHaveInputsAndTargets() throws {
    let windows = try Windows((0..<10).map { Float($0) }, steps: 3, horizon: 2)
    #expect(windows.count == 6)
    #expect(Array(windows[5].inputs) == [5, 6, 7] && Array(windows[5].targets) == [8, 9])
    let strided = try Windows((0..<12).map { Float($0) }, features: 2, steps: 2, stride: 2)
    #expect(strided.count == 2 && Array(strided[1].inputs) == [4, 5, 6, 7] && Array(strided[1].targets) == [8, 9])
    let batch = try strided.batch([1, 0])
    #expect(batch.inputs == [4, 5, 0, 1, 6, 7, 2, 3] && batch.targets == [8, 9, 4, 5])
    let tape = referenceTape()
    #expect(try batch.inputs(on: tape).shape == [2, 2, 2] && batch.targets(on: tape).shape == [1, 2, 2])
  }

  @Test func anEpochHasEveryWindowOnce() throws {
    let windows = try Windows((0..<12).map { Float($0) }, steps: 2)
    #expect(windows.batches(of: 4).map(\.batchSize) == [4, 4, 2])
    #expect(windows.batches(of: 4).flatMap(\.targets) == (2..<12).map { Float($0) })
    let epochs = (0..<2).map { epoch in windows.batches(of: 4, seed: 1, epoch: epoch).flatMap(\.targets) }
    #expect(epochs[0] != epochs[1] && epochs.allSatisfy { $0.sorted() == (2..<12).map { Float($0) } })
    #expect(windows.batches(of: 4, seed: 1).flatMap(\.targets) == epochs[0])
  }

  @Test func windowsThatDoNotFitAreNamed() {
    #expect(
      message { _ = try Windows([1, 2, 3], steps: 3) }
        == "windows: a series of 3 steps is shorter than a window of 3 + 1; use a longer series or shorter windows")
    #expect(message { _ = try Windows([1, 2, 3], steps: 0) } == "windows: steps is 0; it must be at least 1")
    #expect(
      message { _ = try Windows([1, 2, 3], features: 2, steps: 1) }?.contains("not a multiple of 2 features") == true)
  }
}
