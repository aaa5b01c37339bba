import Foundation
import Recurrent
import RecurrentCore
import Testing

/// `generate`, `evaluate`, `inspect`, `run`: what a trained folder is for.
struct ModelCommandTests {
  @Test func generatesTheSameForTheSameSeed() throws {
    let command = try Training.trained()
    let arguments = [
      "generate", "--model", "model", "--prompt", "mon, ", "--length", "40", "--top-k", "9", "--top-p", "0.9",
    ]
    func text(_ more: String...) throws -> String {
      let result = try command.run(arguments + more)
      #expect(result.code == 0)
      return result.output
    }
    let first = try text("--seed", "1")
    #expect(first.hasPrefix("mon, "))
    #expect(first.unicodeScalars.count == 5 + 40 + 1)
    #expect(try text("--seed", "1") == first)
    #expect(try text("--seed", "2") != first)
    let object = try command.run(arguments + ["--seed", "1", "--json"]).objects()
    #expect("mon, " + (object.first?["text"] as? String ?? "") + "\n" == first)
  }

  @Test func suggestsTheLikeliestWords() throws {
    let command = try Training.trained()
    let arguments = ["generate", "--model", "model", "--prompt", "mon, r", "--suggestions", "4"]
    func suggestions(_ more: [String]) throws -> [(text: String, probability: Double)] {
      let result = try command.run(arguments + more + ["--json"])
      let object = try #require(try result.objects().first, "\(result.errors)")
      #expect(object["prompt"] as? String == "mon, r")
      return try (object["suggestions"] as? [[String: Any]] ?? []).map { suggestion in
        let text = try #require(suggestion["text"] as? String)
        #expect(text.hasSuffix(suggestion["continuation"] as? String ?? "-"))
        return (text, try #require(suggestion["probability"] as? Double))
      }
    }
    for more in [[], ["--length", "2"]] {
      let found = try suggestions(more)
      #expect(found.count == 4 && found.reduce(0) { $0 + $1.probability } <= 1.001)
      #expect(zip(found, found.dropFirst()).allSatisfy { $0.probability >= $1.probability })
      #expect(found.allSatisfy { more.isEmpty ? $0.text.hasPrefix("r") : $0.text.unicodeScalars.count == 2 })
      let lines = try command.run(arguments + more).output.split(separator: "\n")
      #expect(lines == found.map { "\($0.probability.text(4))\t\($0.text.withoutControls)" }.map { $0[...] })
      let onOpenCL = try suggestions(more + ["--device", "opencl"])
      #expect(onOpenCL.map(\.text) == found.map(\.text))
      for (one, other) in zip(onOpenCL, found) { #expect(abs(one.probability - other.probability) < 1e-4) }
    }
    for (option, value) in [("--temperature", "0.8"), ("--top-k", "3"), ("--top-p", "0.5"), ("--seed", "0")] {
      try command.run(arguments + [option, value]).expectFault(
        "\(option): with --suggestions nothing is sampled; leave it out", code: 64)
    }
    try command.run(arguments + ["--suggestions", "0"]).expectFault("--suggestions: 0 is out of range", code: 64)
    try command.run(arguments + ["--no-unknown"]).expectFault(
      "--no-unknown: the model's vocabulary has no <unk>; leave it out", code: 64)
    try command.run(arguments + ["--prompt", "é"]).expectFault("--prompt: the character", code: 1)
  }

  @Test func evaluatesAndInspects() throws {
    let command = try Training.trained()
    let evaluation = try command.run("evaluate", "--model", "model", "--data", "text.txt", "--json").objects()
    let loss = try #require(evaluation.first?["loss"] as? Double)
    let perplexity = try #require(evaluation.first?["perplexity"] as? Double)
    #expect(loss.isFinite && abs(perplexity - exp(loss)) < 1e-9 * perplexity)
    #expect(evaluation.first?["tokens"] as? Int ?? 0 > 3000)
    let inspection = try command.run("inspect", "--model", "model", "--json").objects()
    let tensors = try #require(inspection.first?["tensors"] as? [[String: Any]])
    #expect(tensors.contains { $0["name"] as? String == "rnn.weight_ih_l1" && $0["shape"] as? [Int] == [48, 12] })
    #expect(tensors.reduce(0) { $0 + ($1["count"] as? Int ?? 0) } == inspection.first?["parameters"] as? Int)
    #expect(try command.run("inspect", "--model", "model").output.contains("head.bias"))
    let arguments = ["evaluate", "--model", "model"]
    try command.run(arguments).expectFault("--data: is missing; name a file", code: 64)
    try command.run(arguments + ["--dta", "text.txt"]).expectFault(
      "Unknown option '--dta'. Did you mean '--data'?", code: 64)
  }

  @Test func runsTensorsInPieces() throws {
    let command = try Training.trained()
    let tokens = (0..<24).map { Int32($0 % 7) }
    let piece = { (tokens: ArraySlice<Int32>) in
      try SafetensorsTensor(integers: Array(tokens), shape: [tokens.count / 2, 2])
    }
    try Safetensors(["tokens": piece(tokens[...])]).write(to: command.path("all"))
    try Safetensors(["tokens": piece(tokens[..<10])]).write(to: command.path("one"))
    let run = { (input: String, output: String) in
      let result = try command.run("run", "--model", "model", "--input", input, "--output", output)
      #expect(result.code == 0, "\(result.errors)")
      return try Safetensors(contentsOf: command.path(output))
    }
    let all = try run("all", "all.out")
    var rest = try run("one", "one.out")
    rest.tensors["logits"] = nil
    rest.tensors["tokens"] = try piece(tokens[10...])
    try rest.write(to: command.path("two"))
    let last = try run("two", "two.out")
    #expect(all.tensors["logits"]?.shape[..<2] == [12, 2])
    let logits = try (#require(all.tensors["logits"]).floats(), #require(last.tensors["logits"]).floats())
    // Sums of 12 products of numbers below 1: a few ulps.
    for (a, b) in zip(logits.0.suffix(logits.1.count), logits.1) { #expect(abs(a - b) <= 1e-6) }
    try Safetensors(["x": SafetensorsTensor([1], shape: [1])]).write(to: command.path("bad"))
    #expect(try command.run("run", "--model", "model", "--input", "bad", "--output", "bad.out").code == 1)
    #expect(!command.exists("bad.out"))
  }

  @Test func listsDevices() throws {
    let command = try Command()
    let devices = try command.run("devices", "--json").objects()
    #expect(devices.first?["device"] as? String == "cpu")
    #expect(devices.last?["device"] as? String == "reference")
    let one = try command.run("devices", "--json", "--device", "cpu").objects()
    #expect(one.map { $0["device"] as? String } == ["cpu"])
    #expect(try command.run("--version").output == recurVersion + "\n")
  }

  @Test func inputsThatAreNoTokensAreRefusedByName() throws {
    let command = try Training.trained()
    func refusal(_ input: String) throws -> String {
      let result = try command.run("run", "--model", "model", "--input", input, "--output", "out")
      #expect(result.code == 1)
      #expect(!command.exists("out"))
      return result.errors
    }
    #expect(
      try refusal("text.txt")
        == "recur: text.txt: is not a safetensors file, or is truncated; restore it, or name another file\n")
    try Safetensors(["tokens": SafetensorsTensor([1, 2], shape: [2])]).write(to: command.path("floats"))
    let floats = try refusal("floats")
    #expect(
      floats.hasPrefix("recur: floats, tensor tokens: has elements of F32") && floats.contains("I64"), "\(floats)")
    let large = try Safetensors(["tokens": SafetensorsTensor(integers: [1, 999], shape: [2])])
    try large.write(to: command.path("large"))
    #expect(try refusal("large").hasPrefix("recur: large: index 999"))
    try Safetensors(["tokens": SafetensorsTensor(integers: [1, -1, 2, -7], shape: [2, 2])])
      .write(to: command.path("negative"))
    #expect(
      try refusal("negative")
        == "recur: negative, tensor tokens: token -7 at step 1 of row 1 is negative; use tokens from 0, or -1 for padding\n"
    )
    try command.write(Data(large.serialized().dropLast(3)), to: "cut")
    #expect(try refusal("cut").hasPrefix("recur: cut: is truncated"))
  }

  @Test func statesThatDoNotFitAreRefusedByName() throws {
    let command = try Training.trained()
    func run(_ more: [String: SafetensorsTensor]) throws -> Command.Result {
      let tokens = try SafetensorsTensor(integers: [1, -1, 2, 3], shape: [2, 2])
      try Safetensors(more.merging(["tokens": tokens]) { $1 }).write(to: command.path("in"))
      return try command.run("run", "--model", "model", "--input", "in", "--output", "out")
    }
    func state(_ shape: [Int] = [2, 2, 12], with value: Float = 0) throws -> SafetensorsTensor {
      try SafetensorsTensor([value] + [Float](repeating: 0, count: shape.reduce(1, *) - 1), shape: shape)
    }
    #expect(try run(["state.h": state(), "state.c": state()]).code == 0)
    try command.remove("out")
    for (more, line) in try [
      (["h0": state()], "in: has unexpected tensors: h0; this model reads tokens, state.h, state.c"),
      (["state.h": state()], "in: has an incomplete state: state.c is missing; store state.h, state.c"),
      (
        ["state.h": state([2, 1, 12]), "state.c": state()],
        "in, tensor state.h: has the shape [2, 1, 12]; make it [layers, N, hidden], [2, 2, 12]"
      ),
      (
        ["state.h": state(), "state.c": state(with: .nan)],
        "in, tensor state.c: has non-finite values: 1 of 48; store finite numbers"
      ),
      (
        ["state.h": state(with: -.infinity), "state.c": state()],
        "in, tensor state.h: has non-finite values: 1 of 48; "
      ),
    ] {
      try run(more).expectFault(line, code: 1)
      #expect(!command.exists("out"))
    }
  }

  @Test func namesWhatIsKnownOfDevices() throws {
    let command = try Command()
    let devices = try command.run("devices", "--json").objects()
    #expect(devices.first?["check"] as? String == "unchecked")
    #expect(devices.last?["check"] as? String == "oracle")
    #expect(devices.allSatisfy { $0["check_text"] is String })
  }

  @Test func checksADevice() throws {
    let command = try Command()
    let result = try command.run("check", "--quick", "--only", "matmul", "--device", "cpu", "--json")
    #expect(result.code == 0, "\(result.errors)")
    #expect(try result.objects().last?["failed"] as? Int == 0)
  }

  /// In `make test-all`; the demonstration adding learns in every run of the tests.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["RECUR_TESTS"] == "all"))
  func theDemoLearnsItsRules() throws {
    let command = try Command()
    let result = try command.run(
      "demo", "--seed", "0", "--time-limit", "250", "--json", environment: ["RECUR_THREADS": ""])
    #expect(result.code == 0, "\(result.errors)")
    let done = try #require(try result.objects().last)
    #expect(done["valid_share"] as? Double ?? 0 >= 0.95)
    #expect(done["lines"] as? Int == 200)
  }

  @Test func theDemoReportsItsShare() throws {
    let command = try Command()
    let result = try command.run("demo", "--steps", "30", "--json")
    #expect(result.code == 0, "\(result.errors)")
    let done = try #require(try result.objects().last)
    #expect(done["event"] as? String == "done")
    #expect((0...1).contains(done["valid_share"] as? Double ?? .nan))
    #expect(done["seconds"] as? Double ?? 0 > 0)
  }
}
