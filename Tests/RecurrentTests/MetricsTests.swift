import Foundation
import Recurrent
import Testing

private struct MetricsFixture: Decodable {
  struct Classes: Decodable {
    let actual: [Int32], predicted: [Int32], matrix: [[Int]]
    let accuracy: Double, macroF1: Double, precision: [Double], recall: [Double], f1: [Double]
  }

  struct Entities: Decodable {
    let expected: [[String]], predicted: [[String]], report: String
  }

  let classes: [Classes], entities: [Entities]

  init() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let file = folder.appending(path: "Fixtures/metrics.json")
    self = try JSONDecoder().decode(MetricsFixture.self, from: Data(contentsOf: file))
  }
}

@Suite struct MetricsTests {
  @Test func classesAreScoredAsScikitLearnScoresThem() throws {
    for fixture in try MetricsFixture().classes {
      let labels = fixture.matrix.indices
      var matrix = ConfusionMatrix(labels: labels.map { "\($0)" })
      try matrix.add(actual: fixture.actual, predicted: fixture.predicted)
      #expect(try matrix.counts == fixture.matrix && matrix.count == fixture.actual.count)
      let scores =
        [matrix.accuracy, matrix.macroF1] + labels.map(matrix.precision) + labels.map(matrix.recall)
        + labels.map(matrix.f1)
      let due = [fixture.accuracy, fixture.macroF1] + fixture.precision + fixture.recall + fixture.f1
      #expect(zip(scores, due).allSatisfy { abs($0 - $1) < 1e-12 } && scores.count == due.count)
    }
  }

  /// As where each text is its own class by mistake: counts for each two would take 32 GiB.
  @Test func manyClassesTakeNoTable() throws {
    let classes = Array(Int32(0)..<65_536)
    var matrix = ConfusionMatrix(labels: classes.map { "\($0)" })
    try matrix.add(actual: classes, predicted: [0] + classes.dropLast())
    try matrix.add(matrix)
    #expect(matrix.count == 131_072 && matrix.accuracy == 1 / 65_536)
    #expect(abs(matrix.macroF1 - 2 / 3 / 65_536) < 1e-12)
  }

  @Test func aMatrixIsReadAsATable() throws {
    var matrix = ConfusionMatrix(labels: ["no", "yes"])
    try matrix.add(actual: [0, 0, 1, -1], predicted: [0, 1, 1, 0])
    #expect(matrix.table == "     no  yes\nno    1    1\nyes   0    1")
    #expect(
      matrix.report == """
                  precision     recall         F1   examples
        no           1.0000     0.5000     0.6667          2
        yes          0.5000     1.0000     0.6667          1
        accuracy                           0.6667          3
        macro-F1                           0.6667
        """)
    #expect(ConfusionMatrix(labels: []).macroF1 == 0 && ConfusionMatrix(labels: ["a"]).accuracy == 0)
    #expect(throws: RecurrentError.self) { try matrix.add(actual: [2], predicted: [0]) }
    #expect(throws: RecurrentError.self) { try matrix.add(actual: [0], predicted: [-1]) }
    #expect(throws: RecurrentError.self) { try matrix.add(actual: [0], predicted: []) }
  }

  @Test func manyClassesAreNumbered() throws {
    let names = (1...18).map { "language \($0)" }
    var matrix = ConfusionMatrix(labels: names)
    try matrix.add(actual: (0..<18).map { $0 }, predicted: (0..<18).map { $0 })
    try matrix.add(actual: Array(repeating: 17, count: 1200), predicted: Array(repeating: 3, count: 1200))
    let lines = matrix.table.split(separator: "\n")
    #expect(lines[0].split(separator: " ").map { Int($0) } == Array(1...18))
    #expect(lines.allSatisfy { $0.count == lines[0].count && $0.count <= 100 })
    #expect(lines[1].hasPrefix(" 1 language 1   1 ") && lines[18].hasPrefix("18 language 18  0  0  0  1,200  0 "))
  }

  @Test func entitiesAreCountedAndPrintedAsConlleval() throws {
    for fixture in try MetricsFixture().entities {
      var scores = EntityScores()
      for (expected, predicted) in zip(fixture.expected, fixture.predicted) {
        try scores.add(expected: expected, predicted: predicted)
      }
      #expect(scores.report == fixture.report)
    }
  }

  @Test func entitiesAreWhereTagsMarkThem() throws {
    let iob = Entity.of(tags: ["I-PER", "I-PER", "B-PER", "O", "I-LOC", "I-ORG"])
    let bio = Entity.of(tags: ["B-PER", "I-PER", "B-PER", "O", "B-LOC", "B-ORG"])
    #expect(iob == bio)
    #expect(iob.map(\.type) == ["PER", "PER", "LOC", "ORG"] && iob.map(\.words) == [0..<2, 2..<3, 4..<5, 5..<6])
    #expect(Entity.of(tags: []).isEmpty)
    var scores = EntityScores()
    #expect(scores.report == "processed 0 tokens with 0 phrases; found: 0 phrases; correct: 0.\n")
    #expect(throws: RecurrentError.self) { try scores.add(expected: ["O"], predicted: []) }
    try scores.add(expected: ["B-A", "I-A"], predicted: ["B-A", "O"])
    #expect(scores.overall.f1 == 0 && scores.accuracy == 0.5 && scores.types["A"]?.found == 1)
  }
}
