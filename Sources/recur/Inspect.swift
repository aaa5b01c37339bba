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
    switch try folder.task() {
    case .languageModel: try inspect(LanguageModel.self, folder)
    case .classification: try inspect(Classifier.self, folder)
    case .tagging: try inspect(Tagger.self, folder)
    }
  }

  private func inspect<Model: StoredModel>(_: Model.Type, _ folder: ModelFolder) throws {
    let (configuration, vocabulary) = (try folder.configuration(Model.Configuration.self), try folder.vocabulary())
    let model = try folder.load(Model.self, requiresFinite: false)
    let tensors = try model.namedParameters.map { named in
      let wrong = try named.parameter.values().count { !$0.isFinite }
      return Shape(
        name: named.name, shape: named.parameter.shape, count: named.parameter.count, notFinite: wrong > 0 ? wrong : nil
      )
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
      let wrong = tensor.notFinite.map { "  (\($0.grouped) not finite)" } ?? ""
      Console.put("\(tensor.name.padded(to: width))\(shape.padded(to: 14))\(tensor.count.grouped)\(wrong)\n")
    }
    Console.put(
      "\n\(model.parameterCount.grouped) parameters; \(vocabulary.count) symbols (\(vocabulary.kind.rawValue))\n")
  }

  private struct Shape: Encodable {
    let name: String, shape: [Int], count: Int
    /// How many numbers are NaN or infinite, where there are such.
    let notFinite: Int?
  }

  private struct Output<Configuration: ModelConfiguration>: Encodable {
    let configuration: Configuration, tokens: TokenKind, vocabulary: Int, tensors: [Shape], parameters: Int
  }
}
