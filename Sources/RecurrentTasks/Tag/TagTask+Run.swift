import RecurrentModel

extension TagTask {
  package static func run(_ model: Tagger, _ input: InputTensors, on tape: Tape) throws -> [String: Tensor] {
    let words = try input.paddedTokens(beside: model.characters, on: tape)
    return ["logits": try input.placed { try model(words) }]
  }
}
