import ArgumentParser
import Recurrent

/// `recur inspect`
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Show what a model is made of.")

  @Option(help: "The model's folder.")
  var model: String

  @Flag(help: "One JSON object on standard output.")
  var json = false

  func run() throws {
    let folder = ModelFolder(model)
    let (configuration, vocabulary) = (try folder.configuration(), try folder.vocabulary())
    let model = try folder.load()
    let tensors = model.namedParameters.map {
      Shape(name: $0.name, shape: $0.parameter.shape, count: $0.parameter.count)
    }
    guard !json else {
      return try Console.put(
        json: Output(
          configuration: configuration, tokens: vocabulary.kind, vocabulary: vocabulary.count, tensors: tensors,
          parameters: model.parameterCount))
    }
    Console.put("\(model)\n\n")
    let width = (tensors.map(\.name.count).max() ?? 0) + 2
    for tensor in tensors {
      let shape = tensor.shape.map(String.init).joined(separator: " × ")
      Console.put("\(tensor.name.padded(to: width))\(shape.padded(to: 14))\(tensor.count.grouped)\n")
    }
    Console.put(
      "\n\(model.parameterCount.grouped) parameters; \(vocabulary.count) symbols (\(vocabulary.kind.rawValue))\n")
  }

  private struct Shape: Encodable {
    let name: String, shape: [Int], count: Int
  }

  private struct Output: Encodable {
    let configuration: ModelConfiguration, tokens: TokenKind, vocabulary: Int, tensors: [Shape], parameters: Int
  }
}
