import Foundation
import Testing

/// The layer table and the gradient flow.
struct InspectTests {
  @Test func theTableOfALanguageModel() throws {
    let command = try Training.trained()
    let table = try command.run("inspect", "--model", "model").output
    let lines = table.split(separator: "\n").map { $0.split(separator: " ", omittingEmptySubsequences: true) }
    #expect(lines.contains { $0.first == "rnn.l0" && $0[1...].joined(separator: " ").hasPrefix("LSTM(128, 12)") })
    #expect(table.contains("[T, N, 12]") && table.contains("head.weight"))
    let object = try #require(try command.run("inspect", "--model", "model", "--json").objects().first)
    let layers = try #require(object["layers"] as? [[String: Any]])
    #expect(layers.map { $0["name"] as? String } == ["embedding", "rnn.l0", "rnn.l1", "head"])
    #expect(layers[2]["parameters"] as? Int == 4 * 12 * (12 + 12 + 2))
    #expect(layers.reduce(0) { $0 + ($1["parameters"] as? Int ?? 0) } == object["parameters"] as? Int)
  }

  @Test(arguments: [
    (
      ["--cell", "elman", "--bias", "single", "--binary"],
      [["embedding", "T, N, 6"], ["rnn.l0", "T, N, 8"], ["pooling", "N, 8"], ["head", "N, 1"]]
    ),
    (
      ["--cell", "gru", "--bidirectional", "--layers", "2", "--pooling", "attention"],
      [
        ["embedding", "T, N, 6"], ["rnn.l0", "T, N, 16"], ["rnn.l1", "T, N, 16"], ["attention", "N, 16"],
        ["head", "N, 2"],
      ]
    ),
    (
      ["--cell", "feed-forward", "--length", "9"],
      [["embedding", "N, 9, 6"], ["hidden", "N, 8"], ["head", "N, 2"]]
    ),
  ])
  func theTableOfAClassifier(options: [String], layers: [[String]]) throws {
    let command = try ClassifyTests.command()
    #expect(try command.run(ClassifyTests.arguments + ["--epochs", "1"] + options).code == 0)
    let object = try #require(try command.run("inspect", "--model", "model", "--json").objects().first)
    let found = try #require(object["layers"] as? [[String: Any]]).map {
      [$0["name"] as? String ?? "", ($0["output"] as? [String] ?? []).joined(separator: ", ")]
    }
    #expect(found == layers)
    let total = (object["layers"] as? [[String: Any]] ?? []).reduce(0) { $0 + ($1["parameters"] as? Int ?? 0) }
    #expect(total == object["parameters"] as? Int)
  }

  @Test func frozenVectorsAreNotTrainable() throws {
    let command = try ClassifyTests.command()
    try command.write("red 1 0\njoy 0 1\n", to: "vectors.txt")
    let trained = try command.run(
      "train", "classify", "--data", "data.tsv", "--model", "model", "--hidden", "4", "--epochs", "1", "--vectors",
      "vectors.txt", "--freeze-vectors")
    #expect(trained.code == 0, "\(trained.errors)")
    let object = try #require(try command.run("inspect", "--model", "model", "--json").objects().first)
    let layers = try #require(object["layers"] as? [[String: Any]])
    #expect(layers[0]["frozen"] as? Int == layers[0]["parameters"] as? Int && layers[1]["frozen"] as? Int == 0)
  }

  @Test func theFlowThroughALanguageModel() throws {
    for device in ["cpu", "opencl"] {
      let command = try Training.trained()
      let arguments = ["inspect", "--model", "model", "--gradient-flow", "--data", "text.txt", "--device", device]
      let shown = try command.run(arguments)
      #expect(shown.code == 0, "\(shown.errors)")
      #expect(shown.output.contains("factor per step") && shown.output.contains("│"))
      let result = try command.run(arguments + ["--json", "--sequence", "30", "--svg", "flow.svg"])
      let layers = try #require(try result.objects().first?["layers"] as? [[String: Any]], "\(result.errors)")
      #expect(layers.map { $0["name"] as? String } == ["rnn.l0", "rnn.l1"])
      for layer in layers {
        let norms = try #require(layer["norms"] as? [Double])
        #expect(norms.count == 30 && norms.allSatisfy { $0 > 0 && $0.isFinite })
      }
      let picture = try command.text("flow.svg")
      #expect(picture.hasPrefix("<svg"))
      for layer in 0..<3 { #expect(picture.contains("<path class=\"series\(layer)\"") == (layer < 2)) }
      #expect(isWellFormed(picture))
    }
  }

  /// An Elman network forgets: the last step's loss shows it, a sum of all steps' losses does not.
  @Test func theFlowIsOfTheLastStepsLoss() throws {
    let command = try Training.command()
    #expect(try command.run(Training.arguments("model", "--epochs", "1", "--cell", "elman")).code == 0)
    let arguments = ["inspect", "--model", "model", "--gradient-flow", "--data", "text.txt", "--sequence", "30"]
    func factor(_ loss: String) throws -> Double {
      let object = try #require(try command.run(arguments + ["--json", "--loss", loss]).objects().first)
      #expect(object["loss"] as? String == loss)
      let layers = try #require(object["layers"] as? [[String: Any]])
      return try #require(layers.last?["factor_per_step"] as? Double)
    }
    let (last, all) = (try factor("last"), try factor("all"))
    #expect(last < 0.85 && all > 0.9, "\(last), \(all)")
    #expect(try command.run(arguments).output.hasPrefix("Norm of the gradient of the last step's loss with respect to"))
    try command.run(arguments + ["--loss", "first"]).expectFault(
      "--loss: unknown value first; use last or all", code: 64)
  }

  @Test func theFlowThroughAClassifier() throws {
    let command = try ClassifyTests.command()
    let options = ["--cell", "gru", "--bidirectional", "--epochs", "1"]
    #expect(try command.run(ClassifyTests.arguments + options).code == 0)
    let result = try command.run("inspect", "--model", "model", "--gradient-flow", "--data", "data.tsv", "--json")
    let layers = try #require(try result.objects().first?["layers"] as? [[String: Any]], "\(result.errors)")
    #expect(layers.map { $0["name"] as? String } == ["rnn.l0", "rnn.l0_reverse"])
    try command.run("inspect", "--model", "model", "--gradient-flow", "--data", "data.tsv", "--loss", "all")
      .expectFault(
        "--loss: applies to language models and taggers, not to classifiers; leave it out", code: 64)
  }

  @Test func whatDoesNothingIsRefused() throws {
    let command = try Training.trained()
    for (more, line) in [
      (["--svg", "x.svg"], "--svg: it is used by --gradient-flow only; add --gradient-flow"),
      (["--loss", "all"], "--loss: it is used by --gradient-flow only; add --gradient-flow"),
      (["--data", "text.txt"], "--data: it is used by --gradient-flow only; add --gradient-flow"),
      (["--gradient-flow"], "--gradient-flow: the gradient flow needs data; add --data FILE"),
      (["--gradient-flow", "--data", "text.txt", "--labels", "x"], "--labels: "),
    ] {
      try command.run(["inspect", "--model", "model"] + more).expectFault(line, code: 64)
    }
    try command.run("inspect", "--model", "model", "--gradient-flow", "--data", "text.txt", "--svg", "none/x.svg")
      .expectFault("none/: cannot be written", code: 1)
  }

  /// Every element ends, in order.
  private func isWellFormed(_ text: String) -> Bool {
    var open: [Substring] = []
    for tag in text.split(separator: "<").map({ $0.prefix { $0 != ">" } }) where !tag.isEmpty {
      if tag.hasSuffix("/") { continue }
      let name = tag.drop { $0 == "/" }.prefix { $0 != " " }
      guard tag.hasPrefix("/") else {
        open.append(name)
        continue
      }
      guard open.popLast() == name else { return false }
    }
    return open.isEmpty
  }
}
