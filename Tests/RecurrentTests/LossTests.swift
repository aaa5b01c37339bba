import Recurrent
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
}
