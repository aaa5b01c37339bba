import Foundation
import RecurrentCore
import Testing

@testable import RecurrentData

struct SeriesSplitTests {
  private func parts(_ text: String, steps: Int, start: Timestamp? = nil, step: TimeStep? = nil) throws -> [Range<Int>]
  {
    let split = try #require(SeriesSplit(text), "\(text)")
    #expect(SeriesSplit(split.description) == split)
    #expect(try JSONDecoder().decode(SeriesSplit.self, from: JSONEncoder().encode(split)) == split)
    let values = [Float](repeating: 0, count: steps)
    let parts = try split.parts(of: TimeSeries(id: "s", start: start, step: step, targets: [values]))
    return [parts.training, parts.validation, parts.test]
  }

  @Test func partsOfASeries() throws {
    #expect(try parts("0.7,0.1,0.2", steps: 10) == [0..<7, 7..<8, 8..<10])
    #expect(try parts("8640,2880,2880", steps: 17_420) == [0..<8640, 8640..<11_520, 11_520..<14_400])
    #expect(try parts("rest, 48, 48", steps: 100) == [0..<4, 4..<52, 52..<100])
    #expect(try parts("0.5,0.2,0.2", steps: 10) == [0..<5, 5..<7, 7..<9])
    #expect(try parts("50,rest,0", steps: 60) == [0..<50, 50..<60, 60..<60])
    #expect(try parts("2020-02,2020-04", steps: 5, start: Timestamp("2020-01"), step: .month) == [0..<1, 1..<3, 3..<5])
    #expect(try parts("2019,2020-02", steps: 5, start: Timestamp("2018-12"), step: .month) == [0..<1, 1..<5, 5..<5])
  }

  @Test func textsThatAreNoSplits() {
    for text in [
      "", "0.5", "0.5,0.6,0.2", "1,2", "rest,rest,1", "0.5,0.3,0.3", "-1,2,3", "2020-02,2019", "a,b,c", "0,0.5,0.5",
    ] {
      #expect(SeriesSplit(text) == nil, "\(text)")
    }
  }

  @Test func seriesThatCannotBeSplit() {
    func message(_ text: String, steps: Int, start: Timestamp? = nil) -> String? {
      #expect(throws: RecurrentError.self) { try parts(text, steps: steps, start: start, step: .day) }?.description
    }
    #expect(
      message("8,2,2", steps: 10)
        == "split of series s: the parts have 12 steps, the series 10; use smaller parts, fractions, or rest for one of them"
    )
    #expect(message("rest,5,5", steps: 10)?.hasPrefix("split of series s: no steps for training, of 10") == true)
    #expect(message("2019,2020", steps: 10)?.hasPrefix("split of series s: the data has no times") == true)
    #expect(
      message("2019,2020", steps: 10, start: Timestamp("2019-05"))?.hasPrefix(
        "split of series s: no steps for training, of 10 from 2019-05-01") == true)
  }
}
