import ArgumentParser
import Recurrent

/// `recur inspect`
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what a model is made of, and how far back its gradients reach.",
    discussion: """
      The gradient flow is the norm of the loss's gradient at each time step: where it shrinks from step to step, the model \
      cannot learn from what lies far back; where it grows, training is unstable.
      """)

  @Option(help: "The model's folder.")
  var model: String

  @OptionGroup(title: "Gradient flow") var flow: GradientFlowOptions

  @OptionGroup(title: "Data of classification") var format: TextFormatOptions
  @OptionGroup(title: "Data of tagging") var tagged: TaggedFormatOptions
  @OptionGroup(title: "Columns") var table: TableOptions

  @Flag(help: "One JSON object on standard output.")
  var json = false

  @OptionGroup(title: "Device of the gradient flow") var device: DeviceOptions

  func run() throws {
    let folder = ModelFolder(model)
    guard !flow.gradientFlow else { return try showFlow(folder) }
    try flow.checkUnused(format, tagged, table, device)
    switch try folder.task() {
    case .languageModel: try inspect(LanguageModel.self, folder)
    case .classification:
      try inspect(
        Classifier.self, folder,
        frozen: settings(ClassifySettings.self, folder)?.examples.freezeVectors == true ? \.embedding : nil)
    case .tagging:
      try inspect(
        Tagger.self, folder,
        frozen: settings(TagSettings.self, folder)?.examples.freezeVectors == true ? \.embedding : nil)
    }
  }

  /// The settings of the run that a folder holds, if any.
  private func settings<Settings: RunSettings>(_: Settings.Type, _ folder: ModelFolder) -> Settings? {
    try? Settings(json: folder.checkpoint().settings, from: folder.path)
  }

  /// - Parameter frozen: The layer that training leaves as it is, if any.
  private func inspect<Model: StoredModel>(
    _: Model.Type, _ folder: ModelFolder, frozen: KeyPath<Model, Embedding?>? = nil
  ) throws {
    let (configuration, vocabulary) = (try folder.configuration(Model.Configuration.self), try folder.vocabulary())
    let model = try folder.load(Model.self, requiresFinite: false)
    frozen.flatMap { model[keyPath: $0] }?.freeze()
    let tensors = try model.namedParameters.map { named in
      let wrong = try named.parameter.values().count { !$0.isFinite }
      return Shape(
        name: named.name, shape: named.parameter.shape, count: named.parameter.count, notFinite: wrong > 0 ? wrong : nil
      )
    }
    let layers = model.layerTable
    guard !json else {
      return try Console.put(
        json: Output(
          configuration: configuration, tokens: vocabulary.kind, vocabulary: vocabulary.count, layers: layers,
          tensors: tensors, parameters: model.parameterCount))
    }
    let trainable = model.parameters.filter { !$0.isFrozen }.reduce(0) { $0 + $1.count }
    Console.put(
      """
      \(model.summary)

      \(layers.table)

      \(model.parameterCount.grouped) parameters, \(trainable.grouped) of them trainable; \(vocabulary.count.grouped) symbols \
      (\(vocabulary.kind.rawValue))


      """)
    let width = (tensors.map(\.name.count).max() ?? 0) + 2
    for tensor in tensors {
      let shape = tensor.shape.map(String.init).joined(separator: " × ")
      let wrong = tensor.notFinite.map { "  (\($0.grouped) not finite)" } ?? ""
      Console.put("\(tensor.name.padded(to: width))\(shape.padded(to: 14))\(tensor.count.grouped)\(wrong)\n")
    }
  }

  private struct Shape: Encodable {
    let name: String, shape: [Int], count: Int
    /// How many numbers are NaN or infinite, where there are such.
    let notFinite: Int?
  }

  private struct Output<Configuration: ModelConfiguration>: Encodable {
    let configuration: Configuration, tokens: TokenKind, vocabulary: Int, layers: [LayerLine], tensors: [Shape],
      parameters: Int
  }
}

extension [LayerLine] {
  /// A line a layer.
  fileprivate var table: String {
    let rows = map {
      [$0.name, $0.kind, "[" + $0.output.joined(separator: ", ") + "]", $0.parameters.grouped]
    }
    return ([["layer", "kind", "output", "parameters"]] + rows).table(numbers: 3)
  }
}
