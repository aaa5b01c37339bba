import ArgumentParser
import Recurrent
import RecurrentTasks

/// `recur run`
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a model on tensors: a safetensors file in, a safetensors file out.",
    discussion: """
      The input has the tensor `tokens`: integers [T, N] (time first) or [T], -1 for padding. A language model writes `logits` \
      [T, N, V] and the state after the last step: `state.h`, and `state.c` for an LSTM, each [layers, N, hidden]. The input may \
      contain an initial state with the same names. A classifier writes `logits` [N, K], a tagger [T, N, K].
      """)

  @Option(help: .folder("Model folder."))
  var model: String

  @Option(help: .file("Safetensors file to read."))
  var input: String

  @Option(help: .file("Safetensors file to write."))
  var output: String

  @OptionGroup(title: "Device") var device: DeviceOptions

  func run() throws {
    try requireUse(
      !Files.areSame(input, output), "--output", "it is the same file as --input",
      remedy: "name another file")
    try run(ModelFolder(model).task())
  }

  private func run<T: Task>(_: T.Type) throws {
    let model = try ModelFolder(model).load(T.Model.self)
    let tensors = try InputTensors(contentsOf: input)
    let results = try T.run(model, tensors, on: device.evaluationTape(for: model))
    try Safetensors(results.mapValues { try SafetensorsTensor($0.values(), shape: $0.shape) }).write(to: output)
  }
}
