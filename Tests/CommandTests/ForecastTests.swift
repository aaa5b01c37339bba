import Foundation
import Testing

/// `recur train forecast`, and `predict`, `evaluate`, `inspect` and `run` for its models.
struct ForecastTests {
  /// Hours with a day of 12, a trend, and some noise; two variables.
  private static let table: String = {
    var random = SplitMix64(state: 3)
    let rows = (0..<500).map { step -> String in
      let noise = Double.random(in: -0.1...0.1, using: &random)
      let wave = sin(Double(step) * 2 * .pi / 12)
      let (day, hour) = (step / 24, step % 24)
      let time = "2024-01-\(day < 9 ? "0" : "")\(day + 1) \(hour < 10 ? "0" : "")\(hour):00"
      return "\(time),\(20 + 3 * wave + 0.01 * Double(step) + noise),\(5 - wave + noise)"
    }
    return "time,load,price\n" + rows.joined(separator: "\n") + "\n"
  }()

  private static func command(_ text: String = table) throws -> Command {
    let command = try Command()
    try command.write(text, to: "data.csv")
    return command
  }

  private static func train(_ more: String...) -> [String] {
    [
      "train", "forecast", "--data", "data.csv", "--model", "model", "--window", "24", "--horizon", "6", "--hidden",
      "16",
      "--batch", "16", "--epochs", "6", "--season", "12", "--learning-rate", "0.01", "--average", "0.9",
    ] + more
  }

  @Test(arguments: [
    [], ["--decoding", "direct", "--cell", "lstm"], ["--decoding", "recursive", "--layers", "2"],
    ["--loss", "quantiles", "--gate", "1,12"], ["--loss", "gaussian", "--log"],
    ["--target", "load", "--past", "price", "--calendar", "--relative", "season", "--window-scale", "deviation"],
  ])
  func learns(options: [String]) throws { try expectLearns(options, on: "cpu") }

  @Test(arguments: [[], ["--loss", "quantiles", "--gate", "1,12"]])
  func learnsOnOpenCL(options: [String]) throws { try expectLearns(options, on: "opencl") }

