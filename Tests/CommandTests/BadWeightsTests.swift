import Foundation
import Recurrent
import Testing

/// Weights of models that are damaged, foreign, hostile or missing.
struct BadWeightsTests {
  @Test func weightsThatAreCutShort() throws {
    let model = try BrokenModel()
    let (name, whole) = ("model.safetensors", model.bytes("model.safetensors"))
    let header = whole.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let data = whole.count - 8 - header
    let (again, foreign) = (BrokenModel.restoreTensors, "restore it, or name another file")
    let first =
      "is truncated: embedding.weight ends at byte \(128 * 4 * (try model.vocabularySize())) of the data, which has"
    for (count, line) in [
      (0, "is empty; \(foreign)"), (5, "is not a safetensors file, or is truncated; \(foreign)"),
      (8, "is not a safetensors file, or is truncated; \(foreign)"),
      (9, "is truncated: the file has 1 of the \(header) bytes of its header; \(again)"),
      (7 + header, "is truncated: the file has \(header - 1) of the \(header) bytes of its header; \(again)"),
      (8 + header, "\(first) 0; \(again)"), (9 + header, "\(first) 1; \(again)"),
      (
        whole.count - 1,
        "is truncated: rnn.weight_ih_l1 ends at byte \(data) of the data, which has \(data - 1); \(again)"
      ),
    ] {
      try model.expect(line, of: name, holding: whole.prefix(count), readers: [BrokenModel.generate])
    }
    try model.expect(
      "has 1 bytes that belong to no tensor; \(again)", of: name, holding: whole + [0],
      readers: [BrokenModel.inspect])
    // More is promised than is there, or than is read.
    for (length, line) in [
      (Int.min, "is not a safetensors file, or is truncated; \(foreign)"),
      (50_000_000, "is truncated: the file has \(whole.count - 8) of the 50000000 bytes of its header; \(again)"),
    ] {
      try model.expect(
        line, of: name, holding: BrokenModel.file(whole.dropFirst(8), Data(), length: length),
        readers: [BrokenModel.generate])
    }
    let blank = Data("{".utf8) + Data(repeating: 0x20, count: 20_000_000)
    try model.expect(
      "has a header of 19.1 MiB, more than the limit of 16.0 MiB; \(again)", of: name,
      holding: BrokenModel.file(blank, Data()), readers: [BrokenModel.generate])
  }

  @Test func weightsOfOtherPrograms() throws {
    let model = try BrokenModel()
    let remedy = "not a safetensors file; write it with safetensors.torch.save_file(model.state_dict(), …)"
    for (start, kind) in [
      ([0x50, 0x4B, 3, 4], "a zip archive (torch.save)"),
      ([0x80, 2, 0x8A, 0x0A], "a Python pickle (torch.save before version 1.6)"),
      ([0x89, 0x48, 0x44, 0x46], "an HDF5 file (Keras)"), ([8, 8, 0x12, 7], "an ONNX model"),
      ([0xFF, 0xD8, 0xFF, 0xE0], "a JPEG image"), ([0x1F, 0x8B, 8, 0], "gzip-compressed"),
    ] as [([UInt8], String)] {
      try model.expect(
        "is \(kind), \(remedy)", of: "model.safetensors", holding: Data(start) + Data(count: 200),
        readers: [BrokenModel.generate])
    }
    try model.expect(
      "is not a safetensors file, or is truncated; restore it, or name another file", of: "model.safetensors",
      holding: Data(Training.text.utf8))
  }

  @Test func headersThatLie() throws {
    let model = try BrokenModel()
    let (header, data) = try model.parts("model.safetensors")
    let size = try model.vocabularySize()
    let bias = try #require(header["head.bias"] as? [String: Any])
    let place = try #require(bias["data_offsets"] as? [Int])
    func expect(_ line: String, _ change: [String: Any], in name: String = "head.bias") throws {
      var header = header
      header[name] = try #require(header[name] as? [String: Any]).merging(change) { $1 }
      try model.expect(
        line, of: "model.safetensors", holding: BrokenModel.file(header, data), readers: [BrokenModel.inspect])
    }
    let again = BrokenModel.restoreTensors
    let gives = "gives head.bias the bytes \(place) of \(data.count) for F32 of"
    try expect("\(gives) [1099511627776, 1099511627776]; \(again)", ["shape": [1 << 40, 1 << 40]])
    try expect("\(gives) [-\(size)]; \(again)", ["shape": [-size]])
    try expect("\(gives) [\(size + 1)]; \(again)", ["shape": [size + 1]])
    try expect("gives head.bias 65 axes; \(again)", ["shape": [Int](repeating: 1, count: 65)])
    for number in [1e300, 0.5] {
      try expect("has a header that cannot be read: \(BrokenModel.outOfRange); \(again)", ["shape": [number]])
    }
    try expect("has a header that cannot be read: head.bias.shape has the wrong type; \(again)", ["shape": "12"])
    try expect(
      "has a header that gives head.bias elements of type C64, which is not supported; \(again)", ["dtype": "C64"])
    try expect(
      "head.bias: has elements of I32, not floating-point numbers of at least 16 bits; store F64, F32, F16 or BF16",
      ["dtype": "I32"])
    try expect(
      "gives head.bias the bytes [0, 1, 2] of \(data.count) for F32 of [\(size)]; \(again)",
      ["data_offsets": [0, 1, 2]])
    try expect("has a gap before head.bias; \(again)", ["data_offsets": place.map { $0 + 4 }])
    try expect("has an overlap of head.bias with another tensor; \(again)", ["data_offsets": place.map { $0 - 4 }])
    try expect(
      BrokenModel.unfitTensors("of another shape: head.weight is [12, \(size)], not [\(size), 12]"),
      ["shape": [12, size]], in: "head.weight")
  }

