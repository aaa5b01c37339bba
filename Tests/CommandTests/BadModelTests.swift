import Foundation
import Recurrent
import Testing

/// Model folders that are damaged, foreign, hostile or of another version: one line that says where, what, and what to do.
struct BadModelTests {
  private static let unfit = "a number is out of range or not whole, or a string is not Unicode"
  private static let restore = "restore the file that was saved with the model"

  @Test func configurations() throws {
    let model = try BrokenModel()
    let text = model.text("config.json")
    let (size, hidden) = (try #require(text.firstMatch(of: /"vocabulary_size" : \d+/)).output, "\"hidden\" : 12")
    for (old, new, line) in [
      (
        "\"format\" : 1", "\"format\" : 2",
        "is of format 2 and task language-model; use the version of recur that wrote it"
      ),
      ("language-model", "translation", "is of format 1 and task translation; use the version of recur that wrote it"),
      (hidden, "\"hidden\" : 1099511627776", "hidden is 1099511627776; take 1 to 65,536"),
      (String(size), "\"vocabulary_size\" : 1099511627776", "vocabulary_size is 1099511627776; take 1 to 16,777,216"),
      (hidden, "\"hidden\" : -1", "hidden is -1; take 1 to 65,536"),
      (
        hidden, "\"hidden\" : 1e300",
        "cannot be read: \(Self.unfit); \(Self.restore)"
      ),
      (
        hidden, "\"hidden\" : 12.5",
        "cannot be read: \(Self.unfit); \(Self.restore)"
      ),
      (hidden, "\"hidden\" : \"12\"", "cannot be read: hidden is of another type; \(Self.restore)"),
      (hidden, "\"hiden\" : 12", "cannot be read: hidden is missing; \(Self.restore)"),
      (
        hidden, "\(hidden), \"h\\u0069dden\" : 13",
        "cannot be read: it has the key \"h\\u0069dden\" twice; \(Self.restore)"
      ),
      ("\"lstm\"", "\"mamba\"", "cannot be read: cell has a value that is unknown or out of range; \(Self.restore)"),
      ("}", "", "cannot be read: it is not JSON; \(Self.restore)"),
      (
        "\"dropout\" : ", "\"dropout\" : 7",
        "LSTM: a dropout probability of 70.2; take one from 0 up to, but not including, 1"
      ),
    ] {
      #expect(text.contains(old))
      let broken = text.replacingOccurrences(of: old, with: new)
      try model.expect(
        line, of: "config.json", holding: Data(broken.utf8), readers: [BrokenModel.readers[2], BrokenModel.resume])
    }
    let damaged = "cannot be read: it is not JSON; \(Self.restore)"
    for count in [0, 1, text.utf8.count / 2, text.utf8.count - 2] {
      try model.expect(damaged, of: "config.json", holding: Data(text.utf8.prefix(count)))
    }
    for (bytes, line) in [
      (Data(text.utf16.flatMap { [UInt8($0), 0] }), "cannot be read: it is not JSON of UTF-8; \(Self.restore)"),
      (
        Data(String(repeating: "[", count: 100_000).utf8),
        "cannot be read: it nests more than 512 deep; \(Self.restore)"
      ),
      (Data("[]".utf8), "cannot be read: it is of another type; \(Self.restore)"),
      (Data("{\"model_type\":\"gpt2\"}".utf8), "cannot be read: format is missing; \(Self.restore)"),
      (Data(count: 2 << 20), "has 2.0 MiB, more than the 1.0 MiB that such a file may; name another file"),
    ] {
      try model.expect(line, of: "config.json", holding: bytes, readers: [BrokenModel.readers[0], BrokenModel.resume])
    }
    // A mark that some editors write is no fault.
    try model.write(Data([0xEF, 0xBB, 0xBF]) + model.bytes("config.json"), to: "config.json")
    #expect(try model.command.run("inspect", "--model", "model").code == 0)
  }

  @Test func configurationsOfOtherWeights() throws {
    let model = try BrokenModel()
    let text = model.text("config.json")
    let remedy = "load a file that was saved from a model of the same configuration"
    try model.write(Data(text.replacingOccurrences(of: "\"lstm\"", with: "\"elman\"").utf8), to: "config.json")
    try model.expect(
      "LanguageModel: the tensors do not fit the model: of another shape: rnn.weight_ih_l0 is [48, 128], not [12, 128], "
        + "rnn.weight_hh_l0 is [48, 12], not [12, 12], rnn.bias_ih_l0 is [48], not [12], rnn.bias_hh_l0 is [48], not [12], "
        + "rnn.weight_ih_l1 is [48, 12], not [12, 12], rnn.weight_hh_l1 is [48, 12], not [12, 12], "
        + "rnn.bias_ih_l1 is [48], not [12], rnn.bias_hh_l1 is [48], not [12]; \(remedy)", of: "model.safetensors")
    try model.write(
      Data(text.replacingOccurrences(of: "\"layers\" : 2", with: "\"layers\" : 256").utf8), to: "config.json")
    try model.expect(
      "LanguageModel: the tensors do not fit the model: missing: rnn.weight_ih_l2, rnn.weight_hh_l2, rnn.bias_ih_l2, "
        + "rnn.bias_hh_l2, rnn.weight_ih_l3, rnn.weight_hh_l3, rnn.bias_ih_l3, rnn.bias_hh_l3 and 1,008 more; \(remedy)",
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
      (
        try file(symbols.dropLast(1)),
        "has \(symbols.count - 1) symbols where config.json says \(symbols.count)"
      ),
      (try file(symbols + [symbols[0]]), "vocabulary: symbol \(symbols.count) (\"\\n\") occurs twice"),
      (try file(symbols + ["ab"]), "vocabulary: symbol \(symbols.count) is not one character"),
      (try file(symbols, ["unknown": -1]), "vocabulary: \(symbols.count) symbols, with -1 as the unknown one"),
      (try file([1]), "cannot be read: symbols.Index 0 is of another type"),
      (
        Data("{\"tokens\":\"characters\",\"symbols\":[\"\\ud800\"]}".utf8),
        "cannot be read: \(Self.unfit)"
      ),
      (
        Data("{\"tokens\":\"bytes\",\"symbols\":[]}".utf8),
        "cannot be read: tokens has a value that is unknown or out of range"
      ),
      (
        Data("{\"symbols\":\(String(repeating: "[", count: 100_000))".utf8),
        "cannot be read: it nests more than 512 deep"
      ),
    ] {
      try model.expect(
        "\(line); \(Self.restore)", of: "vocabulary.json", holding: bytes,
        readers: [BrokenModel.readers[0], BrokenModel.resume])
    }
  }

  @Test func weightsThatAreCutShort() throws {
    let model = try BrokenModel()
    let (name, whole) = ("model.safetensors", model.bytes("model.safetensors"))
    let header = whole.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let data = whole.count - 8 - header
    let (again, foreign) = ("restore it, or make it again", "restore it, or name another file")
    let first = "is cut short: embedding.weight ends after \(128 * 4 * (try vocabularySize(model))) bytes of data"
    for (count, line) in [
      (0, "is empty; \(foreign)"), (5, "is no safetensors file, or is cut short; \(foreign)"),
      (8, "is no safetensors file, or is cut short; \(foreign)"),
      (9, "is cut short: 1 of the \(header) bytes of its header are there; \(again)"),
      (7 + header, "is cut short: \(header - 1) of the \(header) bytes of its header are there; \(again)"),
      (8 + header, "\(first), and 0 are there; \(again)"), (9 + header, "\(first), and 1 are there; \(again)"),
      (
        whole.count - 1,
        "is cut short: rnn.weight_ih_l1 ends after \(data) bytes of data, and \(data - 1) are there; \(again)"
      ),
    ] {
      try model.expect(line, of: name, holding: whole.prefix(count), readers: [BrokenModel.readers[0]])
    }
    try model.expect(
      "goes on for 1 bytes that belong to no tensor; \(again)", of: name, holding: whole + [0],
      readers: [BrokenModel.readers[2]])
    // More is promised than is there, or than is read.
    for (length, line) in [
      (Int.min, "is no safetensors file, or is cut short; \(foreign)"),
      (50_000_000, "is cut short: \(whole.count - 8) of the 50000000 bytes of its header are there; \(again)"),
    ] {
      try model.expect(
        line, of: name, holding: BrokenModel.file(whole.dropFirst(8), Data(), length: length),
        readers: [BrokenModel.readers[0]])
    }
    let blank = Data("{".utf8) + Data(repeating: 0x20, count: 20_000_000)
    try model.expect(
      "has a header of 19.1 MiB, more than the 16.0 MiB that are read; \(again)", of: name,
      holding: BrokenModel.file(blank, Data()), readers: [BrokenModel.readers[0]])
  }

  private func vocabularySize(_ model: BrokenModel) throws -> Int {
    let object = try JSONSerialization.jsonObject(with: model.bytes("config.json"))
    return try #require((object as? [String: Any])?["vocabulary_size"] as? Int)
  }

  @Test func weightsOfOtherPrograms() throws {
    let model = try BrokenModel()
    let remedy = "not a safetensors file; write it with safetensors.torch.save_file(model.state_dict(), …)"
    for (start, kind) in [
      ([0x50, 0x4B, 3, 4], "a zip archive, which is what torch.save writes"),
      ([0x80, 2, 0x8A, 0x0A], "a Python pickle, which is what torch.save wrote before version 1.6"),
      ([0x89, 0x48, 0x44, 0x46], "an HDF5 file, which is what Keras writes"), ([8, 8, 0x12, 7], "an ONNX model"),
      ([0xFF, 0xD8, 0xFF, 0xE0], "a JPEG image"), ([0x1F, 0x8B, 8, 0], "packed by gzip"),
    ] as [([UInt8], String)] {
      try model.expect(
        "is \(kind), \(remedy)", of: "model.safetensors", holding: Data(start) + Data(count: 200),
        readers: [BrokenModel.readers[0]])
    }
    try model.expect(
      "is no safetensors file, or is cut short; restore it, or name another file", of: "model.safetensors",
      holding: Data(Training.text.utf8))
  }

  @Test func headersThatLie() throws {
    let model = try BrokenModel()
    let (header, data) = try model.parts("model.safetensors")
    let size = try vocabularySize(model)
    let bias = try #require(header["head.bias"] as? [String: Any])
    let place = try #require(bias["data_offsets"] as? [Int])
    func expect(_ line: String, _ change: [String: Any], in name: String = "head.bias") throws {
      var header = header
      header[name] = try #require(header[name] as? [String: Any]).merging(change) { $1 }
      try model.expect(
        line, of: "model.safetensors", holding: BrokenModel.file(header, data), readers: [BrokenModel.readers[2]])
    }
    let again = "restore it, or make it again"
    let gives = "gives head.bias the bytes \(place) of \(data.count) for F32 of"
    try expect("\(gives) [1099511627776, 1099511627776]; \(again)", ["shape": [1 << 40, 1 << 40]])
    try expect("\(gives) [-\(size)]; \(again)", ["shape": [-size]])
    try expect("\(gives) [\(size + 1)]; \(again)", ["shape": [size + 1]])
    try expect("gives head.bias 65 axes; \(again)", ["shape": [Int](repeating: 1, count: 65)])
    for number in [1e300, 0.5] {
      try expect(
        "has a header that cannot be read: \(Self.unfit); \(again)",
        ["shape": [number]])
    }
    try expect("has a header that cannot be read: head.bias.shape is of another type; \(again)", ["shape": "12"])
    try expect(
      "has a header that gives head.bias elements of C64, which this version does not read; \(again)", ["dtype": "C64"])
    try expect(
      "head.bias: has elements of I32, not floating-point numbers of 16 bits or more; store F64, F32, F16 or BF16",
      ["dtype": "I32"])
    try expect(
      "gives head.bias the bytes [0, 1, 2] of \(data.count) for F32 of [\(size)]; \(again)",
      ["data_offsets": [0, 1, 2]])
    try expect("has a gap before head.bias; \(again)", ["data_offsets": place.map { $0 + 4 }])
    try expect("lets head.bias overlap another tensor; \(again)", ["data_offsets": place.map { $0 - 4 }])
    try expect(
      "LanguageModel: the tensors do not fit the model: of another shape: head.weight is [12, \(size)], not [\(size), 12]; "
        + "load a file that was saved from a model of the same configuration", ["shape": [12, size]], in: "head.weight")
  }

  @Test func namesInHeaders() throws {
    let model = try BrokenModel()
    let (header, data) = try model.parts("model.safetensors")
    var renamed = header
    // A name from a file moves no cursor and fills no screen.
    renamed["a\n\u{1B}[31m" + String(repeating: "b", count: 999)] = renamed.removeValue(forKey: "head.bias")
    try model.expect(
      "LanguageModel: the tensors do not fit the model: missing: head.bias; unexpected: a\\n\\u{1B}[31m"
        + String(repeating: "b", count: 53) + "…; load a file that was saved from a model of the same configuration",
      of: "model.safetensors", holding: BrokenModel.file(renamed, data))
    let text = try JSONSerialization.data(withJSONObject: header, options: .sortedKeys)
    let twice = Data(#"{"head.bias":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"#.utf8) + text.dropFirst()
    let (cannot, again) = ("has a header that cannot be read", "restore it, or make it again")
    try model.expect(
      "\(cannot): it has the key \"head.bias\" twice; \(again)", of: "model.safetensors",
      holding: BrokenModel.file(twice, data), readers: [BrokenModel.readers[0]])
    let deep = Data("{\"a\":\(String(repeating: "[", count: 100_000))".utf8)
    try model.expect(
      "\(cannot): it nests more than 512 deep; \(again)", of: "model.safetensors",
      holding: BrokenModel.file(deep, data), readers: [BrokenModel.readers[0]])
    // Tensors may begin at any byte.
    let odd = text + Data(repeating: 0x20, count: 1 + text.count % 2)
    try model.write(BrokenModel.file(odd, data), to: "model.safetensors")
    let generate = ["generate", "--model", "model", "--seed", "1"]
    let unaligned = try model.command.wait(for: model.command.start(generate)).output
    try model.restore("model.safetensors")
    #expect(try model.command.wait(for: model.command.start(generate)).output == unaligned && unaligned != "")
  }

  @Test func weightsThatAreNotFinite() throws {
    let model = try BrokenModel()
    var weights = try Safetensors(contentsOf: model.path("model.safetensors"))
    let bias = try #require(weights.tensors["head.bias"])
    var values = try bias.floats()
    (values[0], values[2]) = (.nan, -.infinity)
    weights.tensors["head.bias"] = SafetensorsTensor(values, shape: bias.shape)
    try weights.write(to: model.path("model.safetensors"))
    try model.expect(
      "has numbers that are not finite: 2 of \(values.count) in head.bias; "
        + "take a checkpoint from before the training diverged",
      of: "model.safetensors", readers: [0, 1, 3].map { BrokenModel.readers[$0] })
    // What there is can still be looked at.
    let inspection = try model.command.run("inspect", "--model", "model")
    #expect(inspection.code == 0 && inspection.output.contains("(2 not finite)"), "\(inspection)")
    let tensors = try model.command.run("inspect", "--model", "model", "--json").objects()[0]["tensors"]
    let wrong = (tensors as? [[String: Any]])?.filter { $0["not_finite"] as? Int == 2 }.map { $0["name"] as? String }
    #expect(wrong == ["head.bias"])
  }

  @Test func whatIsNoFile() throws {
    let model = try BrokenModel()
    for file in BrokenModel.files.dropLast() {
      let path = model.path(file)
      func expect(_ line: String, _ make: () throws -> Void) throws {
        try FileManager.default.removeItem(atPath: path)
        try make()
        try model.expect(line, of: file, readers: [BrokenModel.readers(of: file)[0]])
      }
      let remedy = "put the file in its place"
      try expect("is a directory, not a file; \(remedy)") {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      }
      try expect("is a pipe, not a file; \(remedy)") { #expect(mkfifo(path, 0o600) == 0) }
      try expect("is a device, not a file; \(remedy)") {
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/zero")
      }
      let loop = "(Too many levels of symbolic links)"
      let opened =
        file == "config.json"
        ? "cannot be read \(loop); check its permissions" : "cannot be opened \(loop); check the path"
      try expect(opened) { try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path) }
      if file == "vocabulary.json" { try expect("cannot be opened (No such file or directory); check the path") {} }
      try model.restore(file)
    }
    try FileManager.default.removeItem(atPath: model.path("config.json"))
    try model.expect(
      "is not a model folder: it has no config.json; name the folder that recur train wrote", of: "config.json",
      place: "model")
  }

  /// A run that was killed in its first save has its weights in the checkpoint; without one they are missing.
  @Test func weightsThatAreMissing() throws {
    let model = try BrokenModel()
    let generate = ["generate", "--model", "model", "--length", "20", "--seed", "1"]
    let whole = try model.command.wait(for: model.command.start(generate))
    try FileManager.default.removeItem(atPath: model.path("model.safetensors"))
    let result = try model.command.wait(for: model.command.start(generate))
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output == whole.output)
    try FileManager.default.removeItem(atPath: model.path("training"))
    try model.expect("cannot be opened (No such file or directory); check the path", of: "model.safetensors")
  }

  @Test func checkpoints() throws {
    let model = try BrokenModel()
    let (name, whole) = ("training/state.safetensors", model.bytes("training/state.safetensors"))
    let (header, data) = try model.parts(name)
    let length = whole.count - 8 - data.count
    let anew = "no other checkpoint is whole: start the run anew in another folder"
    for (bytes, what) in [
      (Data(), "is empty"), (whole.prefix(8), "is no safetensors file, or is cut short"),
      (whole.prefix(200), "is cut short: 192 of the \(length) bytes of its header are there"),
      (
        Data([0x50, 0x4B, 3, 4]) + Data(count: 99),
        "is a zip archive, which is what torch.save writes, not a safetensors file"
      ),
      (model.bytes("model.safetensors"), "is not a training state of this version"),
      (whole.dropLast(1) + [whole[whole.count - 1] ^ 1], "is damaged: its contents do not have its checksum"),
    ] {
      try model.expect("\(what); \(anew)", of: name, holding: bytes)
    }
    // The first version had no checksum.
    func expect(_ line: String, place: String? = nil, _ change: [String: String], _ data: Data) throws {
      var header = header
      var metadata = try #require(header["__metadata__"] as? [String: String])
      metadata["checksum"] = nil
      header["__metadata__"] = metadata.merging(["format": "1"]) { $1 }.merging(change) { $1 }
      try model.write(BrokenModel.file(header, data), to: name)
      try model.expect(line, of: name, place: place)
    }
    try expect(
      "is a checkpoint of format 9, which a later version of recur wrote; go on with that version", ["format": "9"],
      data)
    let damaged = "the training state's epoch is 9223372036854775808"
    try expect(
      "its checkpoint does not fit: \(damaged); it is damaged: start the run anew", place: "model",
      ["counter.epoch": "9223372036854775808"], data)
    try expect(
      "its checkpoint does not fit: the training state has no epoch; start the run anew", place: "model",
      ["counter.epoch": "-1"], data)
    let settings = try #require((header["__metadata__"] as? [String: String])?["settings"])
    for (old, new, what) in [
      ("\"hidden\":12", "\"hidden\":-3", "--hidden: -3 is out of range"),
      (
        "{\"constant\":{}}", "{\"step\":{\"every\":0,\"factor\":1}}",
        "--schedule: step(every: 0, factor: 1.0) is out of range"
      ),
    ] {
      #expect(settings.contains(old))
      try expect(
        "the checkpoint's settings are damaged: \(what); start a new run in another folder", place: "model",
        ["settings": settings.replacingOccurrences(of: old, with: new)], data)
    }
    try expect(
      "the checkpoint has no settings of recur train text; go on with the program that wrote it", place: "model",
      ["settings": String(repeating: "[", count: 100_000)], data)
    let bias = try #require(header["model.head.bias"] as? [String: Any])
    let (place, count) = (try #require(bias["data_offsets"] as? [Int]), try #require(bias["shape"] as? [Int])[0])
    var numbers = Data(data)
    numbers.replaceSubrange(place[0]..<place[0] + 4, with: [0, 0, 0xC0, 0x7F])
    try expect("has numbers that are not finite: 1 of \(count) in model.head.bias; \(anew)", [:], numbers)
  }

  @Test func parts() throws {
    let model = try BrokenModel()
    // The parts of another model: each is whole, and they do not fit.
    let other = try BrokenModel()
    let trained = Training.arguments("wide", "--hidden", "13", "--epochs", "1")
    #expect(try other.command.wait(for: other.command.start(trained)).code == 0)
    try model.write(other.command.bytes("wide/config.json"), to: "config.json")
    let shapes =
      "of another shape: rnn.weight_ih_l0 is [48, 128], not [52, 128], rnn.weight_hh_l0 is [48, 12], not [52, 13], "
      + "rnn.bias_ih_l0 is [48], not [52], rnn.bias_hh_l0 is [48], not [52], rnn.weight_ih_l1 is [48, 12], not [52, 13], "
      + "rnn.weight_hh_l1 is [48, 12], not [52, 13], rnn.bias_ih_l1 is [48], not [52], rnn.bias_hh_l1 is [48], not [52] "
      + "and 1 more; load a file that was saved from a model of the same configuration"
    try model.expect("LanguageModel: the tensors do not fit the model: \(shapes)", of: "model.safetensors")
    try model.expect(
      "is not of the model that the run trains; \(Self.restore)", of: "training/state.safetensors",
      place: "model/config.json")
  }
}
