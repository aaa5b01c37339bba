import RecurrentModel

extension TextTask {
  package static func run(_ model: LanguageModel, _ input: InputTensors, on tape: Tape) throws -> [String: Tensor] {
    let (tokens, steps, rows) = try input.tokens()
    let names = model.rnn.kind.hasCellState ? ["state.h", "state.c"] : ["state.h"]
    try input.requireOnly(["tokens"] + names)
    let shape = [model.rnn.layerCount, rows, model.rnn.hiddenSize]
    let parts = try input.floats(names, shape: shape, axes: "[layers, N, hidden]", what: "state")?.map {
      try tape.tensor($0, shape: shape)
    }
    let state = parts.map { RecurrentState(h: $0[0], c: $0.count > 1 ? $0[1] : nil) }
    let result = try input.placed { try model(tape.tokens(tokens, steps: steps, batchSize: rows), state: state) }
    var tensors = ["logits": result.logits, "state.h": result.state.h]
    tensors["state.c"] = result.state.c
    return tensors
  }
}
