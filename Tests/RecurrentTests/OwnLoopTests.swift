import Recurrent
import RecurrentCore
import RecurrentReference
import Testing

@testable import RecurrentModel

/// What a training loop of one's own uses: gradients that are read, set and clipped, rates that change, optimizers of parts.
@Suite struct OwnLoopTests {
  private final class Weights: Module {
    let first = Parameter([2, 2], .values([1, 1, 1, 1]))
    let second = Parameter([2], .values([1, 1]))
  }

  private func weights(_ backend: any Backend = ReferenceBackend()) throws -> Weights {
    let model = Weights()
    try model.move(to: Device(backend))
    try model.first.setGradient([3, -4, 0, 1])
    try model.second.setGradient([2, -0.5])
    return model
  }

  /// Numbers of torch.nn.utils.clip_grad_norm_ and clip_grad_value_ 2.13.
  @Test func gradientsAreClippedAsPyTorchClipsThem() throws {
    let model = try weights()
    #expect(try model.gradientNorm() == 5.5)
    #expect(try model.clipGradients(norm: 1.5) == 5.5)
    let clipped: [Float] = [0.8181817, -1.090909, 0, 0.2727273, 0.5454545, -0.1363636]
    for (value, expected) in zip(try model.parameters.flatMap { try $0.gradient() ?? [] }, clipped) {
      #expect(abs(value - expected) < 1e-6)
    }
    // A norm below the limit changes nothing.
    #expect(try abs(model.clipGradients(norm: 2) - 1.5) < 1e-5)
    let byValue = try weights()
    try byValue.clipGradients(value: 1.5)
    #expect(try byValue.first.gradient() == [1.5, -1.5, 0, 1] && byValue.second.gradient() == [1.5, -0.5])
    #expect(message { try byValue.clipGradients(norm: 0) } == "clip: the maximum norm is 0.0; use a value above 0")
    #expect(message { try byValue.clipGradients(value: -1) } == "clip: the clip value is -1.0; use a value above 0")
  }

