import Foundation
import Recurrent
import Testing

/// Everything a person can get wrong: one clear line, exit code 1 or 64, nothing half-written.
struct BadInputTests {
  private func expectRefusal(
    _ command: Command, _ arguments: [String], code: Int32, saying parts: String..., environment: [String: String] = [:]
  ) throws {
    let result = try command.run(arguments, environment: environment)
    #expect(result.code == code, "\(result.errors)")
    #expect(result.output == "")
    let lines = result.errors.split(separator: "\n")
    #expect(lines.count == 1, "\(result.errors)")
    #expect(lines.last?.hasPrefix("recur: ") == true, "\(result.errors)")
    for part in parts { #expect(result.errors.contains(part), "\(result.errors)") }
    #expect(!command.exists("new"), "nothing is half-written")
  }

  @Test func texts() throws {
    let command = try Training.command()
    func train(_ data: String) -> [String] { ["train", "text", "--model", "new", "--data", data] }
    try expectRefusal(command, train("none.txt"), code: 1, saying: "none.txt")
    try expectRefusal(command, train("."), code: 1, saying: "is a folder")
    try command.write("", to: "empty.txt")
    try expectRefusal(command, train("empty.txt"), code: 1, saying: "empty.txt: is empty")
    try command.write("a text that is too short for a batch", to: "short.txt")
    try expectRefusal(
      command, train("short.txt"), code: 1, saying: "short.txt", "--sequence of at most", "held out for validation")
    try command.write(Data([0x61, 0x62, 0xFF]), to: "binary.txt")
    try expectRefusal(command, train("binary.txt"), code: 1, saying: "not UTF-8", "offset 2")
    try command.write("§", to: "strange.txt")
    let model = Training.arguments("new") + ["--validation", "strange.txt"]
    try expectRefusal(command, model, code: 1, saying: "strange.txt", "\"§\" (U+00A7)", "not in the vocabulary")
  }

  @Test(arguments: [
    ("--batch", "0"), ("--batch", "-3"), ("--sequence", "0"), ("--epochs", "-1"), ("--hidden", "0"),
    ("--hidden", "999999999999"), ("--layers", "0"), ("--embedding", "0"), ("--dropout", "1"), ("--dropout", "nan"),
    ("--learning-rate", "0"), ("--learning-rate", "inf"), ("--clip-norm", "-1"), ("--clip-value", "nan"),
    ("--average", "1"),
    ("--validation-fraction", "1"), ("--checkpoint-every", "0"), ("--keep", "0"), ("--vocabulary", "1"),
    ("--threads", "0"),
    ("--batch", "many"), ("--cell", "transformer"), ("--schedule", "step:0"), ("--seed", "-1"),
    ("--optimizer", "magic"), ("--activation", "relu"), ("--gru-convention", "before"),
  ])
  func numbers(option: String, value: String) throws {
    let command = try Training.command()
    try expectRefusal(command, Training.arguments("new", "\(option)=\(value)"), code: 64, saying: option)
  }

  @Test func options() throws {
    let command = try Training.command()
    try expectRefusal(command, ["train", "text", "--model", "new"], code: 64, saying: "--data")
    try expectRefusal(command, ["train", "text", "--data", "text.txt"], code: 64, saying: "--model")
    try expectRefusal(command, Training.arguments("new", "--nosuch"), code: 64, saying: "--nosuch")
    for (arguments, remedy) in [
      (["nosuch"], "unknown command recur nosuch; see recur help"),
      (["train", "txt", "--data", "x"], "unknown command recur train txt; see recur help train"),
      (["inspect", "shake"], "use --model shake; see recur help inspect"),
      (["check", "cpu"], "use --device cpu"),
      // A misspelt option is named before one that is missing.
      (["help", "nosuch"], "unknown command recur nosuch; see recur help\n"),
      (["help", "train", "txt"], "unknown command recur train txt; see recur help train"),
      (["train", "text", "--lr", "3"], "Unknown option '--lr'. Did you mean '--learning-rate'? See"),
      (["train", "text", "--batch_size", "3"], "Unknown option '--batch_size'. Did you mean '--batch'? See"),
      (["check", "--wd", "3"], "Unknown option '--wd'; see recur help check"),
      (["predict", "--modle", "model", "--data", "x"], "Unknown option '--modle'. Did you mean '--model'?"),
      (["run", "--model", "model", "--inptu", "x"], "Unknown option '--inptu'. Did you mean '--input'?"),
      (["inspect", "--gradient-flow"], "--model: is missing; name a folder"),
      (
        ["train", "text", "--schedule", "cosin"],
        "--schedule: unknown value cosin; use constant, cosine, cosine:WARM-UP, step:EVERY"
      ),
      (
        ["train", "text", "--optimizer", "x"],
        "--optimizer: unknown value x; use sgd, adam, adamw, rmsprop or adagrad; see recur help train text\n"
      ),
    ] {
      try expectRefusal(command, arguments, code: 64, saying: remedy)
    }
    let both = Training.arguments("new", "--validation", "text.txt", "--validation-fraction", "0.1")
    try expectRefusal(command, both, code: 64, saying: "--validation")
    for (more, idle) in [
      (["--input", "one-hot", "--embedding", "6"], "--embedding"), (["--layers", "1"], "--dropout"),
      (["--sparse-embedding", "--input", "integer"], "--sparse-embedding"),
      (["--sparse-embedding", "--optimizer", "rmsprop"], "--sparse-embedding"),
    ] {
      try expectRefusal(command, Training.arguments("new") + more, code: 64, saying: idle, "or leave it out")
    }
    try expectRefusal(
      command, Training.arguments("new") + ["--sparse-embedding", "--average", "0.9"], code: 64,
      saying: "--average: it would read every vector of a sparse embedding")
    try expectRefusal(
      command, Training.arguments("new") + ["--hidden", "-5"], code: 64, saying: "--hidden: -5 is out of range")
    let huge = Training.arguments("new", "--hidden", "65536", "--layers", "256")
    try expectRefusal(command, huge, code: 1, saying: "GiB")
  }

  @Test func foldersThatCannotBeWritten() throws {
    let command = try Training.command()
    for model in ["text.txt", "text.txt/new", "/proc/new"] {
      try expectRefusal(command, Training.arguments(model), code: 1, saying: "cannot be created as a folder")
    }
    // A later check fails: the folder is not made.
    try expectRefusal(command, Training.arguments("new", "--threads", "0"), code: 64, saying: "--threads")
  }

  @Test func aFullDiskIsNoSuccess() throws {
    let command = try Training.trained()
    let full = try FileHandle(forWritingTo: URL(fileURLWithPath: "/dev/full"))
    for arguments in [["evaluate", "--data", "text.txt", "--json"], ["generate"], ["inspect"]] {
      let result = try command.run(arguments + ["--model", "model"], output: full)
      #expect(result.code == 1)
      #expect(result.errors.hasPrefix("recur: standard output: cannot be written"), "\(result.errors)")
    }
  }

  @Test func nobodyReadsAnyMore() throws {
    let command = try Training.trained()
    // The shell hands down that the signal of a broken pipe is ignored.
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    let generate = "'\(Command.executable.path)' generate --device cpu --model model --length 1000000000"
    shell.arguments = ["-c", "trap '' PIPE; { \(generate) 2>errors; echo $? >code; } | head -c 10 >output"]
    shell.currentDirectoryURL = command.folder
    try shell.run()
    let result = try command.wait(for: shell)
    #expect(result.errors == "")
    #expect(result.output.utf8.count == 10)
    #expect(try command.text("code") == "1\n")
  }

  @Test func lossesThatAreNotFinite() throws {
    let command = try Training.trained()
    let path = command.path("model/model.safetensors")
    var weights = try Safetensors(contentsOf: path)
    let head = try #require(weights.tensors["head.weight"])
    weights.tensors["head.weight"] = try SafetensorsTensor(
      [Float](repeating: 3e38, count: head.count), shape: head.shape)
    try weights.write(to: path)
    for more in [[], ["--json"]] {
      try expectRefusal(
        command, ["evaluate", "--model", "model", "--data", "text.txt"] + more, code: 1, saying: "finite")
    }
    try expectRefusal(command, ["generate", "--model", "model", "--prompt", "m", "--json"], code: 1, saying: "finite")
  }

  @Test func devices() throws {
    let command = try Training.trained()
    let generate = ["generate", "--model", "model", "--length", "1", "--device"]
    try expectRefusal(command, generate + ["abacus"], code: 64, saying: "--device: unknown device abacus", "cpu")
    try expectRefusal(
      command, generate + ["opencl:999"], code: 1, saying: "--device: opencl:999:0", "use one of opencl:0:0 (")
    try expectRefusal(command, generate + ["opencl:no such"], code: 1, saying: "no such", "use one of opencl:0:0 (")
    try expectRefusal(command, generate + ["opencl:"], code: 64, saying: "use auto or one of cpu (")
    try expectRefusal(command, generate + ["all"], code: 64, saying: "recur check and recur bench")
    for name in ["check", "bench"] {
      try expectRefusal(command, [name, "--device", "cpu,opencl"], code: 64, saying: "cpu,opencl")
    }
    let noLibrary = ["RECUR_OPENCL_LIBRARY": "/nonexistent.so"]
    try expectRefusal(
      command, generate + ["opencl"], code: 1, saying: "no OpenCL library", "/nonexistent.so", environment: noLibrary)
    try expectRefusal(
      command, ["devices", "--tune"], code: 1, saying: "no OpenCL library", environment: noLibrary)
    try expectRefusal(command, ["devices", "--tune", "--device", "cpu"], code: 1, saying: "only OpenCL devices")
    try expectRefusal(
      command, ["devices", "--tune", "--device", "opencl"], code: 64, saying: "cannot be saved in text.txt/cache",
      environment: ["RECUR_CACHE_DIR": "text.txt/cache"])
    let noDevices = ["OCL_ICD_VENDORS": command.path("none")]
    try expectRefusal(command, generate + ["opencl"], code: 1, saying: "OpenCL", environment: noDevices)
    // Without OpenCL everything else works.
    let generated = try command.run("generate", "--model", "model", "--length", "1", environment: noLibrary)
    #expect(generated.code == 0)
    #expect(try command.run("devices", environment: noLibrary).code == 0)
    try expectRefusal(
      command, generate + ["cpu"], code: 64, saying: "RECUR_CPU_LEVEL", environment: ["RECUR_CPU_LEVEL": "mmx"])
    try expectRefusal(
      command, generate + ["cpu"], code: 64, saying: "RECUR_THREADS", environment: ["RECUR_THREADS": "two"])
  }

  @Test func models() throws {
    let command = try Training.trained()
    for arguments in [
      ["generate", "--model", "none"], ["evaluate", "--model", "none", "--data", "text.txt"],
      ["inspect", "--model", "none"],
    ] {
      try expectRefusal(command, arguments, code: 1, saying: "none")
    }
    try expectRefusal(
      command, Training.resume("none"), code: 1, saying: "none: does not exist, so there is no run to resume; leave out"
    )
    try expectRefusal(
      command, ["predict", "--model", "model", "--text", "x"], code: 1,
      saying: "model: is a language model; use recur generate --model model")
    try expectRefusal(command, Training.arguments("model"), code: 64, saying: "--resume")
    try expectRefusal(
      command, Training.resume("model", "--hidden", "3"), code: 64, saying: "--hidden")
    let settings = try command.bytes("model/training/state.safetensors")
    // The text to validate on counts, too.
    try command.write(Training.text.dropLast(9) + "mon, rain", to: "text.txt")
    try expectRefusal(
      command, Training.resume("model", "--epochs", "9"), code: 1, saying: "text.txt")
    #expect(try command.bytes("model/training/state.safetensors") == settings)
    try command.write(Training.text + "more", to: "text.txt")
    try expectRefusal(
      command, Training.resume("model", "--epochs", "9"), code: 1, saying: "text.txt")
    try expectRefusal(
      command, ["generate", "--model", "model", "--prompt", "é"], code: 1, saying: "--prompt: ", "U+00E9")
    for (option, value) in [("--length", "0"), ("--temperature", "-1"), ("--top-k", "0"), ("--top-p", "2")] {
      try expectRefusal(
        command, ["generate", "--model", "model", "\(option)=\(value)"], code: 64,
        saying: "\(option): \(value) is out of range")
    }
    try command.write("{", to: "model/config.json")
    try expectRefusal(command, ["inspect", "--model", "model"], code: 1, saying: "config.json")
  }
}
