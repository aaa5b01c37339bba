import Foundation
import Testing

/// Checkpoints that are damaged, foreign or hostile, and have no other beside them that is whole.
struct BadCheckpointTests {
  private static let file = "training/state.safetensors"
  private static let anew = "no other checkpoint is intact: start a new run in another folder"

  @Test func filesThatAreNoCheckpoints() throws {
    let model = try BrokenModel()
    let whole = model.bytes(Self.file)
    let length = whole.count - 8 - (try model.parts(Self.file).data.count)
    for (bytes, what) in [
      (Data(), "is empty"), (whole.prefix(8), "is not a safetensors file, or is truncated"),
      (whole.prefix(200), "is truncated: the file has 192 of the \(length) bytes of its header"),
      (
        Data([0x50, 0x4B, 3, 4]) + Data(count: 99),
        "is a zip archive (torch.save), not a safetensors file"
      ),
      (model.bytes("model.safetensors"), "is not a training state of this version"),
      (whole.dropLast(1) + [whole[whole.count - 1] ^ 1], "is damaged: the checksum does not match"),
    ] {
      try model.expect("\(what); \(Self.anew)", of: Self.file, holding: bytes)
    }
  }

  /// Checkpoints of the first version, which had no checksum.
  @Test func statesThatLie() throws {
    let model = try BrokenModel()
    let (header, data) = try model.parts(Self.file)
    let whole = try #require(header["__metadata__"] as? [String: String])
    func expect(
      _ line: String, location: String? = "model", _ change: [String: String] = [:], _ data: Data = data
    ) throws {
      var (header, metadata) = (header, whole)
      metadata["checksum"] = nil
      header["__metadata__"] = metadata.merging(["format": "1"]) { $1 }.merging(change) { $1 }
      try model.write(BrokenModel.file(header, data), to: Self.file)
      try model.expect(line, of: Self.file, location: location)
    }
    try expect(
      "is a checkpoint of format 9, written by a later version of recur; use that version", location: nil,
      ["format": "9"])
    let damaged = "the training state's epoch is 9223372036854775808"
    try expect(
      "its checkpoint does not match: \(damaged); it is damaged: start a new run",
      ["counter.epoch": "9223372036854775808"])
    try expect(
      "its checkpoint does not match: the training state has no epoch; start a new run", ["counter.epoch": "-1"])
    let settings = try #require(whole["settings"])
    for (old, new, what) in [
      ("\"hidden\":\"12\"", "\"hidden\":\"-3\"", "--hidden: -3 is out of range; use 1 to 65,536"),
      (
        "\"schedule\":\"constant\"", "\"schedule\":\"step:0\"",
        "--schedule: unknown value step:0; use constant, cosine, "
          + "cosine:WARM-UP, step:EVERY, step:EVERY:FACTOR, hold:STEPS:EVERY:FACTOR or plateau:EPOCHS:FACTOR"
      ),
    ] {
      #expect(settings.contains(old))
      try expect(
        "the checkpoint's settings are damaged: \(what); start a new run in another folder",
        ["settings": settings.replacingOccurrences(of: old, with: new)])
    }
    try expect(
      "the checkpoint has no settings for recur train text; resume with the version of recur that wrote it",
      ["settings": String(repeating: "[", count: 100_000)])
    let bias = try #require(header["model.head.bias"] as? [String: Any])
    let (place, count) = (try #require(bias["data_offsets"] as? [Int]), try #require(bias["shape"] as? [Int])[0])
    var numbers = Data(data)
    numbers.replaceSubrange(place[0]..<place[0] + 4, with: [0, 0, 0xC0, 0x7F])
    try expect(
      "has non-finite values: 1 of \(count) in model.head.bias; \(Self.anew)", location: nil, [:], numbers)
  }
}
