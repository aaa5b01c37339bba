import Foundation
import RecurrentCore
import RecurrentReference
import Testing

@testable import RecurrentCheck

/// The suite must see what is wrong, or it proves nothing.
@Suite struct SuiteTests {
  @Test func coveringHoldsEveryPair() {
    let levels = [6, 6, 6, 6, 2, 3, 2]
    let rows = covering(levels)
    #expect(rows.count < 60)
    for a in levels.indices {
      for b in levels.indices where b > a {
        let found = Set(rows.map { [$0[a], $0[b]] })
        #expect(found.count == levels[a] * levels[b], "factors \(a) and \(b)")
      }
    }
  }

  @Test func casesHaveNamesOfTheirOwn() {
    for size in [ParityCase.Size.quick, .full] {
      let names = ParityCase.all(size: size).map(\.name)
      #expect(Set(names).count == names.count)
    }
  }

  /// A group of cases that no suite runs would be checked by `recur check` only.
  @Test func groupsOfCasesHaveSuites() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    let run = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .filter { $0.pathExtension == "swift" }
      .flatMap { try String(contentsOf: $0, encoding: .utf8).matches(of: /parityCases\("(\w+)"\), TestDevice/) }
      .map { String($0.output.1) }
    #expect(Set(run) == Set(ParityCase.all(size: .full).map(\.operation)))
  }

  @Test func drawsReachEverything() {
    var draws = Draws("reach")
    #expect(Set((0..<1000).map { _ in draws.index(7) }) == Set(0..<7))
    #expect((0..<1000).contains { _ in draws.uniform(-1...1) > 0.9 })
  }

  @Test func rightNumbersPass() throws {
    #expect(try compare { _ in }.passed)
  }

  @Test func wrongSmallSliceFails() throws {
    let result = try compare { try $0.backend.fill(output($0).rows(1..<2), with: 0) }
    #expect(!result.passed)
  }

  @Test(arguments: [Float.nan, .infinity])
  func nonFiniteFails(value: Float) throws {
    let result = try compare { try $0.backend.fill(output($0).rows(2..<3).columns(1..<2), with: value) }
    #expect(result.error == .infinity)
  }

  @Test func writingAroundAResultFails() throws {
    let result = try compare { stage in
      let region = output(stage)
      let gap = try Region(region.buffer, offset: region.offset + region.columns, columns: 1)
      try stage.backend.fill(gap, with: 0)
    }
    #expect(result.error == .infinity)
  }

  @Test func changingAnInputFails() throws {
    let result = try compare { try $0.backend.fill($0.operands[0].region.rows(0..<1), with: 0.5) }
    #expect(result.error == .infinity)
  }

  @Test func otherBitsFail() throws {
    let (first, second) = (try stage(), try stage())
    try second.backend.fill(output(second).rows(0..<1).columns(0..<1), with: 0.25)
    var comparison = Comparison("bits")
    try comparison.requireSameBits(first, second)
    #expect(!comparison.result.passed)
  }

  private func output(_ stage: Stage) -> Region { stage.operands[1].region }

  /// A copy of four rows, the second a thousandth of the others, each a slice.
  private func stage() throws -> Stage {
    let stage = Stage(ReferenceBackend(), seed: "suite")
    let x = try stage.input(4, 3, 0.5...1)
    let y = try stage.output(4, 3, slices: 4)
    try stage.backend.copy(Copy(x, into: y))
    try stage.backend.scale(Scale(y.region.rows(1..<2), by: 1e-3, into: .set(y.region.rows(1..<2))))
    return stage
  }

  /// Compares a stage that `spoil` has spoilt with one that is right.
  private func compare(_ spoil: (Stage) throws -> Void) throws -> ParityResult {
    let (expected, found) = (try stage(), try stage())
    try spoil(found)
    var comparison = Comparison("suite")
    try comparison.compare(found, with: expected)
    return comparison.result
  }
}
