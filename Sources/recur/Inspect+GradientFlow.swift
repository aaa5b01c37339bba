import Recurrent
import RecurrentTasks

extension Inspect {
  /// Measures and prints the norm of the gradient at each step.
  func show<T: Task>(_ flow: T.Flow, _: T.Type, _ folder: ModelFolder, _ options: Options) throws {
    guard let data = options.data else {
      throw RecurrentError(
        .invalidArgument, "the gradient flow needs data", at: "--gradient-flow", remedy: "add --data FILE")
    }
    if let svg = options.svg { try Files.requireOutput(svg) }
    let model = try folder.load(T.Model.self)
    let device = try options.device.open()
    try model.move(to: device)
    let measured = try flow.measure(model, on: data, tape: Tape(device), say: Console.say)
    if let svg = options.svg {
      try Files.replace(svg, with: Array(measured.svg(title: "Gradient by time step in \(folder.path)").utf8))
    }
    guard !options.json else {
      return try Console.put(json: Output(loss: flow.loss?.rawValue, layers: measured.output))
    }
    let name = flow.loss.map { $0 == .last ? "the last step's loss" : "the mean loss of all steps" } ?? "the loss"
    Console.put(measured.report(of: name) + "\n")
  }

  private struct Output: Encodable {
    /// The steps of the loss, for models with a loss at every step.
    let loss: String?
    let layers: [GradientFlow.Output]
  }
}

/// A gradient flow as text and as JSON.
extension GradientFlow {
  /// The table and the bars.
  func report(of loss: String = "the loss") -> String {
    """
    Norm of the gradient of \(loss) with respect to the state, by steps before the last:

    \(table())

    \(bars())

    The last step is on the right. Bar heights are logarithmic: the full height is the largest norm, each level lower is a tenth of the one above.
    """
  }

  /// The gradient flow for JSON.
  var output: [Output] {
    layers.map { Output(name: $0.name, norms: $0.norms, factorPerStep: $0.factorPerStep) }
  }

  /// A layer, in JSON.
  struct Output: Encodable {
    let name: String, norms: [Double], factorPerStep: Double?
  }
}