  private func expectLearns(_ options: [String], on device: String) throws {
    let command = try Self.command()
    let trained = try command.run(Self.train() + options + ["--device", device])
    #expect(trained.code == 0, "\(trained.errors)")
    let evaluated = try command.run("evaluate", "--model", "model", "--data", "data.csv", "--json", "--device", device)
    #expect(evaluated.code == 0, "\(evaluated.errors)")
    let report = try #require(try evaluated.objects().first)
    let value = { (key: String) in try #require(report[key] as? Double, "\(key) in \(report)") }
    // The season repeats itself but for the trend and the noise.
    #expect(try value("mse") < value("last_value_mse") / 4)
    #expect(try value("mse") < 0.3)
    #expect((0.6...1).contains(try value("coverage_80")))
    for key in ["mae", "rmse", "smape", "mase", "seasonal_naive_mse", "linear_mse", "drift_mae"] { _ = try value(key) }
  }

  @Test func selectsTheGateByValidation() throws {
    let command = try Self.command()
    var (losses, weights) = ([Double](), [Data]())
    for gate in ["none", "seasonal", "auto"] {
      let trained = try command.run(
        Self.train("--epochs", "2", "--target", "load", "--gate", gate, "--model", gate, "--json"))
      #expect(trained.code == 0, "\(trained.errors)")
      losses.append(
        try trained.objects().compactMap { $0["validation_loss"] as? Double }.min() ?? #require(nil as Double?))
      weights.append(try Data(contentsOf: command.folder.appendingPathComponent("\(gate)/model.safetensors")))
    }
    #expect(losses[0] != losses[1])
    #expect(weights[2] == weights[losses[0] < losses[1] ? 0 : 1])
    // The selected value is one of the run's options.
    let resumed = try command.run(
      "train", "forecast", "--model", "auto", "--resume", "--epochs", "3", "--gate", "auto")
    #expect(resumed.code == 0, "\(resumed.errors)")
    let blind = try command.run(Self.train("--gate", "auto", "--validation-fraction", "0", "--model", "blind"))
    #expect(blind.errors.contains("--gate: there is no validation data"), "\(blind.errors)")
  }

  @Test func aStreamGivesTheNumbersOfAFile() throws {
    let command = try Self.command()
    #expect(try command.run(Self.train("--epochs", "1", "--target", "load")).code == 0)
    let rows = Self.table.split(separator: "\n").map(String.init)
    let loads = rows.dropFirst().map { $0.split(separator: ",")[1] }.joined(separator: "\n") + "\n"
    try command.write(loads, to: "rows.txt")
    let streamed = try command.run(
      ["predict", "--model", "model", "--stream", "--json"],
      under: ["/bin/sh", "-c", "exec \"$0\" \"$@\" <rows.txt"])
    #expect(streamed.code == 0, "\(streamed.errors)")
    let answers = try streamed.objects()
    #expect(answers.count == 500)
    for origin in [499, 300] {
      try command.write(rows[...(origin + 1)].joined(separator: "\n") + "\n", to: "part.csv")
      let whole = try command.run("predict", "--model", "model", "--data", "part.csv", "--json", "--batch", "7")
      #expect(whole.code == 0, "\(whole.errors)")
      let steps = try whole.objects().map { try #require(($0["forecast"] as? [[String: Any]])?.first) }
      let answer = try #require((answers[origin]["forecast"] as? [[String: Any]])?.first)
      #expect(answer["target"] as? String == "load")
      #expect(answer["values"] as? [Double] == steps.compactMap { $0["value"] as? Double })
      for bound in ["lower_95", "upper_95", "lower_80", "upper_80"] {
        #expect(answer[bound] as? [Double] == steps.compactMap { $0[bound] as? Double }, "\(bound) after \(origin)")
      }
    }
  }

  @Test func predictionsAreATableAndAPicture() throws {
    let command = try Self.command()
    #expect(try command.run(Self.train("--epochs", "1")).code == 0)
    let result = try command.run(
      "predict", "--model", "model", "--data", "data.csv", "--horizon", "8", "--svg", "chart.svg", "--chart")
    #expect(result.code == 0, "\(result.errors)")
    let lines = result.output.split(separator: "\n").map(String.init)
    #expect(
      lines[0]
        == "time,load,load_lower_95,load_upper_95,load_lower_80,load_upper_80,"
        + "price,price_lower_95,price_upper_95,price_lower_80,price_upper_80")
    #expect(lines.count == 9)
    #expect(lines[1].hasPrefix("2024-01-21 20:00,"))
    // Beyond the trained horizon there are no intervals.
    #expect(lines[8].split(separator: ",", omittingEmptySubsequences: false).filter(\.isEmpty).count == 8)
    #expect(result.errors.contains("longer than the trained one of 6"), "\(result.errors)")
    #expect(try command.text("chart.svg").hasPrefix("<svg"))
    let earlier = try command.run("predict", "--model", "model", "--data", "data.csv", "--origin", "2024-01-10 00:00")
    #expect(earlier.output.contains("\n2024-01-10 00:00,"), "\(earlier.errors)")
    // Before the forecast.
    let nowhere = try command.run("predict", "--model", "model", "--data", "data.csv", "--svg", "none/x.svg")
    nowhere.expectFault("none/: cannot be written", code: 1)
    #expect(nowhere.output.isEmpty)
  }

  @Test func aRunIsResumedWithTheSameBits() throws {
    let command = try Self.command()
    #expect(try command.run(Self.train("--epochs", "2")).code == 0)
    let whole = try command.bytes("model/model.safetensors")
    var arguments = Self.train("--epochs", "1")
    arguments[5] = "half"
    #expect(try command.run(arguments).code == 0)
    let resumed = try command.run("train", "forecast", "--model", "half", "--resume", "--epochs", "2")
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(try command.bytes("half/model.safetensors") == whole)
    let inspected = try command.run("inspect", "--model", "half", "--gradient-flow", "--data", "data.csv")
    #expect(inspected.code == 0, "\(inspected.errors)")
  }

  /// Missing values and rows, several series, categories, covariates that go on: what people have.
  @Test func seriesWithGapsAndCategories() throws {
    var random = SplitMix64(state: 5)
    var lines = ["shop,region,day,holiday,open,sales"]
    for (shop, region) in [("a", "north"), ("b", "south")] {
      for day in 0..<90 where day % 17 != 5 {
        let date = Calendar(identifier: .gregorian).date(
          byAdding: .day, value: day, to: Date(timeIntervalSince1970: 1_700_000_000))
        let text = ISO8601DateFormatter().string(from: date ?? Date()).prefix(10)
        let sales = day >= 83 ? "" : day % 11 == 3 ? "NA" : "\(Int.random(in: 0...9, using: &random) + day % 7)"
        lines.append(
          "\(shop),\(region),\(text),\(day == 80 ? "rare" : day % 7 == 6 ? "yes" : "no"),\(day % 7 < 5 ? 1 : 0),\(sales)"
        )
      }
    }
    let command = try Self.command(lines.joined(separator: "\n") + "\n")
    let trained = try command.run([
      "train", "forecast", "--data", "data.csv", "--model", "model", "--id", "shop", "--target", "sales", "--known",
      "open",
      "--category", "holiday", "--static-category", "region", "--window", "14", "--horizon", "7", "--hidden", "8",
      "--epochs",
      "3", "--loss", "negative-binomial", "--calendar", "--split", "rest,14,14",
    ])
    #expect(trained.code == 0, "\(trained.errors)")
    #expect(trained.errors.contains("missing"), "\(trained.errors)")
    // A value of the test part is no category of the model.
    #expect(trained.errors.contains("rare of holiday is not in the training, and read as unknown"), "\(trained.errors)")
    #expect(
      try command.text("model/series.json").filter { !$0.isWhitespace }.contains("\"values\":[\"no\",\"yes\"]"))
    let evaluated = try command.run("evaluate", "--model", "model", "--data", "data.csv", "--json")
    #expect(evaluated.code == 0, "\(evaluated.errors)")
    let predicted = try command.run("predict", "--model", "model", "--data", "data.csv")
    #expect(predicted.code == 0, "\(predicted.errors)")
    #expect(predicted.output.split(separator: "\n").count == 1 + 2 * 7)
    try command.run("predict", "--model", "model", "--data", "data.csv", "--horizon", "30")
      .expectFault("open is known for 7 of the 30 steps to come of a", code: 1)
    // Covariates are needed for the steps that are asked for.
    let own = lines.filter { $0.hasPrefix("shop") || $0.hasPrefix("a") }.dropLast(4)
    try command.write(own.joined(separator: "\n") + "\n", to: "part.csv")
    let part = try command.run("predict", "--model", "model", "--data", "part.csv", "--horizon", "3")
    #expect(part.code == 0 && part.output.split(separator: "\n").count == 1 + 3, "\(part.errors)")
    #expect(part.errors.contains("what is known in advance ends before the 7 steps"), "\(part.errors)")
    let early = try command.run("predict", "--model", "model", "--data", "data.csv", "--origin", "2")
    #expect(early.code == 0, "\(early.errors)")
  }

  @Test(arguments: [
    (["--window", "700"], "data.csv: the training part has 350 steps, too few for a window of 700"),
    (["--window", "25", "--segment", "4"], "--segment: 4 does not divide the window of 25"),
    (["--target", "cost"], "data.csv"),
    (["--gate", "1,48"], "--gate: 48 steps are more than the window's 24"),
    (["--split", "400,200,100"], "split: the parts have 700 steps, the series 500"),
    (["--decoding", "recursive", "--gate", "1,12"], "--gate: recursive decoding"),
  ])
  func badOptionsAreRefused(options: [String], fault: String) throws {
    let command = try Self.command()
    try command.run(Self.train() + options).expectFault(fault, code: fault.hasPrefix("--") ? 64 : 1)
  }

  @Test func badSeriesAreRefused() throws {
    let command = try Self.command("load\n" + (0..<80).map { "\($0 % 5)\n" }.joined())
    let log = try command.run(Self.train("--log"))
    log.expectFault("data.csv: load is 0.0 at step 1; leave out --log", code: 1)
    #expect(try command.run(Self.train("--epochs", "1")).code == 0)
    let blind = try command.run(Self.train("--epochs", "1", "--validation-fraction", "0", "--model", "blind"))
    #expect(blind.errors.contains(": recur predict --model blind --data data.csv\n"), "\(blind.errors)")
    try command.run("predict", "--model", "blind", "--data", "data.csv", "--interval", "80")
      .expectFault("--interval: the model has no intervals; leave it out", code: 64)
    try command.write("load\n1\nx\n3\n", to: "bad.csv")
    try command.run("predict", "--model", "model", "--data", "bad.csv").expectFault("bad.csv, line 3", code: 1)
    try command.write("1\n2\n3\n", to: "rows.txt")
    let bad = try command.run(
      ["predict", "--model", "model", "--stream"],
      under: ["/bin/sh", "-c", "(cat rows.txt; echo 4,5,6) | exec \"$0\" \"$@\""])
    bad.expectFault("standard input, line 4: has 3 fields", code: 1)
    #expect(bad.output.split(separator: "\n").count == 4)
    try command.write("load\n1\n2\n3\n", to: "short.csv")
    let short = try command.run("predict", "--model", "model", "--data", "short.csv")
    #expect(short.code == 0 && short.errors.contains("fewer steps"), "\(short.errors)")
  }
}