  @Test func aGradientThatDoesNotFitIsNamed() throws {
    let model = Weights()
    #expect(
      message { try model.first.setGradient([1, 2, 3, 4]) }
        == "parameter: a parameter of shape [2, 2] has no gradient: it is not on a device; "
        + "call move(to:) on the whole model first")
    try model.move(to: Device(ReferenceBackend()))
    #expect(
      message { try model.first.setGradient([1]) }
        == "parameter: 1 gradient values for a parameter of shape [2, 2]")
    #expect(message { try Weights().clipGradients(norm: 1) }?.contains("call move(to:)") == true)
  }

  @Test func aSparseGradientIsSetAndReadAsAWhole() throws {
    let table = try Embedding(tokens: 4, size: 2, initializer: .constant(1), sparse: true)
    try table.move(to: Device(ReferenceBackend()))
    let sgd = SGD(learningRate: 0.5)
    try sgd.attach(to: table)
    #expect(try table.gradientNorm() == 0)
    try table.weight.setGradient([0, 0, 3, 0, 0, 0, 0, 4])
    #expect(try table.weight.gradient() == [0, 0, 3, 0, 0, 0, 0, 4] && table.gradientNorm() == 5)
    try sgd.step()
    #expect(try table.weight.values() == [1, 1, -0.5, 1, 1, 1, 1, -1])
    try sgd.zeroGradients()
    #expect(try table.weight.gradient() == [Float](repeating: 0, count: 8))
  }

  @Test func ratesAreSetAtAnyTime() throws {
    let model = try weights()
    let sgd = SGD(learningRate: 0.1, groups: [ParameterGroup(prefix: "second", learningRate: 0.01)])
    try sgd.attach(to: model)
    sgd.learningRate = 0.5
    sgd.groups[0].learningRate = 1
    try sgd.step()
    #expect(try model.first.values() == [-0.5, 3, 1, 0.5] && model.second.values() == [-1, 1.5])
    sgd.learningRate = .nan
    #expect(
      message { try sgd.step() } == "SGD: the learning rate or weight decay is nan; use a finite value of at least 0")
    #expect(try model.first.values() == [-0.5, 3, 1, 0.5])
    sgd.learningRate = 0
    sgd.groups[0] = ParameterGroup(prefix: "third")
    #expect(message { try sgd.step() }?.contains("matches no parameter") == true)
  }

  private final class Pair: Module {
    let left = try! Sequential(Dense(input: 2, output: 3), Dense(input: 3, output: 1))
    let right = try! Dense(input: 2, output: 1)
    let table = try! Embedding(tokens: 3, size: 2, sparse: true)
  }

  @Test func anOptimizerOfAPartLeavesTheRestAlone() throws {
    let model = Pair()
    let device = Device(ReferenceBackend())
    #expect(message { try Adam().attach(to: model.right) }?.contains("is not on a device") == true)
    try model.move(to: device, seed: 3)
    let (left, right) = (Adam(learningRate: 0.1), SGD(learningRate: 1, momentum: 0.5))
    try left.attach(to: model.left)
    try right.attach(to: model.right)
    #expect(Set(try right.stateDictionary().keys).isSuperset(of: ["weight.momentum_buffer", "bias.step"]))
    let before = try model.stateDictionary()
    for parameter in model.parameters { try parameter.setGradient([Float](repeating: 1, count: parameter.count)) }
    try right.step()
    let after = try model.stateDictionary()
    for (name, tensor) in before {
      let expected = tensor.values.map { name.hasPrefix("right.") ? $0 - 1 : $0 }
      #expect(after[name]?.values == expected, "\(name)")
    }
    try right.zeroGradients()
    #expect(try model.right.weight.gradient() == [0, 0] && model["left.0.bias"].gradient() == [1, 1, 1])
    #expect(try model.table.weight.gradient() == [Float](repeating: 1, count: 6))
    // The whole, of which one parameter is frozen.
    model.left.freeze()
    try left.step()
    #expect(try model.stateDictionary() == after)
    model.left.unfreeze()
    try left.step()
    let bias = try model["left.1.bias"].values()[0]
    #expect(abs(bias - (after["left.1.bias"]?.values[0] ?? 0) + 0.1) < 1e-5)
    #expect(try model.right.device().description == device.description)
  }

  /// Adam of a part gives what Adam of a model that is that part gives, over all its steps.
  @Test func aPartTrainsAsIfItWereAlone() throws {
    let (whole, alone) = (Pair(), Pair().left)
    try whole.move(to: Device(ReferenceBackend()), seed: 3)
    try alone.load(whole.left.stateDictionary())
    try alone.move(to: Device(ReferenceBackend()))
    let optimizers = (AdamW(learningRate: 0.1), AdamW(learningRate: 0.1))
    try optimizers.0.attach(to: whole.left)
    try optimizers.1.attach(to: alone)
    for step in 1...3 {
      for model in [whole.left, alone] {
        for parameter in model.parameters {
          try parameter.setGradient((0..<parameter.count).map { Float($0 * step) - 2 })
        }
      }
      try optimizers.0.step()
      try optimizers.1.step()
    }
    #expect(try whole.left.stateDictionary() == alone.stateDictionary())
    #expect(try optimizers.0.stateDictionary() == optimizers.1.stateDictionary())
  }

  /// Each parameter's gradient divided by its norm: what only sees one parameter at a time.
  private final class Normalised: Optimizer {
    var names: [String] = []
    init() { super.init(states: ["count"], oneParameterAtATime: true, learningRate: 1) }

    override func update(_ step: OptimizerStep) throws {
      let named = try #require(step.parameter)
      names.append(named.name)
      #expect(step.values.rows == named.parameter.shape.rows && step.values.columns == named.parameter.shape.columns)
      let norm = try step.backend.download(step.gradients).reduce(0) { $0 + $1 * $1 }.squareRoot()
      try step.backend.scale(Scale(step.gradients, by: -1 / norm, into: .add(step.values)))
      try step.backend.fill(step.state("count"), with: Float(step.count))
      #expect(
        message { _ = try step.state("other") } == "optimizer: the optimizer has no state other; the states are count")
    }
  }

  @Test func anOptimizerOfOnesOwnMayTakeOneParameterAtATime() throws {
    let model = try weights()
    let optimizer = Normalised()
    try optimizer.attach(to: model)
    try optimizer.step()
    #expect(optimizer.names == ["first", "second"])
    #expect(try abs(model.second.values()[0] - (1 - 2 / Float(4.25).squareRoot())) < 1e-6)
    #expect(try optimizer.stateDictionary()["second.count"]?.values == [1, 1])
    #expect(message { try Optimizer(learningRate: 1).attach(to: model) } == nil)
    let empty = Optimizer(learningRate: 1)
    try empty.attach(to: model)
    #expect(message { try empty.step() } == "Optimizer: the optimizer has no rule; override update(_:)")
    #expect(
      message { try Optimizer(states: ["m", "step"], learningRate: 1).attach(to: model) }
        == "Optimizer: duplicate or reserved state name in m, step; names must be distinct; step is reserved for the step count"
    )
    let table = try Embedding(tokens: 4, size: 2, sparse: true)
    try table.move(to: Device(ReferenceBackend()))
    #expect(message { try Normalised().attach(to: table) }?.contains("weight is sparse") == true)
  }
}
