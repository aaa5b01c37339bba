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

  /// Tags separated by blanks; by type how many entities there are, were found, and were found rightly.
  struct Scheme: Decodable {
    let scheme: EntityScheme, isWellFormed: Bool, expected: [String], predicted: [String]
    let `default`: [String: [Int]], strict: [String: [Int]]?
  }

  let classes: [Classes], entities: [Entities], schemes: [Scheme]

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

  private static func tags(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }

  @Test func everySchemeIsCountedAsSeqevalCountsIt() throws {
    for fixture in try MetricsFixture().schemes {
      let (expected, predicted) = (fixture.expected.map(Self.tags), fixture.predicted.map(Self.tags))
      func counts(isStrict: Bool) throws -> (types: [String: [Int]], scores: EntityScores) {
        var scores = EntityScores(scheme: fixture.scheme, isStrict: isStrict)
        for (expected, predicted) in zip(expected, predicted) {
          try scores.add(expected: expected, predicted: predicted)
        }
        return (scores.types.mapValues { [$0.expected, $0.found, $0.correct] }, scores)
      }
      let (all, strict) = try (counts(isStrict: false), counts(isStrict: true))
      #expect(all.types == fixture.default, "\(fixture.scheme), \(fixture.expected), \(fixture.predicted)")
      if let due = fixture.strict { #expect(strict.types == due, "\(fixture.scheme), \(fixture.expected)") }
      // What is as the scheme has it counts in both.
      if fixture.isWellFormed {
        #expect(all.scores.overall.expected == strict.scores.overall.expected && all.scores.illFormedExpected == 0)
        #expect(EntityScheme(of: expected) == fixture.scheme, "\(fixture.expected)")
      }
      #expect(
        strict.scores.overall.found + strict.scores.illFormedFound == all.scores.overall.found, "\(fixture.predicted)")
    }
  }

  /// Two entities of two words each; conlleval.pl starts none at a `B` behind an `E` of its type, and counts one.
  @Test func entitiesOfOneTypeSideBySide() {
    for line in [
      "B-A E-A B-A E-A", "B-A L-A B-A L-A", "B-A I-A B-A I-A", "I-A I-A B-A I-A", "I-A E-A I-A E-A", "I-A E-A I-A I-A",
    ] {
      #expect(Entity.of(tags: Self.tags(line)).map(\.words) == [0..<2, 2..<4], "\(line)")
    }
    #expect(Entity.of(tags: Self.tags("S-A S-A U-A E-A E-A")).map(\.words) == (0..<5).map { $0..<$0 + 1 })
    // seqeval's strict mode misses the first one, as it says itself.
    #expect(Entity.of(tags: Self.tags("E-A I-A I-A O"), strictly: .ioe1).map(\.words) == [0..<1, 1..<3])
    #expect(Entity.of(tags: Self.tags("E-A I-B O E-A"), strictly: .ioe1).map(\.words) == [1..<2])
    #expect(Entity.of(tags: Self.tags("B-A I-A O I-A B-A"), strictly: .iob1).map(\.words) == [3..<4, 4..<5])
  }

  @Test func theSchemeIsThatOfMostEntities() {
    func scheme(_ lines: String...) -> EntityScheme? { EntityScheme(of: lines.map(Self.tags)) }
    // One B where IOB1 has I changes nothing, and one I where BIO has B does not.
    #expect(scheme("I-A I-A O", "I-B B-B O I-A", "O B-A") == .iob1)
    #expect(scheme("B-A I-A O", "B-B B-B O I-A") == .iob2)
    #expect(scheme("B-A B-A") == .iob2 && scheme("I-A O I-B") == .iob1 && scheme("O B-A O I-A") == .iob2)
    #expect(scheme("I-A E-A O E-B", "I-A O") == .ioe2 && scheme("E-A I-A O I-A", "O E-A") == .ioe1)
    #expect(scheme("B-A E-A O") == .iobes && scheme("S-A") == .iobes && scheme("U-A") == .bilou)
    #expect(scheme("B-A I-A L-A") == .bilou)
    #expect(scheme("O O") == nil && scheme() == nil)
    #expect(scheme("B-A", "Tag") == nil && scheme("B-A E-A L-A") == nil && scheme("NN VB-A") == nil)
  }

  @Test func entitiesAreWhereTagsMarkThem() throws {
    let iob = Entity.of(tags: ["I-PER", "I-PER", "B-PER", "O", "I-LOC", "I-ORG"])
    let bio = Entity.of(tags: ["B-PER", "I-PER", "B-PER", "O", "B-LOC", "B-ORG"])
    #expect(iob == bio)
    #expect(iob.map(\.type) == ["PER", "PER", "LOC", "ORG"] && iob.map(\.words) == [0..<2, 2..<3, 4..<5, 5..<6])
    #expect(Entity.of(tags: []).isEmpty && Entity.of(tags: ["O", "Tag", "X-A", "B-", "-B"]).isEmpty)
    var scores = EntityScores()
    #expect(scores.report == "processed 0 tokens with 0 phrases; found: 0 phrases; correct: 0.\n")
    #expect(throws: RecurrentError.self) { try scores.add(expected: ["O"], predicted: []) }
    try scores.add(expected: ["B-A", "I-A"], predicted: ["B-A", "O"])
    #expect(scores.overall.f1 == 0 && scores.accuracy == 0.5 && scores.types["A"]?.found == 1)
  }
}
