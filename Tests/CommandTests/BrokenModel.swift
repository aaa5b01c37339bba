import Foundation
import Recurrent
import Testing

/// A trained model's folder, to be broken file by file, and the commands that read it.
struct BrokenModel {
  let command: Command
  private let whole: [String: Data]

  static let generate = ["generate", "--length", "3"]
  static let evaluate = ["evaluate", "--data", "text.txt"]
  static let inspect = ["inspect"]
  static let run = ["run", "--input", "tokens", "--output", "new"]
  /// What reads the weights, and so all but the checkpoint.
  static let readers = [generate, evaluate, inspect, run]
  /// What reads the checkpoint, and the model without its weights.
  static let resume = ["train", "text", "--resume", "--epochs", "2"]

  static let files = ["config.json", "vocabulary.json", "model.safetensors", "training/state.safetensors"]

  // What many lines say.
  static let outOfRange = "a number is out of range or not whole, or a string is not valid Unicode"
  static let restoreFile = "restore the file that was saved with the model"
  static let restoreTensors = "restore it, or create it again"

  /// The line about weights that are not those of the configuration.
  static func unfitTensors(_ what: String) -> String {
    "LanguageModel: the tensors do not match the model: \(what); load a file saved from a model of the same "
      + "configuration"
  }

  init() throws {
    command = try Training.trained()
    try Safetensors(["tokens": SafetensorsTensor(integers: [1, 2, 3], shape: [3])]).write(to: command.path("tokens"))
    whole = try [String: Data](
      uniqueKeysWithValues: Self.files.map { [command] in ($0, try command.bytes("model/\($0)")) })
  }

  /// The commands that read a file.
  static func readers(of file: String) -> [[String]] {
    switch file {
    case "model.safetensors": readers
    case "training/state.safetensors": [resume]
    default: readers + [resume]
    }
  }

  func bytes(_ file: String) -> Data { whole[file] ?? Data() }

  func text(_ file: String) -> String { String(decoding: bytes(file), as: UTF8.self) }

  func path(_ file: String) -> String { command.path("model/\(file)") }

  func write(_ bytes: Data, to file: String) throws { try command.write(bytes, to: "model/\(file)") }

  func remove(_ file: String) throws { try command.remove("model/\(file)") }

  /// Puts the file back.
  func restore(_ file: String) throws {
    try? remove(file)
    try write(bytes(file), to: file)
  }

  /// What the commands that read a file say of it, each in one line and with exit code 1.
  func expect(_ line: String, of file: String, location: String? = nil, readers: [[String]]? = nil) throws {
    for reader in readers ?? Self.readers(of: file) {
      let result = try command.run(reader + ["--model", "model"])
      #expect(result.code == 1, "\(reader)")
      #expect(result.output == "", "\(reader)")
      #expect(result.errors == "recur: \(location ?? "model/\(file)"): \(line)\n", "\(reader)")
      #expect(!command.exists("new"), "\(reader)")
    }
  }

  /// As above, with other bytes in the file's place for the time being.
  func expect(_ line: String, of file: String, holding bytes: Data, readers: [[String]]? = nil) throws {
    try write(bytes, to: file)
    try expect(line, of: file, readers: readers)
    try restore(file)
  }

  /// What its configuration says.
  func vocabularySize() throws -> Int {
    let object = try JSONSerialization.jsonObject(with: bytes("config.json"))
    return try #require((object as? [String: Any])?["vocabulary_size"] as? Int)
  }

  /// The header of a file of tensors, and its data.
  func parts(_ file: String) throws -> (header: [String: Any], data: Data) {
    let bytes = bytes(file)
    let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = try JSONSerialization.jsonObject(with: bytes[8..<8 + length])
    return (try #require(header as? [String: Any]), bytes[(8 + length)...])
  }

  /// A file of tensors.
  static func file(_ header: Data, _ data: Data, length: Int? = nil) -> Data {
    Data((0..<8).map { UInt8(truncatingIfNeeded: (length ?? header.count) >> ($0 * 8)) }) + header + data
  }

  static func file(_ header: [String: Any], _ data: Data) throws -> Data {
    file(try JSONSerialization.data(withJSONObject: header, options: .sortedKeys), data)
  }
}
