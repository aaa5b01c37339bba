import Foundation
import Testing

/// Configurations and vocabularies of models that are damaged, hostile, of another version or of another model.
struct BadConfigurationTests {
  @Test func configurationsThatLie() throws {
    let restore = BrokenModel.restoreFile
    let model = try BrokenModel()
    let text = model.text("config.json")
    let (size, hidden) = (try #require(text.firstMatch(of: /"vocabulary_size" : \d+/)).output, "\"hidden\" : 12")
    for (old, new, line) in [
      (
        "\"format\" : 1", "\"format\" : 2",
        "has format 2 and task language-model; use the version of recur that wrote it"
      ),
      ("language-model", "music", "has format 1 and task music; use the version of recur that wrote it"),
      (hidden, "\"hidden\" : 1099511627776", "hidden is 1099511627776; use 1 to 65,536"),
      (String(size), "\"vocabulary_size\" : 1099511627776", "vocabulary_size is 1099511627776; use 1 to 16,777,216"),
      (hidden, "\"hidden\" : -1", "hidden is -1; use 1 to 65,536"),
      (hidden, "\"hidden\" : 1e300", "cannot be read: \(BrokenModel.outOfRange); \(restore)"),
      (hidden, "\"hidden\" : 12.5", "cannot be read: \(BrokenModel.outOfRange); \(restore)"),
      (hidden, "\"hidden\" : \"12\"", "cannot be read: hidden has the wrong type; \(restore)"),
      (hidden, "\"hiden\" : 12", "cannot be read: hidden is missing; \(restore)"),
      (
        hidden, "\(hidden), \"h\\u0069dden\" : 13",
        "cannot be read: it has the key \"h\\u0069dden\" more than once; \(restore)"
      ),
      ("\"lstm\"", "\"mamba\"", "cannot be read: cell has an unknown or out-of-range value; \(restore)"),
      ("}", "", "cannot be read: it is not JSON; \(restore)"),
      (
        "\"dropout\" : ", "\"dropout\" : 7",
        "LSTM: the dropout probability is 70.2; use a value from 0 to below 1"
      ),
    ] {
      #expect(text.contains(old))
      let broken = text.replacingOccurrences(of: old, with: new)
      try model.expect(
        line, of: "config.json", holding: Data(broken.utf8), readers: [BrokenModel.inspect, BrokenModel.resume])
    }
  }

  @Test func filesThatAreNoConfigurations() throws {
    let restore = BrokenModel.restoreFile
    let model = try BrokenModel()
    let text = model.text("config.json")
    let damaged = "cannot be read: it is not JSON; \(restore)"
    for count in [0, 1, text.utf8.count / 2, text.utf8.count - 2] {
      try model.expect(damaged, of: "config.json", holding: Data(text.utf8.prefix(count)))
    }
    for (bytes, line) in [
      (Data(text.utf16.flatMap { [UInt8($0), 0] }), "cannot be read: it is not UTF-8 JSON; \(restore)"),
      (
        Data(String(repeating: "[", count: 100_000).utf8),
        "cannot be read: its nesting is deeper than 512; \(restore)"
      ),
      (Data("[]".utf8), "cannot be read: it has the wrong type; \(restore)"),
      (Data("{\"model_type\":\"gpt2\"}".utf8), "cannot be read: format is missing; \(restore)"),
      (Data(count: 2 << 20), "has 2.0 MiB, more than the limit of 1.0 MiB; name another file"),
    ] {
      try model.expect(line, of: "config.json", holding: bytes, readers: [BrokenModel.generate, BrokenModel.resume])
    }
    // A mark that some editors write is no fault.
    try model.write(Data([0xEF, 0xBB, 0xBF]) + model.bytes("config.json"), to: "config.json")
    #expect(try model.command.run("inspect", "--model", "model").code == 0)
  }

  @Test func configurationsOfOtherWeights() throws {
    let model = try BrokenModel()
    let text = model.text("config.json")
    try model.write(Data(text.replacingOccurrences(of: "\"lstm\"", with: "\"elman\"").utf8), to: "config.json")
    try model.expect(
      BrokenModel.unfitTensors(
        "of another shape: rnn.weight_ih_l0 is [48, 128], not [12, 128], "
          + "rnn.weight_hh_l0 is [48, 12], not [12, 12], rnn.bias_ih_l0 is [48], not [12], rnn.bias_hh_l0 is [48], not [12], "
          + "rnn.weight_ih_l1 is [48, 12], not [12, 12], rnn.weight_hh_l1 is [48, 12], not [12, 12], "
          + "rnn.bias_ih_l1 is [48], not [12], rnn.bias_hh_l1 is [48], not [12]"), of: "model.safetensors")
    try model.write(
      Data(text.replacingOccurrences(of: "\"layers\" : 2", with: "\"layers\" : 256").utf8), to: "config.json")
    try model.expect(
      BrokenModel.unfitTensors(
        "missing: rnn.weight_ih_l2, rnn.weight_hh_l2, rnn.bias_ih_l2, "
          + "rnn.bias_hh_l2, rnn.weight_ih_l3, rnn.weight_hh_l3, rnn.bias_ih_l3, rnn.bias_hh_l3 and 1,008 more"),
      of: "model.safetensors")
  }

  @Test func vocabularies() throws {
    let model = try BrokenModel()
    let object = try JSONSerialization.jsonObject(with: model.bytes("vocabulary.json"))
    let symbols = try #require((object as? [String: Any])?["symbols"] as? [String])
    func file(_ symbols: [Any], _ more: [String: Any] = [:]) throws -> Data {
      try JSONSerialization.data(
        withJSONObject: ["tokens": "characters", "symbols": symbols].merging(more) { $1 })
    }
    for (bytes, line) in [
      (Data(model.bytes("vocabulary.json").prefix(40)), "cannot be read: it is not JSON"),
      (Data(), "cannot be read: it is not JSON"),
      (model.bytes("config.json"), "cannot be read: tokens is missing"),
      (try file(symbols.dropLast(1)), "has \(symbols.count - 1) symbols, but config.json gives \(symbols.count)"),
      (try file(symbols + [symbols[0]]), "vocabulary: symbol \(symbols.count) (\"\\n\") occurs twice"),
      (try file(symbols + ["ab"]), "vocabulary: symbol \(symbols.count) is not one character"),
      (try file(symbols, ["unknown": -1]), "vocabulary: \(symbols.count) symbols, unknown symbol -1"),
      (try file([1]), "cannot be read: symbols.Index 0 has the wrong type"),
      (Data("{\"tokens\":\"characters\",\"symbols\":[\"\\ud800\"]}".utf8), "cannot be read: \(BrokenModel.outOfRange)"),
      (
        Data("{\"tokens\":\"bytes\",\"symbols\":[]}".utf8),
        "cannot be read: tokens has an unknown or out-of-range value"
      ),
      (
        Data("{\"symbols\":\(String(repeating: "[", count: 100_000))".utf8),
        "cannot be read: its nesting is deeper than 512"
      ),
    ] {
      try model.expect(
        "\(line); \(BrokenModel.restoreFile)", of: "vocabulary.json", holding: bytes,
        readers: [BrokenModel.generate, BrokenModel.resume])
    }
  }
}
