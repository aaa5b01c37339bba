import Testing

@testable import recur

/// The pairs of `recur demo translate` follow their rules.
struct PairProblemTests {
  @Test(arguments: PairProblem.allCases) func pairsFollowTheRule(_ problem: PairProblem) {
    let pairs = problem.pairs(2000, seed: 3)
    #expect(pairs.count == 2000 && Set(pairs.map(\.source)).count == 2000)
    #expect(pairs == problem.pairs(2000, seed: 3))
    #expect(pairs != problem.pairs(2000, seed: 4))
    for pair in pairs {
      let (source, target) = (pair.source.split(separator: " "), pair.target.split(separator: " "))
      switch problem {
      case .reverse: #expect(source.reversed() == target)
      case .sort: #expect(source.sorted() == target)
      case .dates:
        let parts = pair.target.split(separator: "-").compactMap { Int($0) }
        #expect(parts.count == 3 && (1950...2049).contains(parts[0]) && pair.target.count == 10)
        // The day is a number of the source, and the year too, or its last two digits.
        let numbers = pair.source.split { !("0"..."9").contains($0) }.compactMap { Int($0) }
        #expect(numbers.contains(parts[2]) && (numbers.contains(parts[0]) || numbers.contains(parts[0] % 100)))
      }
      if problem != .dates { #expect((1...20).contains(source.count)) }
    }
  }

  @Test func datesAreWrittenInAllWays() {
    // 2019-03-03 and 1951-12-11.
    for (days, written) in [
      (
        17_958,
        [
          "march 3, 2019", "3 march 2019", "mar 3, 2019", "3-mar-2019", "sunday, march 3rd, 2019",
          "the 3rd of march 2019", "3/3/2019", "3.3.2019", "mar 3 '19",
        ]
      ),
      (
        -6596,
        [
          "december 11, 1951", "11 december 1951", "dec 11, 1951", "11-dec-1951", "tuesday, december 11th, 1951",
          "the 11th of december 1951", "12/11/1951", "11.12.1951", "dec 11 '51",
        ]
      ),
    ] { #expect(WrittenDate.forms.map { $0(WrittenDate(days: days)) } == written) }
  }
}
