/// Turns gradients into changes of parameters: a rule, a learning rate, and what the rule remembers, on the device.
///
/// Use one of its subclasses: `SGD`, `Adam`, `AdamW`, `RMSprop`, `Adagrad`. Defaults and steps are PyTorch's.
public class Optimizer {
  /// The rule.
  public let rule: UpdateRule
  /// The learning rate, before any schedule.
  public let learningRate: Double
  /// How strongly weights are pulled to 0.
  public let weightDecay: Double
  /// Parameters with settings of their own; the first group that matches counts.
  public let groups: [ParameterGroup]
  private let stateNames: [String]
  private let initialState: Float
  private var placement: Placement?
  private var parameters: [NamedParameter] = []
  private var states: [Region] = []
  // Of each parameter, as PyTorch counts: one that was frozen at first starts with its own first step.
  private var stepsDone: [Int] = []

  init(
    _ rule: UpdateRule, stateNames: [String], initialState: Float = 0, learningRate: Double, weightDecay: Double,
    groups: [ParameterGroup]
  ) {
    self.rule = rule
    self.stateNames = stateNames
    self.initialState = initialState
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.groups = groups
  }

  /// Makes room for what the rule remembers of a model's parameters, and starts anew.
  /// - Throws: `RecurrentError` if a rate is not usable, a group has no parameter, or the model does not lie on a device.
  public func attach(to model: some Module) throws {
    for rate in [learningRate, weightDecay] + groups.flatMap({ [$0.learningRate, $0.weightDecay].compactMap { $0 } }) {
      guard rate >= 0, rate.isFinite else {
        throw RecurrentError(
          .invalidArgument, "a learning rate or weight decay of \(rate)", at: "\(Self.self)", remedy: "take 0 or more")
      }
    }
    let placement = try model.placement()
    let parameters = model.namedParameters
    try checkGroups(parameters)
    try checkSparse(parameters, placement)
    let count = placement.values.columns
    states = try (0..<rule.stateCount).map { _ in
      let state = try memory(for: "the optimizer's state") { try placement.backend.allocate(columns: count) }
      if initialState != 0 { try placement.backend.fill(state, with: initialState) }
      return state
    }
    self.placement = placement
    self.parameters = parameters
    stepsDone = parameters.map { _ in 0 }
  }

  /// Sets the gradients of all parameters to 0: before each step, as gradients add.
  /// - Throws: `RecurrentError` before `attach(to:)`, or if the model was moved after it.
  public func zeroGradients() throws { try attached().zeroGradients() }

  /// Changes every parameter that is not frozen by its gradient.
  /// - Parameter factor: What a schedule makes of the learning rate.
  /// - Throws: `RecurrentError` before `attach(to:)`, or if the model was moved after it.
  public func step(factor: Double = 1) throws {
    let placement = try attached()
    for index in parameters.indices where !parameters[index].parameter.isFrozen {
      stepsDone[index] += 1
      parameters[index].parameter.noteChange()
    }
    for run in runs(in: placement) {
      try placement.backend.update(
        Update(
          rule, learningRate: Float(run.learningRate * factor), weightDecay: Float(run.weightDecay), step: run.step,
          parameters: placement.values.columns(run.range), gradients: placement.gradients.columns(run.range),
          states: states.map { $0.columns(run.range) }))
    }
    for (index, rows) in placement.rows.enumerated() {
      guard let rows, !parameters[index].parameter.isFrozen, !rows.rows.isEmpty else { continue }
      try update(rows, of: index, in: placement, factor: factor)
    }
  }

  // MARK: Sparse parameters

  /// Changes the rows of a sparse parameter that have a gradient.
  private func update(_ rows: GradientRows, of index: Int, in placement: Placement, factor: Double) throws {
    guard let rule = rule.ofRows(step: stepsDone[index]) else { return }
    let shape = parameters[index].parameter.shape
    let matrix = { (all: Region) in
      try all.columns(placement.range(index)).reshaped(rows: shape.rows, columns: shape.columns)
    }
    try placement.backend.update(
      Update(
        rule, learningRate: Float(settings(parameters[index]).learningRate * factor), step: stepsDone[index],
        parameters: matrix(placement.values), gradients: rows.gradient, states: states.map(matrix),
        rows: rows.uploadedRows()))
  }

  /// Throws if a group is of no use: a slip in its prefix would train at the other settings.
  private func checkGroups(_ parameters: [NamedParameter]) throws {
    let taken = Set(parameters.compactMap { named in groups.firstIndex { $0.matches(named.name) } })
    guard let index = groups.indices.first(where: { !taken.contains($0) }) else { return }
    let matched = parameters.filter { groups[index].matches($0.name) }
    throw RecurrentError(
      .invalidArgument,
      matched.isEmpty
        ? "the parameter group \(groups[index].title(index)) matches no parameter"
        : "every parameter of the group \(groups[index].title(index)) is in an earlier group", at: "\(Self.self)",
      remedy: matched.isEmpty
        ? "the parameters are " + parameters.map(\.name).listed : "order groups from the special to the general")
  }

  /// Throws if a sparse parameter would meet what PyTorch's optimizers refuse for sparse gradients.
  private func checkSparse(_ parameters: [NamedParameter], _ placement: Placement) throws {
    for (named, rows) in zip(parameters, placement.rows) where rows != nil {
      guard rule.ofRows(step: 1) != nil else {
        throw RecurrentError(
          .invalidArgument, "the rule changes every row at every step, and \(named.name) is sparse", at: "\(Self.self)",
          remedy: "take Adam, Adagrad or SGD without momentum, or a dense embedding")
      }
      guard settings(named).weightDecay == 0 else {
        throw RecurrentError(
          .invalidArgument, "weight decay of \(named.name), which is sparse", at: "\(Self.self)",
          remedy: "take none, or a ParameterGroup(prefix: \"\(named.name)\", weightDecay: 0)")
      }
    }
  }

