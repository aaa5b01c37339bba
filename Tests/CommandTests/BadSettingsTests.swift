import Foundation
import Recurrent
import Testing

@testable import RecurrentTasks
@testable import recur

/// Settings of checkpoints in which one value is another: they are refused, or a run can use them.
struct BadSettingsTests {
  private static var values: [Any] {
    [
      NSNull(), true, -1, 0, 1, 0.5, 1e308, Int.max, Int.min, "", "x", "é", [Any](), [1], [String: Any](), ["x": -1],
    ]
  }

  @Test func text() throws {
    try check(TextTask.self, ["--tokens", "words", "--schedule", "cosine:3", "--average", "0.9"]) { _ in }
  }

  @Test func classify() throws {
    let options = [
      "--length", "9", "--class-weights", "x=2", "--patience", "2", "--schedule", "step:2:0.5", "--vocabulary", "9",
    ]
    try check(ClassifyTask.self, options) {
      _ = try $0.reading.padding()
      _ = try $0.storage.format(of: "x.tsv")
      _ = try $0.learning.classWeights?.values(["x", "y"], of: [0, 1, 1], kind: "label", option: "--class-weights")
    }
  }

  @Test func tag() throws {
    let command = try Command()
    try command.write("x 1 2\n", to: "x.txt")
    let vectors = ["--vectors", command.path("x.txt")]
    let options = ["--characters", "--crf", "--word-column", "2", "--tag-column", "1"] + vectors
    try check(TagTask.self, options) { _ = try $0.columns.format(of: "x.conll") }
    try check(TagTask.self, ["--cell", "feed-forward", "--window", "2", "--tag-weights", "O=2"]) { _ in }
  }

  @Test func anomaly() throws {
    let options = ["--scoring", "error", "--threshold", "moving:3", "--suppress", "9", "--split", "0.2,0.1,0.7"]
    try check(AnomalyTask.self, options) { _ = $0.columns.format($0.table, spacing: .rows) }
  }

  @Test func forecast() throws {
    let options = [
      "--target", "a,b", "--split", "rest,3,4", "--gate", "1,24", "--loss", "quantiles:0.1,0.5,0.9", "--season", "24",
      "--step", "15 minutes", "--patience", "2",
    ]
    try check(ForecastTask.self, options) { _ = $0.columns.format($0.table, spacing: .times) }
  }

  private func check<T: RecurrentTasks.Task>(
    _: T.Type, _ options: [String], use: (T.Options) throws -> Void
  ) throws {
    let given = try Joined<T.Options.Stopping, T.Options>.parse(options)
    let settings = try TrainingSettings(
      RunOptions.parse(["--data", "x"]), StartOptions.parse([]), given.first, given.second)
    let json = try JSONSerialization.jsonObject(with: Data(settings.json().utf8))
    let changed = variants(of: json)
    #expect(changed.count > 300)
    var used = 0
    for variant in changed {
      let text = String(
        decoding: try JSONSerialization.data(withJSONObject: variant, options: .fragmentsAllowed), as: UTF8.self)
      do {
        let settings = try TrainingSettings<T.Options>(json: text, of: T.name, from: "model")
        let again = try TrainingSettings<T.Options>(json: settings.json(), of: T.name, from: "model")
        #expect(try again.json() == settings.json())
        let rate = settings.training.schedule.make(total: 10)
        _ = [0, 1, 9, 10, 11, Int.max].map { rate($0) }
        try use(settings.options)
        used += 1
      } catch is RecurrentError {
      } catch {
        Issue.record("\(text): \(error)")
      }
    }
    #expect(used > 0 && used < changed.count)
  }

  /// The value with each part of it in turn replaced by each other value, and left out.
  private func variants(of value: Any) -> [Any] {
    guard let object = value as? [String: Any] else { return Self.values }
    var all = Self.values
    for (key, part) in object {
      all.append(object.filter { $0.key != key })
      for variant in variants(of: part) { all.append(object.merging([key: variant]) { $1 }) }
    }
    return all
  }
}
