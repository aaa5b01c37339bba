import Foundation
import Testing

/// Model folders whose parts are no files, or are each whole and do not fit.
struct BadModelTests {
  @Test func whatIsNoFile() throws {
    let model = try BrokenModel()
    for file in BrokenModel.files.dropLast() {
      let path = model.path(file)
      func expect(_ line: String, _ make: () throws -> Void) throws {
        try model.remove(file)
        try make()
        try model.expect(line, of: file, readers: [BrokenModel.readers(of: file)[0]])
      }
      let remedy = "replace it with the file"
      try expect("is a folder, not a file; \(remedy)") {
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
    try model.remove("config.json")
    try model.expect(
      "is not a model folder: it has no config.json; name a folder with a saved model", of: "config.json",
      location: "model")
  }

  @Test func parts() throws {
    let model = try BrokenModel()
    // The parts of another model: each is whole, and they do not fit.
    let other = try BrokenModel()
    let trained = Training.arguments("wide", "--hidden", "13", "--epochs", "1")
    #expect(try other.command.run(trained).code == 0)
    try model.write(other.command.bytes("wide/config.json"), to: "config.json")
    let shapes =
      "of another shape: rnn.weight_ih_l0 is [48, 128], not [52, 128], rnn.weight_hh_l0 is [48, 12], not [52, 13], "
      + "rnn.bias_ih_l0 is [48], not [52], rnn.bias_hh_l0 is [48], not [52], rnn.weight_ih_l1 is [48, 12], not [52, 13], "
      + "rnn.weight_hh_l1 is [48, 12], not [52, 13], rnn.bias_ih_l1 is [48], not [52], rnn.bias_hh_l1 is [48], not [52] "
      + "and 1 more"
    try model.expect(BrokenModel.unfitTensors(shapes), of: "model.safetensors")
    try model.expect(
      "does not match the model of the run; \(BrokenModel.restoreFile)", of: "training/state.safetensors",
      location: "model/config.json")
  }
}
