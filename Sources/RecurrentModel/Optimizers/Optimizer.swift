import RecurrentCore

/// Updates parameters by their gradients: an update rule, a learning rate, and states on the device.
///
/// Use one of its subclasses: `SGD`, `Adam`, `AdamW`, `RMSprop`, `Adagrad`, with PyTorch's defaults and arithmetic. Or
/// write a custom one: a subclass that names its states and overrides `update(_:)`, which calls backend operations. It
/// is placed, saved, restored and used by a `Trainer` like the built-in ones.
/// ```swift
/// /// Stochastic gradient descent with momentum: v ← μ v + g, w ← w − η v.
/// final class Momentum: Optimizer {
///   init(learningRate: Double) { super.init(states: ["velocity"], learningRate: learningRate) }
///
///   override func update(_ step: OptimizerStep) throws {
///     let v = try step.state("velocity")
///     try step.backend.scale(Scale(v, by: 0.9, into: .set(v)))
///     try step.backend.scale(Scale(step.gradients, by: 1, into: .add(v)))
///     try step.backend.scale(Scale(v, by: -step.learningRate, into: .add(step.values)))
///   }
/// }
/// ```
open class Optimizer {
  /// The rule of a built-in optimizer; nil for one that overrides `update(_:)`.
  package let rule: UpdateRule?
  /// The learning rate, before the schedule. Can be set at any time; the next step uses it, and throws if it is
  /// negative or not finite. The rate of a group is set in `groups`.
  public var learningRate: Double {
    didSet { (isChecked, hasNewRate) = (false, true) }
  }
  /// The weight decay. Can be set at any time.
  public var weightDecay: Double { didSet { isChecked = false } }
  /// Parameter groups; the first that matches a parameter is used. Can be set at any time:
  /// `optimizer.groups[0].learningRate = 1e-4`.
  public var groups: [ParameterGroup] { didSet { isChecked = false } }

  /// Whether the learning rate was set after the optimizer was created: then a checkpoint stores it.
  private(set) var hasNewRate = false
  let stateNames: [String]
  private let initialState: Float
  private let scratchCount: Int
  private let takesOneParameter: Bool
  private var isChecked = false
  private var placed: PlacedParameters?
  private(set) var states: [Region] = []
  private var scratch: [Region] = []
  // The start of each parameter's states.
  private var stateOffsets: [Int] = []
  // The step count of each parameter, as in PyTorch: a parameter that was frozen at first starts at its own first step.
  var stepsDone: [Int] = []

  /// A custom optimizer that overrides `update(_:)`. `Trainer`, or `attach(to:)`, throws if a rate is negative or not
  /// finite.
  /// - Parameters:
  ///   - states: The names of its states, each of the size of the parameters and initially 0: `exp_avg` is saved as
  ///     `parameter.exp_avg`.
  ///   - scratch: The number of scratch regions of the size of the parameters per step. They are not saved.
  ///   - oneParameterAtATime: Whether `update(_:)` receives each parameter separately, for layer-wise norms for
  ///     example; else adjacent parameters with the same settings are passed together, which is faster.
  ///   - learningRate: 0 or more.
  ///   - weightDecay: 0 or more; applied by `update(_:)`.
  ///   - groups: Parameter groups; the first that matches is used.
  public init(
    states: [String] = [], scratch: Int = 0, oneParameterAtATime: Bool = false, learningRate: Double,
    weightDecay: Double = 0, groups: [ParameterGroup] = []
  ) {
    rule = nil
    stateNames = states
    initialState = 0
    scratchCount = max(scratch, 0)
    takesOneParameter = oneParameterAtATime
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.groups = groups
  }

  init(
    _ rule: UpdateRule, stateNames: [String], initialState: Float = 0, learningRate: Double, weightDecay: Double,
    groups: [ParameterGroup]
  ) {
    self.rule = rule
    self.stateNames = Array(stateNames.prefix(rule.stateCount))
    self.initialState = initialState
    scratchCount = 0
    takesOneParameter = false
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.groups = groups
  }

  /// The number of saved states per parameter element.
  var stateCount: Int { stateNames.count }

  /// The number of states and scratch elements on the device per parameter element.
  var memoryCount: Int { stateNames.count + scratchCount }

