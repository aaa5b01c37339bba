import Foundation
import Testing

/// `recur train anomaly`, and what the commands do with its models.
struct AnomalyTests {
  private static let options = ["--hidden", "8", "--dropout", "0", "--horizon", "12", "--window", "24", "--seed", "1"]
  /// The steps of the anomaly, from 0.
  private static let anomaly = 700..<706

  /// A daily course of hours with an anomaly.
  private static let series: String = {
    let rows = (0..<900).map { step -> String in
      let (day, hour) = (step / 24 + 1, step % 24)
      let usual = 10 + 3 * sin(Double(step) * .pi / 12) + Double((step * 37) % 11) * 0.02
      let date = "2021-\(day < 32 ? "01" : "02")-" + String(format: "%02d", day < 32 ? day : day - 31)
      return "\(date) \(String(format: "%02d", hour)):00:00,\(anomaly.contains(step) ? usual + 9 : usual)"
    }
    return (["time,load"] + rows).joined(separator: "\n") + "\n"
  }()

  private func trained(_ more: String...) throws -> Command {
    let command = try Command()
    try command.write(Self.series, to: "load.csv")
    let result = try command.run(
      ["train", "anomaly", "--data", "load.csv", "--model", "model", "--epochs", "3", "--split", "0.4,0.1,0.5"]
        + Self.options + more)
    #expect(result.code == 0, "\(result.errors)")
    return command
  }

  /// The rows of CSV after the heading.
  private func rows(_ result: Command.Result) -> [[Substring]] {
    result.output.split(separator: "\n").dropFirst().map { $0.split(separator: ",", omittingEmptySubsequences: false) }
  }

