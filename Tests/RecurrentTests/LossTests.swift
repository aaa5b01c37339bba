import Recurrent
import TestSupport
import Testing

@testable import RecurrentModel

@Suite struct LossTests {
  @Test func crossEntropyHasTheRightGradient() throws {
    try checkGradients(inputs: [[4, 3]]) { tape, x in
      let targets = try tape.labels([2, -1, 0, 1])
      return [
        try crossEntropy(x[0], targets), try crossEntropy(x[0], targets, weights: [1, 1, 0, 2.5]),
        try crossEntropy(x[0], targets, weights: [1, 1, 0, 2.5], smoothing: 0.2),
      ]
    }
  }

  @Test func elementwiseLossesHaveTheRightGradients() throws {
    try checkGradients(inputs: [[3, 2]]) { tape, x in
      let targets = try tape.tensor([0, 1, 1, 0, 0.25, 0.5], shape: [3, 2])
      return [
        try binaryCrossEntropyWithLogits(x[0], targets), try meanSquaredError(x[0], targets),
        try binaryCrossEntropyWithLogits(x[0], targets, weights: [0, 1, 2]),
        try meanSquaredError(x[0], targets, weights: [1, 0, 3]),
      ]
    }
  }

  /// `make_attention.py` beside the fixture says how they were computed.
  @Test(arguments: TestDevice.all) func lossesOfNumbersArePyTorchs(_ device: TestDevice) throws {
    let fixture = try Fixture(named: "losses")
    try device.run { backend in
      let tape = Tape(Device(backend))
      let input = { (key: String) in
        try tape.tensor(fixture[key].floats, shape: fixture[key].shape, needsGradient: key != "y" && key != "counts")
      }
      let (x, y, variances, counts) = (try input("x"), try input("y"), try input("variances"), try input("counts"))
      let forecasts = try input("forecasts")
      var total = try tape.full([], 0)
      for (name, reduction) in [("mean", Reduction.mean), ("sum", .sum), ("none", .none)] {
        let results = [
          "absolute": try meanAbsoluteError(x, y, reduction: reduction),
          "huber": try huberLoss(x, y, delta: 0.75, reduction: reduction),
          "gaussian": try gaussianLoss(x, y, variances: variances.abs(), epsilon: 0.5, reduction: reduction),
          "poisson": try poissonLoss(x, counts, reduction: reduction),
          "rate": try poissonLoss(x.abs(), counts, isLogarithm: false, reduction: reduction),
          "quantile": try quantileLoss(forecasts, y, quantiles: [0.125, 0.5, 0.75], reduction: reduction),
        ]
        for (loss, result) in results.sorted(by: { $0.key < $1.key }) {
          expectClose(try result.values(), try fixture["\(loss).\(name)"].values, "\(loss), \(name)")
          total = try total + result.sum()
        }
      }
      try total.backward()
      for (name, tensor) in [("x", x), ("variances", variances), ("forecasts", forecasts)] {
        expectClose(try tensor.gradient() ?? [], try fixture["grad." + name].values, "gradient of \(name)")
      }
    }
  }

  @Test func lossesOfNumbersHaveTheRightGradients() throws {
    try checkGradients(inputs: [[3, 2], [3, 2], [3, 2, 2]]) { tape, x in
      let y = try tape.tensor([0, 1, 3, 2, 0.25, 0.5], shape: [3, 2])
      return try [
        meanAbsoluteError(x[0], y, weights: [1, 0, 2]), huberLoss(x[0], y, delta: 0.5, weights: [1, 2, 3, 0, 1, 1]),
        gaussianLoss(x[0], y, variances: x[1].exp(), weights: [1, 0, 2]), poissonLoss(x[0], y, weights: [1, 0, 2]),
        quantileLoss(x[2], y, quantiles: [0.1, 0.9], weights: [1, 2, 3, 0, 1, 1]),
        negativeBinomialLoss(x[0].softplus(), y, dispersions: x[1].softplus(), weights: [1, 0, 2]),
        negativeBinomialLoss(x[0].exp(), y, dispersions: x[1].slice(0..<1, axis: 1).exp(), reduction: .none),
      ]
    }
  }

