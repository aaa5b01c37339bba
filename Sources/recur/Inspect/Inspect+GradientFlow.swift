import Recurrent

extension Inspect {
  /// Measures and shows how much of the gradient reaches each step.
  func showFlow(_ folder: ModelFolder) throws {
    let data = try flow.checkedData()
    let task = try folder.task()
    try task.check(format, tagged, table, sequence: flow.sequence)
    switch task {
    case .languageModel: try show(LanguageModel.self, folder) { try flow.measure($0, on: data, tape: $1) }
    case .classification:
      try requireUse(
        flow.loss == nil, "--loss", "a model that classifies has one loss, of the whole text", remedy: "leave it out")
      try show(Classifier.self, folder) { try flow.measure($0, on: data, format.storage(table), tape: $1) }
    case .tagging: try show(Tagger.self, folder) { try flow.measure($0, on: data, tagged.columns(table), tape: $1) }
    }
  }

  private func show<Model: StoredModel>(
    _: Model.Type, _ folder: ModelFolder, measure: (Model, Tape) throws -> GradientFlow
  ) throws {
    let model = try folder.load(Model.self)
    let device = try device.open()
    try model.move(to: device)
    let measured = try measure(model, Tape(device))
    if let svg = flow.svg {
      try Files.replace(svg, with: Array(measured.svg(title: "Gradient by time step in \(self.model)").utf8))
    }
    let loss = Model.Configuration.task == .classification ? nil : flow.loss ?? .last
    guard !json else { return try Console.put(json: Output(loss: loss?.rawValue, layers: measured.output)) }
    let name = loss.map { $0 == .last ? "the last step's loss" : "the mean loss of all steps" } ?? "the loss"
    Console.put(measured.report(of: name) + "\n")
  }

  private struct Output: Encodable {
    /// The steps whose loss it is, where there is one at every step.
    let loss: String?
    let layers: [GradientFlow.Output]
  }
}

/// A gradient flow as people and programs read it.
extension GradientFlow {
  /// The table, and bars below it.
  func report(of loss: String = "the loss") -> String {
    """
    Norm of the gradient of \(loss) with respect to the state, by steps before the last:

    \(table())

    \(bars())

    The last step is on the right; a full bar is the largest norm, and each height below it a tenth of the one above.
    """
  }

  /// What JSON has of it.
  var output: [Output] {
    layers.map { Output(name: $0.name, norms: $0.norms, factorPerStep: $0.factorPerStep) }
  }

  /// A layer, in JSON.
  struct Output: Encodable {
    let name: String, norms: [Double], factorPerStep: Double?
  }
}