  /// The learning rate and the weight decay of a parameter.
  private func settings(_ named: NamedParameter) -> (learningRate: Double, weightDecay: Double) {
    let group = groups.first { $0.matches(named.name) }
    return (group?.learningRate ?? learningRate, group?.weightDecay ?? weightDecay)
  }

  // MARK: Saving and restoring

  /// What the rule remembers, as `parameter.exp_avg` and so on, and each parameter's steps as `parameter.step`: PyTorch's
  /// names. Past 2²⁴ a step is rounded, which no rule notices.
  public func stateDictionary() throws -> StateDictionary {
    let placement = try attached()
    var dictionary: StateDictionary = [:]
    for (index, named) in parameters.enumerated() {
      for (name, state) in zip(stateNames, states) {
        let values = try placement.backend.download(state.columns(placement.range(index)))
        dictionary["\(named.name).\(name)"] = try HostTensor(shape: named.parameter.shape, values: values)
      }
      dictionary["\(named.name).step"] = try HostTensor(shape: [], values: [Float(stepsDone[index])])
    }
    return dictionary
  }

  /// Restores what the rule remembers. Nothing changes unless every name and shape fits.
  /// - Throws: `RecurrentError.invalidModel`, which names the tensors that are missing, unexpected or of another shape.
  public func load(_ dictionary: StateDictionary) throws {
    let placement = try attached()
    let known = parameters.flatMap { named -> [(name: String, shape: [Int])] in
      zip(stateNames, states).map { name, _ in ("\(named.name).\(name)", named.parameter.shape) }
        + [("\(named.name).step", [])]
    }
    let missing = known.map(\.name).filter { dictionary[$0] == nil }
    if let faults = dictionary.faults(missing: missing, among: known) {
      throw RecurrentError(
        .invalidModel, "the tensors do not fit the optimizer's state: " + faults, at: "\(Self.self)",
        remedy: "go on with the model and the optimizer that wrote it")
    }
    let values = { (key: String) in dictionary[key]?.values ?? [] }
    let steps = try parameters.map { named in
      let step = values("\(named.name).step")[0]
      guard step >= 0, let steps = Int(exactly: step) else {
        throw RecurrentError(
          .invalidModel, "the optimizer's state \(named.name).step is \(step)", at: "\(Self.self)",
          remedy: "it is damaged: start the run anew")
      }
      return steps
    }
    for (index, named) in parameters.enumerated() {
      for (name, state) in zip(stateNames, states) {
        try placement.backend.upload(values("\(named.name).\(name)"), to: state.columns(placement.range(index)))
      }
    }
    stepsDone = steps
  }

  private func attached() throws -> Placement {
    guard let placement else {
      throw RecurrentError(
        .invalidArgument, "the optimizer has no model", at: "\(Self.self)", remedy: "call attach(to:) first")
    }
    guard placement.holds(parameters) else {
      throw RecurrentError(
        .device, "the model was moved after the optimizer was attached", at: "\(Self.self)",
        remedy: "call attach(to:) again")
    }
    return placement
  }

  // MARK: Runs

  /// Neighbouring parameters with the same settings at the same step: one launch.
  private struct Run {
    var range: Range<Int>
    let learningRate: Double
    let weightDecay: Double
    let step: Int
  }

  private func runs(in placement: Placement) -> [Run] {
    var runs: [Run] = []
    for (index, named) in parameters.enumerated() where !named.parameter.isFrozen && placement.rows[index] == nil {
      let (rate, decay) = settings(named)
      let range = placement.paddedRange(index)
      if let last = runs.last, last.range.upperBound == range.lowerBound, last.learningRate == rate,
        last.weightDecay == decay, last.step == stepsDone[index]
      {
        runs[runs.count - 1].range = last.range.lowerBound..<range.upperBound
      } else {
        runs.append(Run(range: range, learningRate: rate, weightDecay: decay, step: stepsDone[index]))
      }
    }
    return runs
  }
}

/// Parameters with settings of their own.
public struct ParameterGroup: Sendable {
  /// Whether a parameter of this name belongs to the group.
  public let matches: @Sendable (String) -> Bool
  /// Its learning rate, or nil for the optimizer's.
  public let learningRate: Double?
  /// Its weight decay, or nil for the optimizer's.
  public let weightDecay: Double?
  private let prefix: String?

  /// The parameters whose names start with `prefix`: `embedding`, `rnn.weight_hh`.
  public init(prefix: String, learningRate: Double? = nil, weightDecay: Double? = nil) {
    self.init(learningRate, weightDecay, prefix) { $0.hasPrefix(prefix) }
  }

  /// The parameters whose names a condition picks.
  public init(
    learningRate: Double? = nil, weightDecay: Double? = nil, where matches: @escaping @Sendable (String) -> Bool
  ) {
    self.init(learningRate, weightDecay, nil, matches)
  }

  private init(
    _ learningRate: Double?, _ weightDecay: Double?, _ prefix: String?, _ matches: @escaping @Sendable (String) -> Bool
  ) {
    self.matches = matches
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.prefix = prefix
  }

  /// What an error calls it: its prefix, or its place in the list.
  fileprivate func title(_ index: Int) -> String { prefix.map { "\"\($0)\"" } ?? "\(index + 1)" }
}
