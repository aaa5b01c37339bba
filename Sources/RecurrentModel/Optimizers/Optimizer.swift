/// Turns gradients into changes of parameters: a rule, a learning rate, and states that lie on the device.
///
/// Use one of its subclasses: `SGD`, `Adam`, `AdamW`, `RMSprop`, `Adagrad`, whose defaults and steps are PyTorch's. Or write
/// one: a subclass names its states and overrides `update(_:)`, which calls operations of the backend. It is placed, saved,
/// restored and used by a `Trainer` as the built-in ones are.
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
  public let rule: UpdateRule?
  /// The learning rate, before any schedule. May be set at any time; the next step uses it, and throws if it is not 0 or more.
  /// A group's own rate is set in `groups`.
  public var learningRate: Double {
    didSet { (isChecked, hasNewRate) = (false, true) }
  }
  /// How strongly weights are pulled to 0. May be set at any time.
  public var weightDecay: Double { didSet { isChecked = false } }
  /// Parameters with settings of their own; the first group that matches counts. May be set at any time:
  /// `optimizer.groups[0].learningRate = 1e-4`.
  public var groups: [ParameterGroup] { didSet { isChecked = false } }

  /// Whether the learning rate was set after the optimizer was made: a checkpoint then keeps it.
  private(set) var hasNewRate = false
  let stateNames: [String]
  private let initialState: Float
  private let scratchCount: Int
  private let takesOneParameter: Bool
  private var isChecked = false
  private var placed: PlacedParameters?
  private(set) var states: [Region] = []
  private var scratch: [Region] = []
  // Of each parameter: where its states start.
  private var stateOffsets: [Int] = []
  // Of each parameter, as PyTorch counts: one that was frozen at first starts with its own first step.
  var stepsDone: [Int] = []

  /// An optimizer of one's own, which overrides `update(_:)`. `Trainer`, or `attach(to:)`, throws if a rate is not 0 or more.
  /// - Parameters:
  ///   - states: The names of what it remembers, each of the parameters' size and 0 at first: `exp_avg`. They are saved as
  ///     `parameter.exp_avg`.
  ///   - scratch: How many regions of the parameters' size it needs within a step. They are not saved.
  ///   - oneParameterAtATime: Whether `update(_:)` gets each parameter by itself, for norms of layers for example; else
  ///     neighbours with the same settings come together, which is faster.
  ///   - learningRate: 0 or more.
  ///   - weightDecay: 0 or more; what it means is up to `update(_:)`.
  ///   - groups: Parameters with settings of their own; the first that matches counts.
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

  /// How many numbers the optimizer saves for each element of a parameter.
  var stateCount: Int { stateNames.count }

  /// How many numbers the optimizer has on the device for each element of a parameter.
  var memoryCount: Int { stateNames.count + scratchCount }

  /// Makes room for the states of a model's parameters, and starts anew. An optimizer has one model: it leaves the one that it was
  /// attached to, and forgets its states. For two parts of a model attach what holds both, or take two optimizers.
  /// - Parameter model: A model that lies on a device, or a part of one that was moved as a whole: each of a generator and a
  ///   discriminator can have its own optimizer.
  /// - Throws: `RecurrentError` if a rate is not usable, a group has no parameter, or the model does not lie on a device.
  public func attach(to model: some Module) throws {
    try checkRates()
    guard Set(stateNames).count == stateNames.count, !stateNames.contains("step") else {
      throw RecurrentError(
        .invalidArgument, "states named \(stateNames.listed)", at: "\(Self.self)",
        remedy: "give each a name of its own; step is the count of steps")
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

  /// Changes a run of parameters by their gradients. Override it in an optimizer of one's own; do not call it.
  ///
  /// It is called once a step for each run of parameters that are not frozen, and must not wait for the device. Work is done
  /// in the step's `scratch`, so that nothing is allocated.
  /// - Throws: What the backend throws; the parameters may then be half changed.
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

  /// Sets the gradients of all parameters to 0: before each step, as gradients add.
  /// - Throws: `RecurrentError` before `attach(to:)`, or if the model was moved after it.
  public func zeroGradients() throws { try attached().zeroGradients() }

  /// Changes every parameter that is not frozen by its gradient.
  /// - Parameter factor: What a schedule makes of the learning rate.
  /// - Throws: `RecurrentError` before `attach(to:)`, if the model was moved after it, or if a rate that was set is not 0 or
  ///   more.
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

  /// Changes the rows of a sparse parameter that have a gradient.
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

  /// Throws if a rate cannot be used.
  private func checkRates() throws {
    for rate in [learningRate, weightDecay] + groups.flatMap({ [$0.learningRate, $0.weightDecay].compactMap { $0 } }) {
      guard rate >= 0, rate.isFinite else {
        throw RecurrentError(
          .invalidArgument, "a learning rate or weight decay of \(rate)", at: "\(Self.self)", remedy: "take 0 or more")
      }
    }
    for (name, share) in rule?.shares ?? [] where !(share >= 0 && share < 1) {
      throw RecurrentError(
        .invalidArgument, "\(name) is \(share)", at: "\(Self.self)",
        remedy: "take one from 0 up to, but not including, 1")
    }
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
  private func checkSparse(_ placed: PlacedParameters) throws {
    for named in placed.parameters where named.parameter.place?.rows != nil {
      guard rule?.ofRows(step: 1) != nil else {
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

  /// Neighbouring parameters with the same settings at the same step: one launch.
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

  /// What `update(_:)` gets of a run. One parameter comes in its shape and without padding.
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

  /// Where a parameter's states lie.
  func stateRange(_ index: Int) -> Range<Int> {
    let count = placed?.parameters[index].parameter.count ?? 0
    return stateOffsets[index]..<stateOffsets[index] + count
  }
}

extension UpdateRule {
  /// What decays by a share in each step.
  fileprivate var shares: [(name: String, share: Float)] {
    switch self {
    case .adam(let beta1, let beta2, _, _): [("beta1", beta1), ("beta2", beta2)]
    case .rmsprop(let alpha, _, _, _): [("alpha", alpha)]
    case .sgd, .adagrad: []
    }
  }
}
