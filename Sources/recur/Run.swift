import ArgumentParser
import Recurrent

/// `recur run`
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a model over tokens: tensors in, tensors out.",
    discussion: """
      The input has `tokens`, whole numbers of the shape [T, N] (time first) or [T]; and, if the state is not to start at \
      0, `state.h` and for an LSTM `state.c`, each [layers, N, hidden]. The output has `logits` [T, N, V] and the state \
      after the last step under the same names.
      """)

  @Option(help: "The model's folder.")
  var model: String

  @Option(help: "A safetensors file to read.")
  var input: String

  @Option(help: "A safetensors file to write.")
  var output: String

  @OptionGroup(title: "Device") var device: DeviceOptions

  func run() throws {
    let model = try ModelFolder(model).load()
    let file = try Safetensors(contentsOf: input)
    let (tokens, steps, rows) = try tokens(in: file)
    let tape = try device.evaluationTape(for: model)
    let state = try state(in: file, model, rows: rows, on: tape)
    let result = try placed(input) { try model(tape.tokens(tokens, steps: steps, rows: rows), state: state) }
    var tensors = ["logits": try stored(result.logits), "state.h": try stored(result.state.h)]
    if let c = result.state.c { tensors["state.c"] = try stored(c) }
    try Safetensors(tensors).write(to: output)
  }

  private func tokens(in file: Safetensors) throws -> (values: [Int32], steps: Int, rows: Int) {
    guard let tensor = file.tensors["tokens"] else {
      throw RecurrentError(
        .invalidData, "has no tensor named tokens", at: input, remedy: "store whole numbers [T, N] under that name")
    }
    guard (1...2).contains(tensor.shape.count), tensor.count > 0 else {
      throw RecurrentError(.invalidData, "has tokens of the shape \(tensor.shape)", at: input, remedy: "make it [T, N]")
    }
    let values = try placed("\(input), tensor tokens") { try tensor.integers() }
    return (values, tensor.shape[0], tensor.shape.count > 1 ? tensor.shape[1] : 1)
  }

  private func state(in file: Safetensors, _ model: LanguageModel, rows: Int, on tape: Tape) throws -> RecurrentState? {
    let part = { (name: String) in
      try file.tensors[name].map { tensor in
        try tape.tensor(placed("\(input), tensor \(name)") { try tensor.floats() }, shape: tensor.shape)
      }
    }
    let (h, c) = (try part("state.h"), try part("state.c"))
    guard h != nil || c != nil else { return nil }
    guard let h, (c != nil) == model.rnn.kind.hasCellState else {
      throw RecurrentError(
        .invalidData, "does not have all of the state", at: input,
        remedy: model.rnn.kind.hasCellState ? "store state.h and state.c" : "store state.h alone")
    }
    return RecurrentState(h: h, c: c)
  }

  private func stored(_ tensor: Tensor) throws -> SafetensorsTensor {
    try SafetensorsTensor(tensor.values(), shape: tensor.shape)
  }

  /// Names the place in the input file in an error about what is in it.
  private func placed<Value>(_ place: String, _ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as RecurrentError where [.invalidData, .shapeMismatch].contains(error.kind) {
      throw RecurrentError(error.kind, error.what, at: place, remedy: error.remedy)
    }
  }
}
