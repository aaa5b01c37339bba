import ArgumentParser
import Recurrent
import RecurrentTasks

/// `recur inspect`
struct Inspect: ModelCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the layers of a model, or its gradients by time step.",
    discussion: """
      The gradient flow is the norm of the loss's gradient at each time step. If it shrinks from step to step, the model cannot \
      learn from distant steps; if it grows, training is unstable.


      """ + helpOfTasks)

  struct Options: ModelOptions {
    @OptionGroup var source: ModelFolderOptions

    @Flag(help: "Show the norm of the loss's gradient at each time step of the recurrent layers.")
    var gradientFlow = false

    @Option(help: .file("Data for the gradient flow, in the format of the training data."))
    var data: String?

    @Option(help: .file("SVG file to write: a plot of the gradient flow."))
    var svg: String?

    @Flag(help: "Print one JSON object on standard output.")
    var json = false

    @OptionGroup(title: "Device") var device: DeviceOptions
  }

  @OptionGroup var options: Options
  @Argument(parsing: .allUnrecognized, help: .hidden) var rest: [String] = []

  static func added<T: Task>(by _: T.Type) -> any ParsableArguments.Type { T.Flow.self }

  func run<T: Task>(_: T.Type, _ folder: ModelFolder, _ words: [String]) throws {
    let (options, flow) = try parsed(T.self, T.Flow.self, words)
    if options.gradientFlow {
      try show(flow, T.self, folder, options)
    } else {
      let given = try OptionValues(flow).firstDifference(from: OptionValues(T.Flow.parse([])))
      let others = [
        ("data", options.data != nil), ("svg", options.svg != nil), ("device", options.device.choice.device != nil),
        ("threads", options.device.choice.threads != nil),
      ]
      if let option = others.first(where: \.1)?.0 ?? given {
        throw RecurrentError(
          .invalidArgument, "it is used by --gradient-flow only", at: "--\(option)", remedy: "add --gradient-flow")
      }
      try inspect(T.self, folder, options)
    }
  }

  private func inspect<T: Task>(_: T.Type, _ folder: ModelFolder, _ options: Options) throws {
    let configuration = try folder.configuration(T.Model.Configuration.self)
    let model = try folder.load(T.Model.self, requiresFinite: false)
    if let checkpoint = try? folder.checkpoint(),
      let settings = try? TrainingSettings<T.Options>(json: checkpoint.settings, of: T.name, from: folder.path)
    {
      T.prepare(model, for: settings.options)
    }
    let tensors = try model.namedParameters.map { named in
      let wrong = try named.parameter.values().count { !$0.isFinite }
      return Shape(
        name: named.name, shape: named.parameter.shape, count: named.parameter.count, notFinite: wrong > 0 ? wrong : nil
      )
    }
    let layers = model.layerTable
    let vocabulary = T.Model.assets.lazy.compactMap { $0.value(model) as? Vocabulary }.first
    guard !options.json else {
      return try Console.put(
        json: Output(
          configuration: configuration, tokens: vocabulary?.kind, vocabulary: vocabulary?.count, layers: layers,
          tensors: tensors, parameters: model.parameterCount))
    }
    let trainable = model.parameters.filter { !$0.isFrozen }.reduce(0) { $0 + $1.count }
    let tokens = vocabulary.map { "; \($0.count.grouped) tokens (\($0.kind.rawValue))" } ?? ""
    Console.put(
      """
      \(model.summary)

      \(layers.table)

      \(model.parameterCount.grouped) parameters, \(trainable.grouped) of them trainable\(tokens)


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
    /// The number of NaN or infinite elements; nil if there are none.
    let notFinite: Int?
  }

  private struct Output<Configuration: ModelConfiguration>: Encodable {
    let configuration: Configuration, tokens: TokenKind?, vocabulary: Int?, layers: [LayerLine], tensors: [Shape],
      parameters: Int
  }
}

extension [LayerLine] {
  /// A line per layer.
  fileprivate var table: String {
    let rows = map {
      [$0.name, $0.kind, "[" + $0.output.joined(separator: ", ") + "]", $0.parameters.grouped]
    }
    return ([["layer", "kind", "output", "parameters"]] + rows).table(numbers: 3)
  }
}
