import Recurrent
import Testing

@testable import RecurrentModel

private final class Weights: Module {
  let first: Parameter
  let second: Parameter

  init(_ first: [Float], _ second: [Float]) {
    self.first = Parameter([first.count], .values(first))
    self.second = Parameter([second.count], .values(second))
  }
}

@Suite struct OptimizerTests {
  @Test func aGroupWithoutAParameterIsNamed() throws {
    let model = Sequential(try Dense(input: 1, output: 1), try Dense(input: 1, output: 1))
    try model.move(to: Device(referenceTape().backend))
    let typo = Adam(groups: [ParameterGroup(prefix: "0."), ParameterGroup(prefix: "head", learningRate: 1)])
    #expect(
      message { try typo.attach(to: model) }
        == "Adam: the parameter group \"head\" matches no parameter; the parameters are 0.weight, 0.bias, 1.weight, 1.bias"
    )
    let none = SGD(groups: [ParameterGroup { _ in false }])
    #expect(message { try none.attach(to: model) }?.contains("group 1 matches no parameter") == true)
    let hidden = SGD(groups: [ParameterGroup(prefix: ""), ParameterGroup(prefix: "1")])
    #expect(message { try hidden.attach(to: model) }?.contains("group \"1\" also matches an earlier group") == true)
    try SGD(groups: [ParameterGroup(prefix: "1"), ParameterGroup(prefix: "")]).attach(to: model)
  }

  /// Three steps from the same weights with the same gradients in torch.optim 2.13, float32.
  static var cases: [(Optimizer, [Float])] {
    [
      (SGD(learningRate: 0.1), [0.51500005, -1.03, 1.96, 0.13, -0.34999999]),
      (
        SGD(learningRate: 0.1, momentum: 0.9, dampening: 0.1, weightDecay: 0.01),
        [0.48873034, -1.0179201, 1.907263, -0.070373468, -0.27735195]
      ),
      (
        SGD(learningRate: 0.1, momentum: 0.9, nesterov: true),
        [0.50906003, -1.0586201, 1.8859299, -0.013100004, -0.34235004]
      ),
      (Adam(learningRate: 0.1, weightDecay: 0.01), [0.339019, -0.97231752, 1.7879426, -0.062337637, -0.21952753]),
      (
        AdamW(learningRate: 0.1, beta1: 0.8, weightDecay: 0.1),
        [0.34012535, -0.95925981, 1.7489433, -0.049879212, -0.2280402]
      ),
      (RMSprop(learningRate: 0.1), [-0.010944068, -1.1147966, 0.77949131, -0.26752591, -0.58748156]),
      (
        RMSprop(learningRate: 0.1, alpha: 0.9, momentum: 0.5, centered: true),
        [-0.022055695, -0.92568433, 1.3852869, -0.31744027, -0.2281747]
      ),
      (
        Adagrad(learningRate: 0.1, learningRateDecay: 0.05, initialAccumulator: 0.2),
        [0.51743495, -1.0336066, 1.9304978, 0.064601429, -0.32704797]
      ),
    ]
  }

  static let start: [Float] = [0.5, -1.0, 2.0, 0.1, -0.3]
  static let gradients: [[Float]] = [
    [0.1, -0.2, 0.3, 1.0, -0.5], [0.05, 0.4, -0.1, 0.2, 0.3], [-0.3, 0.1, 0.2, -1.5, 0.7],
  ]

  @Test(arguments: 0..<8) func threeStepsAreAsPyTorchs(_ index: Int) throws {
    let (optimizer, expected) = Self.cases[index]
    let model = Weights(Self.start, [1])
    try model.move(to: Device(referenceTape().backend))
    try optimizer.attach(to: model)
    for (step, gradient) in Self.gradients.enumerated() {
      if step == 2 {
        // What the optimizer remembers survives a trip to the host.
        let state = try optimizer.stateDictionary()
        try optimizer.attach(to: model)
        try optimizer.load(state)
      }
      let placement = try model.placed().placement
      try placement.backend.upload(gradient, to: placement.gradients.columns(0..<5))
      try optimizer.step()
    }
    for (value, expected) in zip(try model.first.values(), expected) { #expect(abs(value - expected) < 2e-6) }
  }

  @Test func groupsAndFrozenParametersHaveTheirOwnWay() throws {
    let model = Weights([1, 1], [1])
    try model.move(to: Device(referenceTape().backend))
    let optimizer = SGD(learningRate: 0.1, groups: [ParameterGroup(prefix: "second", learningRate: 0.01)])
    try optimizer.attach(to: model)
    let placement = try model.placed().placement
    try placement.backend.fill(placement.gradients, with: 1)
    try optimizer.step()
    #expect(try model.first.values() == [0.9, 0.9] && model.second.values() == [0.99])
    model.first.isFrozen = true
    try optimizer.step(factor: 2)
    #expect(try model.first.values() == [0.9, 0.9])
    #expect(abs(try model.second.values()[0] - 0.97) < 1e-6)
  }

  @Test func aStateThatDoesNotFitIsNamed() throws {
    let model = Weights([1, 1], [1])
    try model.move(to: Device(referenceTape().backend), seed: 0, states: 2)
    let optimizer = Adam()
    try optimizer.attach(to: model)
    var state = try optimizer.stateDictionary()
    state["first.exp_avg"] = nil
    state["third.exp_avg"] = try HostTensor(shape: [1], values: [0])
    state["second.exp_avg"] = try HostTensor(shape: [1, 1], values: [5])
    #expect(
      message { try optimizer.load(state) }?.contains(
        "the tensors do not match the optimizer's state: missing: first.exp_avg; unexpected: third.exp_avg; "
          + "of another shape: second.exp_avg is [1, 1], not [1]") == true)
    #expect(try optimizer.stateDictionary()["second.exp_avg"]?.values == [0])
  }

  @Test func schedulesAreFunctionsOfTheStep() {
    #expect(LearningRateSchedule.constant(100) == 1)
    let steps = LearningRateSchedule.step(every: 10, factor: 0.5)
    #expect([0, 9, 10, 25].map { steps($0) } == [1, 1, 0.5, 0.25])
    let cosine = LearningRateSchedule.cosine(total: 110, warmUp: 10, floor: 0.1)
    #expect(abs(cosine(0) - 0.1) < 1e-12 && abs(cosine(9) - 1) < 1e-12 && abs(cosine(10) - 1) < 1e-12)
    #expect(abs(cosine(60) - 0.55) < 1e-12 && abs(cosine(110) - 0.1) < 1e-12 && abs(cosine(500) - 0.1) < 1e-12)
  }

  @Test func misuseIsNamed() throws {
    #expect(message { try Adam().step() }?.contains("attach") == true)
    let model = Weights([1], [1])
    #expect(throws: RecurrentError.self) { try Adam().attach(to: model) }
    try model.move(to: Device(referenceTape().backend))
    #expect(message { try SGD(learningRate: -1).attach(to: model) }?.contains("-1") == true)
    let adam = Adam()
    try adam.attach(to: model)
    #expect(message { try adam.load([:]) }?.contains("first.exp_avg") == true)
    try model.move(to: Device(referenceTape().backend))
    #expect(message { try adam.step() }?.contains("moved") == true)
  }

  /// A parameter that is frozen for the first of three steps, in torch.optim 2.13, float32.
  static var lateCases: [(Optimizer, [Float], [Float])] {
    [
      (
        Adam(learningRate: 0.1), [0.341504395, -0.978175461, 1.79966938, -0.0623368546, -0.220481485],
        [0.885547996, -0.353053153]
      ),
      (
        SGD(learningRate: 0.1, momentum: 0.9, dampening: 0.5),
        [0.483150005, -0.988799989, 1.91820002, -0.115000002, -0.228], [0.952999949, -0.42900002]
      ),
    ]
  }

  @Test(arguments: 0..<2) func aParameterUnfrozenLateStartsWithItsOwnFirstStep(_ index: Int) throws {
    let (optimizer, first, second) = Self.lateCases[index]
    let model = Weights(Self.start, [1, -0.5])
    try model.move(to: Device(referenceTape().backend))
    try optimizer.attach(to: model)
    model.second.isFrozen = true
    for (step, gradient) in Self.gradients.enumerated() {
      let placement = try model.placed().placement
      try placement.backend.upload(gradient, to: placement.gradients.columns(0..<5))
      try placement.backend.upload(
        [[0.7, 0.7], [0.3, -0.4], [-0.2, 0.1]][step], to: placement.gradients.columns(16..<18))
      try optimizer.step()
      model.second.isFrozen = false
      // The steps of each parameter survive a trip to the host.
      let state = try optimizer.stateDictionary()
      #expect(state["first.step"]?.values == [Float(step + 1)] && state["second.step"]?.values == [Float(step)])
      try optimizer.attach(to: model)
      try optimizer.load(state)
    }
    for (value, expected) in zip(try model.first.values(), first) { #expect(abs(value - expected) < 2e-6) }
    for (value, expected) in zip(try model.second.values(), second) { #expect(abs(value - expected) < 2e-6) }
  }

  @Test func aDamagedStepIsNamed() throws {
    let model = Weights([1], [1])
    try model.move(to: Device(referenceTape().backend))
    let sgd = SGD()
    try sgd.attach(to: model)
    for step in [Float.nan, -1, 0.5, .infinity] {
      var state = try sgd.stateDictionary()
      state["second.step"] = try HostTensor(shape: [], values: [step])
      #expect(message { try sgd.load(state) }?.contains("second.step") == true)
    }
  }
}