  /// A mask on the device gives the mean that weights on the host give.
  @Test(arguments: TestDevice.all) func masksLeaveOutElements(_ device: TestDevice) throws {
    try device.run { backend in
      let tape = Tape(Device(backend))
      let x = try tape.tensor(Self.x, shape: [2, 3], needsGradient: true)
      let y = try tape.tensor(Self.y, shape: [2, 3])
      for (mask, shape) in [([1, 0, 1, 1, 0, 0], [2, 3]), ([0, 2], [2, 1]), ([0], [1])] as [([Float], [Int])] {
        let weights = try tape.tensor(mask, shape: shape, needsGradient: true)
        let found = try meanAbsoluteError(x, y, reduction: .none).mean(weights: weights)
        let expected = try meanAbsoluteError(x, y, weights: weights.expanded(to: [2, 3]).values())
        #expect(abs(try found.item() - expected.item()) < 1e-6)
      }
      let mask = try tape.tensor([1, 0, 1, 1, 0, 0], shape: [2, 3])
      try meanAbsoluteError(x, y, reduction: .none).mean(weights: mask).backward()
      let gradient = try x.gradient() ?? []
      #expect(zip(gradient, [-1, 0, 1, 1, 0, 0]).allSatisfy { abs($0 - $1 / 3) < 1e-6 } && gradient.count == 6)
      #expect(
        message { _ = try x.mean(weights: tape.full([2, 2, 3], 1)) }
          == "weighted mean: weights of shape [2, 2, 3] for elements of shape [2, 3]; "
          + "give one weight per element, or a shape that broadcasts to the elements'")
    }
  }

  /// Numbers of torch.distributions.NegativeBinomial 2.13.
  @Test(arguments: TestDevice.all) func lossesOfCountsArePyTorchs(_ device: TestDevice) throws {
    try device.run { backend in
      let tape = Tape(Device(backend))
      let means = try tape.tensor([0.5, 3, 20, 1.5, 0.2, 7], shape: [2, 3], needsGradient: true)
      let dispersions = try tape.tensor([0.125, 2, 0.5], shape: [3], needsGradient: true)
      let losses = try negativeBinomialLoss(
        means, tape.tensor([0, 4, 31, 1, 0, 2], shape: [2, 3]), dispersions: dispersions, reduction: .none)
      try (losses * tape.tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])).sum().backward()
      let expected: [[Float]] = [
        [0.48499697, 2.88624, 4.2846702, 1.1411872, 0.16823612, 2.4121714],
        [0.94117647, -0.0952381, -0.15, 1.122807, 3.5714286, 0.95238095], [1.3647485, 0.49693082, -0.83732512],
      ]
      let found = try [losses.values(), means.gradient() ?? [], dispersions.gradient() ?? []]
      for (values, expected) in zip(found, expected) {
        #expect(values.count == expected.count)
        #expect(zip(values, expected).allSatisfy { abs($0 - $1) < 3e-5 * max(1, abs($1)) }, "\(values)")
      }
    }
  }

  /// Where the variance is nearly the mean, no gradient is lost to rounding: it is `(count − (count − mean)²) / 2`.
  @Test(arguments: TestDevice.all) func aSmallDispersionHasAGradient(_ device: TestDevice) throws {
    try device.run { backend in
      let tape = Tape(Device(backend))
      for dispersion in [0, 1e-7, 1e-5] as [Float] {
        tape.reset()
        let dispersions = try tape.tensor([dispersion], shape: [1], needsGradient: true)
        let (means, counts) = (try tape.full([1], 12), try tape.full([1], 9))
        let loss = try negativeBinomialLoss(means, counts, dispersions: dispersions)
        try loss.backward()
        // −log of Poisson's probability of 9 where 12 are expected.
        #expect(abs(try loss.item() - 2.4377) < 2e-4)
        #expect(abs(try dispersions.gradient()?[0] ?? .nan) < 0.05)
      }
    }
  }

  @Test func lossesOfNumbersRefuseWhatDoesNotFit() throws {
    let tape = referenceTape()
    let (x, y) = (try tape.full([2, 3], 1), try tape.full([3, 2], 1))
    #expect(
      message { _ = try meanAbsoluteError(x, y) }
        == "mean absolute error: predictions of shape [2, 3] and targets of shape [3, 2]; "
        + "give both the same shape: reshaped(_:) or swappingLeadingAxes()")
    #expect(message { _ = try huberLoss(x, x, delta: 0) } == "Huber loss: delta is 0.0; use a value above 0")
    #expect(message { _ = try gaussianLoss(x, x, variances: y) }?.contains("variances of shape [3, 2]") == true)
    #expect(message { _ = try gaussianLoss(x, x, variances: x, epsilon: .nan) }?.contains("epsilon is nan") == true)
    #expect(
      message { _ = try quantileLoss(x, x, quantiles: [0.5]) }?.contains("give predictions of shape [2, 3, 1]") == true)
    #expect(message { _ = try quantileLoss(x, x, quantiles: [1]) }?.contains("a quantile is 1.0") == true)
    #expect(
      message { _ = try negativeBinomialLoss(x, x, dispersions: y) }?.contains("dispersions of shape [3, 2]") == true)
    #expect(message { _ = try poissonLoss(x, y) }?.contains("[2, 3] and targets of shape [3, 2]") == true)
    #expect(
      message { _ = try poissonLoss(x, x, weights: [1]) }
        == "Poisson loss: 1 weights for 2 rows of 3 elements; give one per row, or one per element")
  }

  /// Numbers of torch.nn.functional.
  @Test func lossesAreMeansAsPyTorchTakesThem() throws {
    let tape = referenceTape()
    let logits = try tape.tensor([1, 2, 0.5, -1, 0, 3], shape: [2, 3])
    #expect(abs(try crossEntropy(logits, tape.labels([1, 0])).item() - 2.265_126_5) < 1e-6)
    #expect(abs(try crossEntropy(logits, tape.labels([1, -1])).item() - 0.464_368_8) < 1e-6)
    #expect(abs(try crossEntropy(logits, tape.labels([1, 0]), smoothing: 0.1).item() - 2.223_459_7) < 1e-6)
    let targets = try tape.tensor([0, 1, 1, 0, 0.25, 0.5], shape: [2, 3])
    #expect(abs(try binaryCrossEntropyWithLogits(logits, targets).item() - 0.744_877_2) < 1e-6)
    #expect(abs(try meanSquaredError(logits, targets).item() - 1.593_75) < 1e-6)
  }

  @Test func aBatchWithoutTargetsIsNoLoss() throws {
    let tape = referenceTape()
    let logits = try tape.tensor([1, 2], shape: [1, 2], needsGradient: true)
    let loss = try crossEntropy(logits, tape.labels([-1]))
    #expect(try loss.item() == 0)
    try loss.backward()
    #expect(try logits.gradient() == [0, 0])
  }

  @Test func aClassBeyondTheLogitsIsAnError() throws {
    let tape = referenceTape()
    let logits = try tape.full([1, 2], 0)
    #expect(message { _ = try crossEntropy(logits, tape.labels([2])) }?.contains("index 2") == true)
  }

  @Test func aSmoothingOutOfItsRangeIsAnError() throws {
    let tape = referenceTape()
    let logits = try tape.full([1, 2], 0)
    for smoothing in [-0.1, 1, Float.nan] {
      let error = message { _ = try crossEntropy(logits, tape.labels([1]), smoothing: smoothing) }
      #expect(error?.contains("label smoothing") == true)
    }
  }

  @Test func targetsOfAnotherShapeAreAnError() throws {
    let tape = referenceTape()
    let logits = try tape.full([4, 3], 0)
    for targets in [[0, 1], [0, 1, 2, 0, 1]] as [[Int32]] {
      let error = #expect(throws: RecurrentError.self) { _ = try crossEntropy(logits, tape.labels(targets)) }
      #expect(error?.kind == .shapeMismatch)
    }
    // As many, but not of the same axes: [T, N] beside [N, T].
    let sequence = try tape.tensor((0..<12).map { Float($0 % 5) }, shape: [2, 3, 2])
    let labels: [Int32] = [0, 1, 1, 0, 1, 1]
    #expect(try crossEntropy(sequence, tape.labels(labels, shape: [2, 3])).item() > 0)
    #expect(
      message { _ = try crossEntropy(sequence, tape.labels(labels, shape: [3, 2])) }
        == "cross-entropy: targets of shape [3, 2] for logits of shape [2, 3, 2]; "
        + "give targets of shape [2, 3]: tape.labels(values, shape: …)")
    #expect(message { _ = try crossEntropy(sequence, tape.labels(labels)) }?.contains("[6]") == true)
    for loss in [{ try meanSquaredError($0, $1) }, { try binaryCrossEntropyWithLogits($0, $1) }]
      as [(Tensor, Tensor) throws -> Tensor]
    {
      // Equal numbers in another order of axes: it was a loss of 0.
      for shape in [[3, 2, 2], [6, 2], [2, 6], [12], [2, 3, 2, 1]] {
        let error = #expect(throws: RecurrentError.self) { _ = try loss(sequence, sequence.reshaped(shape)) }
        #expect(error?.kind == .shapeMismatch && error?.what.contains("\(shape)") == true)
      }
      #expect(try loss(sequence, sequence).item().isFinite)
    }
    #expect(try meanSquaredError(sequence, sequence).item() == 0)
  }

  // MARK: Reductions, weights of elements and positive weights: numbers of torch.nn.functional 2.13.

  private static let x: [Float] = [0.5, -1, 2, 1.5, 0.2, -0.7]
  private static let y: [Float] = [1, 0, 0.25, 0, 1, 1]

  /// A loss of `x [2, 3]`, and its gradient where each result's own is `upstream`.
  private func check(
    _ expected: [Float], gradient: [Float], upstream: [Float]? = nil, sourceLocation: SourceLocation = #_sourceLocation,
    _ loss: (Tape, Tensor, Tensor) throws -> Tensor
  ) throws {
    let tape = referenceTape()
    let x = try tape.tensor(Self.x, shape: [2, 3], needsGradient: true)
    let result = try loss(tape, x, tape.tensor(Self.y, shape: [2, 3]))
    let scalar = try upstream.map { try (result * tape.tensor($0, shape: result.shape)).sum() } ?? result
    try scalar.backward()
    for (values, expected) in try [(result.values(), expected), (x.gradient() ?? [], gradient)] {
      #expect(values.count == expected.count, sourceLocation: sourceLocation)
      for (value, expected) in zip(values, expected) {
        #expect(abs(value - expected) < 1e-6 * max(1, abs(expected)), sourceLocation: sourceLocation)
      }
    }
  }

  @Test func crossEntropyIsReducedAsPyTorchReduces() throws {
    try check(
      [0.5658085], gradient: [0.1752904, 0.0391126, -0.214403, -0.2771093, 0.1970107, 0.0800986]
    ) { tape, x, _ in try crossEntropy(x, tape.labels([2, 0]), reduction: .sum) }
    try check(
      [0.2413113, 0.3244972], gradient: [0.3505808, 0.0782251, -0.4288059, 0.2771093, -0.1970107, -0.0800986],
      upstream: [2, -1]
    ) { tape, x, _ in try crossEntropy(x, tape.labels([2, 0]), reduction: .none) }
    try check(
      [0, 0.3244972], gradient: [0, 0, 0, -0.2771093, 0.1970107, 0.0800986], upstream: [1, 1]
    ) { tape, x, _ in try crossEntropy(x, tape.labels([-1, 0]), reduction: .none) }
    // Weights are factors on the rows.
    try check(
      [0.1206557, 0.6489943], gradient: [0.0876452, 0.0195563, -0.1072015, -0.5542185, 0.3940214, 0.1601971],
      upstream: [1, 1]
    ) { tape, x, _ in try crossEntropy(x, tape.labels([2, 0]), weights: [0.5, 2], reduction: .none) }
    try check([0.76965], gradient: [0.0876452, 0.0195563, -0.1072015, -0.5542185, 0.3940214, 0.1601971]) { tape, x, _ in
      try crossEntropy(x, tape.labels([2, 0]), weights: [0.5, 2], reduction: .sum)
    }
  }

  @Test func elementwiseLossesAreReducedAsPyTorchReduces() throws {
    try check([10.0925007], gradient: [-1, -2, 3.5, 3, -1.6, -3.4]) { try meanSquaredError($1, $2, reduction: .sum) }
    try check(
      [0.25, 1, 3.0625, 2.25, 0.64, 2.89], gradient: [-1, -4, 10.5, 12, -8, -20.4], upstream: [1, 2, 3, 4, 5, 6]
    ) { try meanSquaredError($1, $2, reduction: .none) }
    try check([5.8170047], gradient: [-0.3775406, 0.2689414, 0.630797, 0.8175744, -0.450166, -0.6681877]) {
      try binaryCrossEntropyWithLogits($1, $2, reduction: .sum)
    }
    try check(
      [0.474077, 0.3132617, 1.626928, 1.7014133, 0.5981389, 1.103186],
      gradient: [-0.3775406, 0.5378829, 1.8923911, 3.2702978, -2.2508302, -4.0091267], upstream: [1, 2, 3, 4, 5, 6]
    ) { try binaryCrossEntropyWithLogits($1, $2, reduction: .none) }
  }

  @Test func elementsHaveWeights() throws {
    let weights: [Float] = [1, 2, 0, 0.5, 1, 3]
    try check([12.6850004], gradient: [-1, -4, 0, 1.5, -1.6, -10.2]) {
      try meanSquaredError($1, $2, weights: weights, reduction: .sum)
    }
    try check([1.6913334], gradient: [-0.1333333, -0.5333334, 0, 0.2, -0.2133334, -1.3600001]) {
      try meanSquaredError($1, $2, weights: weights)
    }
    // Those of rows are those of their elements.
    try check([0.5, 2, 6.125, 2.25, 0.64, 2.89], gradient: [-2, -4, 7, 3, -1.6, -3.4], upstream: [1, 1, 1, 1, 1, 1]) {
      try meanSquaredError($1, $2, weights: [2, 1], reduction: .none)
    }
    let tape = referenceTape()
    let x = try tape.full([2, 3], 0)
    #expect(
      message { _ = try meanSquaredError(x, x, weights: [1, 2, 3]) }
        == "mean squared error: 3 weights for 2 rows of 3 elements; give one per row, or one per element")
    #expect(
      message { _ = try meanSquaredError(x, x, weights: [1, 2, 3], reduction: .none) }
        == "mean squared error: 3 weights for 2 rows of 3 elements; give one per row, or one per element")
    #expect(
      message { _ = try crossEntropy(x, tape.labels([0, 1]), weights: [1]) }
        == "cross-entropy: 1 weights for 2 rows; give one per row")
  }

  @Test func positiveWeightsAreAsPyTorchs() throws {
    try check([1.2668346], gradient: [-0.1887703, 0.0448236, 0.100166, 0.1362624, -0.0375138, -0.2227293]) {
      try binaryCrossEntropyWithLogits($1, $2, positiveWeight: [3, 0.5, 2])
    }
    try check([1.7052121], gradient: [-0.1887703, 0.0448236, 0.0951993, 0.1362624, -0.225083, -0.3340939]) {
      try binaryCrossEntropyWithLogits($1, $2, positiveWeight: [3])
    }
    try check(
      [1.422231, 0.3132617, 1.6586601, 1.7014133, 0.2990694, 2.206372],
      gradient: [-1.132622, 0.5378829, 1.8029888, 3.2702978, -1.1254151, -8.0182533], upstream: [1, 2, 3, 4, 5, 6]
    ) { try binaryCrossEntropyWithLogits($1, $2, positiveWeight: [3, 0.5, 2], reduction: .none) }
    try check([9.817647], gradient: [-1.132622, 0.5378829, 0, 0.4087872, -0.225083, -4.0091267]) {
      try binaryCrossEntropyWithLogits(
        $1, $2, weights: [1, 2, 0, 0.5, 1, 3], positiveWeight: [3, 0.5, 2], reduction: .sum)
    }
    // One of 1 changes nothing.
    try check([0.9695008], gradient: [-0.0629234, 0.0448236, 0.1051328, 0.1362624, -0.0750277, -0.1113646]) {
      try binaryCrossEntropyWithLogits($1, $2, positiveWeight: [1])
    }
    let x = try referenceTape().full([2, 3], 0)
    #expect(
      message { _ = try binaryCrossEntropyWithLogits(x, x, positiveWeight: [1, 2]) }
        == "binary cross-entropy: 2 positive weights for 3 columns; give one per column, or one for all")
    #expect(message { _ = try binaryCrossEntropyWithLogits(x, x, positiveWeight: [-1]) }?.contains("-1.0") == true)
  }

  @Test(arguments: TestDevice.all) func everyDeviceHasPyTorchsLossesOfElements(_ device: TestDevice) throws {
    try device.run { backend in
      let tape = Tape(Device(backend))
      let x = try tape.tensor(Self.x, shape: [2, 3], needsGradient: true)
      let losses = try binaryCrossEntropyWithLogits(
        x, tape.tensor(Self.y, shape: [2, 3]), positiveWeight: [3, 0.5, 2], reduction: .none)
      try (losses * tape.tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])).sum().backward()
      let expected: [[Float]] = [
        [1.422231, 0.3132617, 1.6586601, 1.7014133, 0.2990694, 2.206372],
        [-1.132622, 0.5378829, 1.8029888, 3.2702978, -1.1254151, -8.0182533],
      ]
      for (values, expected) in try zip([losses.values(), x.gradient() ?? []], expected) {
        #expect(zip(values, expected).allSatisfy { abs($0 - $1) < 2e-6 * max(1, abs($1)) }, "\(values)")
      }
    }
  }

  @Test func reducedLossesHaveTheRightGradients() throws {
    try checkGradients(inputs: [[3, 4]]) { tape, x in
      // Half of a wider tensor, whose rows have gaps.
      let half = try x[0].columns(1..<3)
      let targets = try tape.tensor([0, 1, 1, 0, 0.25, 0.5], shape: [3, 2])
      let factors = try tape.tensor([0.5, -1, 2, 1, 3, 0.1], shape: [3, 2])
      return [
        try (binaryCrossEntropyWithLogits(half, targets, positiveWeight: [2, 0.5], reduction: .none) * factors).sum(),
        try binaryCrossEntropyWithLogits(half, targets, weights: [1, 2, 0.5], positiveWeight: [2]),
        try (meanSquaredError(half, targets, weights: [1, 0, 3, 1, 2, 1], reduction: .none) * factors).mean(),
        try
          (crossEntropy(x[0], tape.labels([2, -1, 3]), weights: [1, 1, 2.5], smoothing: 0.1, reduction: .none)
          * tape.tensor([1, 2, -0.5], shape: [3])).sum(),
      ]
    }
  }
}