  /// Allocates the states for the parameters of a model and resets them. An optimizer has one model: attaching it again
  /// discards the earlier states. For two parts of a model, attach their common parent, or use two optimizers.
  /// - Parameter model: A model on a device, or a part of a model that was moved as a whole: a generator and a
  ///   discriminator can each have an optimizer.
  /// - Throws: `RecurrentError` if a rate is invalid, a group has no parameter, or the model is not on a device.
  public func attach(to model: some Module) throws {
    try checkRates()
    guard Set(stateNames).count == stateNames.count, !stateNames.contains("step") else {
      throw RecurrentError(
        .invalidArgument, "duplicate or reserved state name in \(stateNames.listed)", at: "\(Self.self)",
        remedy: "names must be distinct; step is reserved for the step count")
    }
    let placed = try model.placed()
    try checkGroups(placed.parameters)
    try checkSparse(placed)
    var (offsets, end) = ([Int](), 0)
    for named in placed.parameters {
      offsets.append(end)
      end += named.parameter.count.aligned
    }
    let backend = placed.placement.backend
    let room = { try memory(for: "the optimizer's state") { try backend.allocate(columns: max(end, 1)) } }
    states = try stateNames.map { _ in try room() }
    scratch = try (0..<scratchCount).map { _ in try room() }
    if initialState != 0 { for state in states { try backend.fill(state, with: initialState) } }
    self.placed = placed
    stateOffsets = offsets
    stepsDone = offsets.map { _ in 0 }
    isChecked = true
  }

  /// Updates a run of parameters by their gradients. Override it in a custom optimizer; do not call it.
  ///
  /// Called once per step for each run of parameters that are not frozen; it must not wait for the device. Use
  /// `scratch` of the step for temporaries, so that nothing is allocated.
  /// - Throws: Errors of the backend; the parameters may then be partially updated.
  open func update(_ step: OptimizerStep) throws {
    guard let rule else {
      throw RecurrentError(
        .invalidArgument, "the optimizer has no rule", at: "\(Self.self)", remedy: "override update(_:)")
    }
    try step.backend.update(
      Update(
        rule, learningRate: step.learningRate, weightDecay: step.weightDecay, step: step.count,
        parameters: step.values, gradients: step.gradients, states: step.states))
  }

  /// Sets the gradients of all parameters to 0. Call it before each step, as gradients accumulate.
  /// - Throws: `RecurrentError` before `attach(to:)`, or if the model was moved after it.
  public func zeroGradients() throws { try attached().zeroGradients() }

  /// Updates every parameter that is not frozen.
  /// - Parameter factor: The schedule's factor on the learning rate.
  /// - Throws: `RecurrentError` before `attach(to:)`, if the model was moved after it, or if a rate is negative or not
  ///   finite.
  public func step(factor: Double = 1) throws {
    let placed = try attached()
    if !isChecked {
      try checkRates()
      try checkGroups(placed.parameters)
      try checkSparse(placed)
      isChecked = true
    }
    for (index, named) in placed.parameters.enumerated() where !named.parameter.isFrozen {
      stepsDone[index] += 1
      named.parameter.noteChange()
    }
    for run in runs(of: placed) { try update(step(over: run, of: placed, factor: factor)) }
    for (index, named) in placed.parameters.enumerated() where !named.parameter.isFrozen {
      guard let place = named.parameter.place, let rows = place.rows, !rows.rows.isEmpty else { continue }
      try update(rows, of: index, at: place, factor: factor)
    }
  }

  // MARK: Sparse parameters

  /// Updates the rows of a sparse parameter that have a gradient.
  private func update(_ rows: GradientRows, of index: Int, at place: Parameter.Place, factor: Double) throws {
    guard let rule = rule?.ofRows(step: stepsDone[index]), let named = placed?.parameters[index] else { return }
    let shape = named.parameter.shape
    try place.placement.backend.update(
      Update(
        rule, learningRate: Float(settings(named).learningRate * factor), step: stepsDone[index],
        parameters: place.values(shape), gradients: rows.gradient,
        states: states.map {
          try $0.columns(stateRange(index)).reshaped(rows: shape.rows, columns: shape.columns)
        }, rows: rows.uploadedRows()))
  }

  // MARK: Settings

  /// Throws if a rate is invalid.
  private func checkRates() throws {
    for rate in [learningRate, weightDecay] + groups.flatMap({ [$0.learningRate, $0.weightDecay].compactMap { $0 } }) {
      guard rate >= 0, rate.isFinite else {
        throw RecurrentError(
          .invalidArgument, "the learning rate or weight decay is \(rate)", at: "\(Self.self)",
          remedy: "use a finite value of at least 0")
      }
    }
    for (name, share) in rule?.shares ?? [] where !(share >= 0 && share < 1) {
      throw RecurrentError(
        .invalidArgument, "\(name) is \(share)", at: "\(Self.self)",
        remedy: "use a value from 0 to below 1")
    }
  }