  @Test func namesInHeaders() throws {
    let model = try BrokenModel()
    let (header, data) = try model.parts("model.safetensors")
    var renamed = header
    // A name from a file moves no cursor and fills no screen.
    renamed["a\n\u{1B}[31m" + String(repeating: "b", count: 999)] = renamed.removeValue(forKey: "head.bias")
    try model.expect(
      BrokenModel.unfitTensors(
        "missing: head.bias; unexpected: a\\n\\u{1B}[31m" + String(repeating: "b", count: 53) + "…"),
      of: "model.safetensors", holding: BrokenModel.file(renamed, data))
    let text = try JSONSerialization.data(withJSONObject: header, options: .sortedKeys)
    let twice = Data(#"{"head.bias":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"#.utf8) + text.dropFirst()
    let (cannot, again) = ("has a header that cannot be read", BrokenModel.restoreTensors)
    try model.expect(
      "\(cannot): it has the key \"head.bias\" more than once; \(again)", of: "model.safetensors",
      holding: BrokenModel.file(twice, data), readers: [BrokenModel.generate])
    let deep = Data("{\"a\":\(String(repeating: "[", count: 100_000))".utf8)
    try model.expect(
      "\(cannot): its nesting is deeper than 512; \(again)", of: "model.safetensors",
      holding: BrokenModel.file(deep, data), readers: [BrokenModel.generate])
    // Tensors may begin at any byte.
    let odd = text + Data(repeating: 0x20, count: 1 + text.count % 2)
    try model.write(BrokenModel.file(odd, data), to: "model.safetensors")
    let generate = ["generate", "--model", "model", "--seed", "1"]
    let unaligned = try model.command.run(generate).output
    try model.restore("model.safetensors")
    #expect(try model.command.run(generate).output == unaligned && unaligned != "")
  }

  @Test func weightsThatAreNotFinite() throws {
    let model = try BrokenModel()
    var weights = try Safetensors(contentsOf: model.path("model.safetensors"))
    let bias = try #require(weights.tensors["head.bias"])
    var values = try bias.floats()
    (values[0], values[2]) = (.nan, -.infinity)
    weights.tensors["head.bias"] = try SafetensorsTensor(values, shape: bias.shape)
    try weights.write(to: model.path("model.safetensors"))
    try model.expect(
      "has non-finite values: 2 of \(values.count) in head.bias; "
        + "use a checkpoint from before the training diverged",
      of: "model.safetensors", readers: [BrokenModel.generate, BrokenModel.evaluate, BrokenModel.run])
    // What there is can still be looked at.
    let inspection = try model.command.run("inspect", "--model", "model")
    #expect(inspection.code == 0 && inspection.output.contains("(2 not finite)"), "\(inspection)")
    let tensors = try model.command.run("inspect", "--model", "model", "--json").objects()[0]["tensors"]
    let wrong = (tensors as? [[String: Any]])?.filter { $0["not_finite"] as? Int == 2 }.map { $0["name"] as? String }
    #expect(wrong == ["head.bias"])
  }

  /// A run that was killed in its first save has its weights in the checkpoint; without one they are missing.
  @Test func weightsThatAreMissing() throws {
    let model = try BrokenModel()
    let generate = ["generate", "--model", "model", "--length", "20", "--seed", "1"]
    let whole = try model.command.run(generate)
    try model.remove("model.safetensors")
    let result = try model.command.run(generate)
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output == whole.output)
    try model.remove("training")
    try model.expect("cannot be opened (No such file or directory); check the path", of: "model.safetensors")
  }
}
