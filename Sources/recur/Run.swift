import ArgumentParser
import Recurrent
import RecurrentTasks

/// `recur run`
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a model on tensors: a safetensors file in, a safetensors file out.",
    discussion: paragraphs { $0.tensors })

  @OptionGroup var source: ModelFolderOptions

  @Option(help: .file("Safetensors file to read (required)."))
  var input: String?

  @Option(help: .file("Safetensors file to write (required)."))
  var output: String?

  @OptionGroup(title: "Device") var device: DeviceOptions

  func run() throws {
    let folder = try source.folder()
    let (input, output) = (try required(input, "--input"), try required(output, "--output"))
    try requireUse(
      !Files.areSame(input, output), "--output", "it is the same file as --input",
      remedy: "name another file")
    try Files.requireOutput(output)
    try run(folder.task(), folder, input, output)
  }

  private func run<T: Task>(_: T.Type, _ folder: ModelFolder, _ input: String, _ output: String) throws {
    let model = try folder.load(T.Model.self)
    let tensors = try InputTensors(contentsOf: input)
    let results = try T.run(model, tensors, on: device.evaluationTape(for: model))
    try Safetensors(results.mapValues { try SafetensorsTensor($0.values(), shape: $0.shape) }).write(to: output)
  }
}