  @Test func findsWhatIsPlanted() throws {
    let command = try trained()
    let all = try rows(command.run("predict", "--model", "model", "--data", "load.csv"))
    #expect(all.count == 900 && all[Self.anomaly.lowerBound][2] == "1")
    #expect(all[450..<Self.anomaly.lowerBound].allSatisfy { $0[2] == "0" })
    let highest = try #require(all.indices.max { (Double(all[$0][1]) ?? 0) < (Double(all[$1][1]) ?? 0) })
    #expect(Self.anomaly.contains(highest))
    try command.write("start,end\n2021-01-30 04:00:00,2021-01-30 09:00:00\n", to: "labels.csv")
    let report = try #require(
      command.run("evaluate", "--model", "model", "--data", "load.csv", "--labels", "labels.csv", "--json").objects()
        .first)
    #expect(report["window_recall"] as? Double == 1 && report["recall"] as? Double ?? 0 > 0)
    #expect(report["nab_standard"] as? Double ?? 0 > 95)
    #expect(report["best_window_f1"] as? Double == 1 && report["seasonal_naive_best_window_f1"] as? Double == 1)
    // Both are as clear: the model is no better.
    #expect(report["mean_distance_nab_standard"] as? Double ?? 0 > 95 && report["mean_distance_f1"] is Double)
    #expect(report["verdict"] is String)
    try command.write("start,end\n1,9\n", to: "early.csv")
    let early = try command.run("evaluate", "--model", "model", "--data", "load.csv", "--labels", "early.csv")
    #expect(early.output.contains("1 labelled anomaly, none of them in the steps that count") && early.code == 0)
    #expect(!early.output.contains("nan"))
    let windows = try rows(
      command.run("predict", "--model", "model", "--data", "load.csv", "--windows", "--svg", "x.svg"))
    #expect(windows.contains { $0[0] == "2021-01-30 04:00:00" })
    #expect(try command.text("x.svg").hasPrefix("<svg"))
  }

  @Test func aDayIsTheDefault() throws {
    let command = try Command()
    try command.write(Self.series, to: "load.csv")
    try command.write(
      Self.series.split(separator: "\n").map { $0.split(separator: ",")[1] + "\n" }.joined(), to: "steps.csv")
    let options = ["--hidden", "4", "--epochs", "1"]
    let day = try command.run(["train", "anomaly", "--data", "load.csv", "--model", "day"] + options)
    #expect(
      day.errors.contains("1 series of load, 900 steps of 1 hour, season 24: 24 steps ahead from 24,"), "\(day.errors)")
    // The season is found, the window longer; a season ahead is worth more than a validation.
    let found = try command.run(["train", "anomaly", "--data", "steps.csv", "--model", "found"] + options)
    #expect(found.errors.contains("season 24: 24 steps ahead from 96"), "\(found.errors)")
    #expect(found.errors.contains("less than the horizon of 24: there is no validation."))
    let model = try #require(
      JSONSerialization.jsonObject(with: Data(command.text("day/config.json").utf8)) as? [String: Any])
    #expect((model["shape"] as? [String: Any])?["gate_lags"] as? [Int] == [24])
  }

  @Test(arguments: [["--method", "forecast"], ["--method", "autoencoder"]])
  func aStreamHasTheSameBits(_ method: [String]) throws {
    let command = try Command()
    try command.write(Self.series, to: "load.csv")
    let options =
      method == ["--method", "autoencoder"] ? Self.options.filter { !["--horizon", "12"].contains($0) } : Self.options
    let result = try command.run(
      ["train", "anomaly", "--data", "load.csv", "--model", "model", "--epochs", "1", "--split", "0.4,0.1,0.5"]
        + options + method)
    #expect(result.code == 0, "\(result.errors)")
    let lines = Self.series.split(separator: "\n").map(String.init)
    try command.write(lines[..<200].joined(separator: "\n") + "\n", to: "history.csv")
    try command.write(lines[200..<300].joined(separator: "\n") + "\n", to: "rest.csv")
    try command.write(lines[..<300].joined(separator: "\n") + "\n", to: "whole.csv")
    let whole = try rows(command.run("predict", "--model", "model", "--data", "whole.csv"))
    let stream = try rows(
      command.run(
        ["predict", "--model", "model", "--data", "history.csv", "--stream"], under: Command.shell("exec <rest.csv")))
    #expect(stream.count == 100 && stream.map { $0.dropFirst() } == whole.suffix(100).map { $0.dropFirst() })
  }

  @Test func thresholds() throws {
    let command = try trained("--scoring", "error", "--threshold", "quantile:0.99")
    let all = try rows(command.run("predict", "--model", "model", "--data", "load.csv"))
    // One of a hundred before the test part.
    #expect((1...9).contains(all.prefix(450).count { $0[2] == "1" }))
    #expect(all[Self.anomaly.lowerBound][2] == "1")
  }

  @Test(arguments: ["forecast", "autoencoder"]) func aRunIsResumedWithTheSameBits(_ method: String) throws {
    let command = try Command()
    try command.write(Self.series, to: "load.csv")
    let options = [
      "--method", method, "--hidden", "8", "--dropout", "0", "--window", "24", "--scoring", "error", "--seed", "1",
    ]
    for (model, epochs) in [("whole", "2"), ("half", "1")] {
      let trained = try command.run(
        ["train", "anomaly", "--data", "load.csv", "--model", model, "--epochs", epochs] + options)
      #expect(trained.code == 0, "\(trained.errors)")
    }
    let resumed = try command.run("train", "anomaly", "--model", "half", "--resume", "--epochs", "2")
    #expect(resumed.code == 0, "\(resumed.errors)")
    for file in ["model.safetensors", "series.json", "detector.json", "config.json"] {
      #expect(try command.bytes("half/\(file)") == command.bytes("whole/\(file)"), "\(file)")
    }
    let whole = try command.run("predict", "--model", "whole", "--data", "load.csv")
    #expect(try command.run("predict", "--model", "half", "--data", "load.csv").output == whole.output)
    #expect(whole.output.split(separator: "\n").count == 901)
  }

  @Test func badLabelsAreRefused() throws {
    let command = try trained("--epochs", "1")
    func expectFault(_ text: String, in name: String = "labels.csv", _ fault: String) throws {
      try command.write(text, to: name)
      try command.run("evaluate", "--model", "model", "--data", "load.csv", "--labels", name)
        .expectFault(name + fault, code: 1)
    }
    try expectFault("begin,end\n1,2\n", ", line 1: has no column start; use one of")
    try expectFault("start,end\n1,soon\n", ", line 2: soon is neither a time nor the number of a step")
    try expectFault("start,end\n9,3\n", ", line 2: a window from 9 to 3")
    try expectFault("{\"load.csv\": [[1]]}", in: "labels.json", ", window 1 of load.csv: has 1 entry")
    try expectFault("{\"other.csv\": [[1, 2]]}", in: "labels.json", ": has no series of the data")
    try expectFault("[1", in: "labels.json", ": cannot be read: ")
  }
}
