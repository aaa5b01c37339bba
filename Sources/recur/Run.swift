import ArgumentParser
import Recurrent

/// `recur run`
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a model over tokens: tensors in, tensors out.",
    discussion: """
      The input has `tokens`, whole numbers of the shape [T, N] (time first) or [T], -1 for padding; and, if the state is \
      not to start at 0, `state.h` and for an LSTM `state.c`, each [layers, N, hidden]. The output has `logits` [T, N, V] \
      and the state after the last step under the same names.
      """)

  @Option(help: "The model's folder.")
  var model: String

  @Option(help: "A safetensors file to read.")
  var input: String

  @Option(help: "A safetensors file to write.")
  var output: String

  @OptionGroup(title: "Device") var device: DeviceOptions

  func run() throws {
    try requireUse(
      !Files.areSame(input, output), "--output", "it is the input, which would be overwritten",
      remedy: "name another file")
    let model = try ModelFolder(model).load()
    let file = try Safetensors(contentsOf: input)
    let (tokens, steps, rows) = try tokens(in: file)
    try check(file.tensors.keys, model)
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
    let (steps, rows) = (tensor.shape[0], tensor.shape.count > 1 ? tensor.shape[1] : 1)
    if let place = values.firstIndex(where: { $0 < -1 }) {
      throw RecurrentError(
        .invalidData, "token \(values[place]) at step \(place / rows) of row \(place % rows) is negative",
        at: "\(input), tensor tokens", remedy: "take tokens from 0, or -1 for padding")
    }
    return (values, steps, rows)
  }

  /// Refuses tensors that the model does not read: a state under another name would be left out without a word.
  private func check(_ names: some Collection<String>, _ model: LanguageModel) throws {
    let known = ["tokens"] + stateNames(model)
    let others = names.filter { !known.contains($0) }.sorted()
    guard others.isEmpty else {
      throw RecurrentError(
        .invalidData, "has unexpected tensors: \(others.map(\.shown).listed)", at: input,
        remedy: "this model reads \(known.listed)")
    }
  }

  private func stateNames(_ model: LanguageModel) -> [String] {
    model.rnn.kind.hasCellState ? ["state.h", "state.c"] : ["state.h"]
  }

  /// The initial state, if the file has one.
  private func state(in file: Safetensors, _ model: LanguageModel, rows: Int, on tape: Tape) throws -> RecurrentState? {
    let names = stateNames(model)
    let missing = names.filter { file.tensors[$0] == nil }
    guard missing.count < names.count else { return nil }
    guard missing.isEmpty else {
      throw RecurrentError(
        .invalidData, "has only a part of the state: \(missing.listed) is missing", at: input,
        remedy: "store \(names.listed)")
    }
    let shape = [model.rnn.layerCount, rows, model.rnn.hiddenSize]
    let parts = try names.map { name in
      try placed("\(input), tensor \(name)") { try part(file.tensors[name], shape: shape, on: tape) }
    }
    return RecurrentState(h: parts[0], c: parts.count > 1 ? parts[1] : nil)
  }

  private func part(_ tensor: SafetensorsTensor?, shape: [Int], on tape: Tape) throws -> Tensor {
    guard let tensor, tensor.shape == shape else {
      throw RecurrentError(
        .invalidData, "has the shape \(tensor?.shape ?? [])", remedy: "make it [layers, N, hidden], \(shape)")
    }
    let values = try tensor.floats()
    let wrong = values.count { !$0.isFinite }
    guard wrong == 0 else {
      throw RecurrentError(
        .invalidData, "has numbers that are not finite: \(wrong.grouped) of \(values.count.grouped)",
        remedy: "store a state of finite numbers")
    }
    return try tape.tensor(values, shape: shape)
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