  /// Throws if a group matches no parameter: a typo in the prefix would train with the wrong settings.
  private func checkGroups(_ parameters: [NamedParameter]) throws {
    let taken = Set(parameters.compactMap { named in groups.firstIndex { $0.matches(named.name) } })
    guard let index = groups.indices.first(where: { !taken.contains($0) }) else { return }
    let matched = parameters.filter { groups[index].matches($0.name) }
    throw RecurrentError(
      .invalidArgument,
      matched.isEmpty
        ? "the parameter group \(groups[index].title(index)) matches no parameter"
        : "every parameter of the group \(groups[index].title(index)) also matches an earlier group",
      at: "\(Self.self)",
      remedy: matched.isEmpty
        ? "the parameters are " + parameters.map(\.name).listed : "order the groups from specific to general")
  }

  /// Throws for settings that PyTorch's optimizers reject for sparse gradients.
  private func checkSparse(_ placed: PlacedParameters) throws {
    for named in placed.parameters where named.parameter.place?.rows != nil {
      guard rule?.ofRows(step: 1) != nil else {
        throw RecurrentError(
          .invalidArgument, "the update rule does not support sparse gradients, and \(named.name) is sparse",
          at: "\(Self.self)",
          remedy: "use Adam, Adagrad or SGD without momentum, or a dense embedding")
      }
      guard settings(named).weightDecay == 0 else {
        throw RecurrentError(
          .invalidArgument, "weight decay is not supported for \(named.name), which is sparse", at: "\(Self.self)",
          remedy: "use none, or a ParameterGroup(prefix: \"\(named.name)\", weightDecay: 0)")
      }
    }
  }

  /// The learning rate and the weight decay of a parameter.
  private func settings(_ named: NamedParameter) -> (learningRate: Double, weightDecay: Double) {
    let group = groups.first { $0.matches(named.name) }
    return (group?.learningRate ?? learningRate, group?.weightDecay ?? weightDecay)
  }

  func attached() throws -> PlacedParameters {
    guard let placed else {
      throw RecurrentError(
        .invalidArgument, "the optimizer has no model", at: "\(Self.self)", remedy: "call attach(to:) first")
    }
    guard placed.areThere else {
      throw RecurrentError(
        .device, "the model was moved after the optimizer was attached", at: "\(Self.self)",
        remedy: "call attach(to:) again")
    }
    return placed
  }

  // MARK: Runs

  /// Adjacent parameters with the same settings and step count: one launch.
  private struct Run {
    let first: Int
    var range: Range<Int>
    let learningRate: Double
    let weightDecay: Double
    let count: Int
  }

  private func runs(of placed: PlacedParameters) -> [Run] {
    var runs: [Run] = []
    for (index, named) in placed.parameters.enumerated() where !named.parameter.isFrozen {
      guard let place = named.parameter.place, place.rows == nil else { continue }
      let (rate, decay) = settings(named)
      let range = place.offset..<place.offset + named.parameter.count.aligned
      if !takesOneParameter, let last = runs.last, last.range.upperBound == range.lowerBound,
        last.learningRate == rate, last.weightDecay == decay, last.count == stepsDone[index]
      {
        runs[runs.count - 1].range = last.range.lowerBound..<range.upperBound
      } else {
        runs.append(Run(first: index, range: range, learningRate: rate, weightDecay: decay, count: stepsDone[index]))
      }
    }
    return runs
  }

  /// The argument of `update(_:)` for a run. A single parameter has its own shape, without padding.
  private func step(over run: Run, of placed: PlacedParameters, factor: Double) throws -> OptimizerStep {
    let named = takesOneParameter ? placed.parameters[run.first] : nil
    let (shape, length) = (named?.parameter.shape, named?.parameter.count ?? run.range.count)
    let part = { (all: Region, start: Int) in
      let row = all.columns(start..<start + length)
      return try shape.map { try row.reshaped(rows: $0.rows, columns: $0.columns) } ?? row
    }
    let (placement, start) = (placed.placement, stateOffsets[run.first])
    return try OptimizerStep(
      backend: placement.backend, values: part(placement.values, run.range.lowerBound),
      gradients: part(placement.gradients, run.range.lowerBound), states: states.map { try part($0, start) },
      stateNames: stateNames, scratch: scratch.map { try part($0, start) },
      learningRate: Float(run.learningRate * factor), weightDecay: Float(run.weightDecay), count: run.count,
      parameter: named)
  }

  /// The range of a parameter's states.
  func stateRange(_ index: Int) -> Range<Int> {
    let count = placed?.parameters[index].parameter.count ?? 0
    return stateOffsets[index]..<stateOffsets[index] + count
  }
}

extension UpdateRule {
  /// The decay rates of the rule.
  fileprivate var shares: [(name: String, share: Float)] {
    switch self {
    case .adam(let beta1, let beta2, _, _): [("beta1", beta1), ("beta2", beta2)]
    case .rmsprop(let alpha, _, _, _): [("alpha", alpha)]
    case .sgd, .adagrad: []
    }
  }
}
