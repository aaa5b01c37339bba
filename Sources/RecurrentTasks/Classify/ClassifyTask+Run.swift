import RecurrentModel

extension ClassifyTask {
  package static func run(_ model: Classifier, _ input: InputTensors, on tape: Tape) throws -> [String: Tensor] {
    let tokens = try input.paddedTokens(beside: model.characters, on: tape)
    return ["logits": try input.placed { try model(tokens) }]
  }
}
