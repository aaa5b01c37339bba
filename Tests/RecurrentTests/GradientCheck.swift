import Recurrent
import RecurrentReference
import Testing

@testable import RecurrentModel

/// Compares the gradients that the tape computes with central differences, all in Double.
///
/// `inputs` are the shapes of tensors that `body` gets; they and the model's parameters are all perturbed, element by
/// element. What `body` returns is reduced with fixed random weights, so that every element's gradient counts.
func checkGradients(
  inputs shapes: [[Int]] = [], of models: [any Module] = [], scale: Double = 1,
  sourceLocation: SourceLocation = #_sourceLocation,
  _ body: @escaping (Tape, [Tensor]) throws -> [Tensor]
) throws {
  let probe = Probe(shapes.map { Parameter($0, .normal(scale)) }, models)
  let backend = ReferenceBackend()
  try probe.move(to: Device(backend), seed: 5)
  let tape = Tape(Device(backend), seed: 3)
  let run = { () throws -> Tensor in
    tape.step = 7
    tape.reset()
    // A factor of 1 gives each input a gradient that sets first, as activations have.
    let results = try body(tape, probe.inputs.map { try $0.tensor(on: tape).scaled(by: 1) })
    var random = RandomSource(seed: 11)
    let losses = try results.map { result in
      let weights = (0..<result.count).map { _ in Float(random.normal()) }
      return try (result.reshaped([result.count]) * tape.tensor(weights, shape: [result.count])).sum()
    }
    return try losses.dropFirst().reduce(losses[0]) { try $0 + $1 }
  }
  try probe.zeroGradients()
  try run().backward()
  let placement = try probe.placed().placement
  let step = 1e-5
  for (index, named) in probe.namedParameters.enumerated() where !named.parameter.isFrozen {
    let range = placement.offsets[index]..<placement.offsets[index] + named.parameter.count
    let gradients = backend.values(of: placement.gradients.columns(range))
    for (place, element) in range.enumerated() {
      let region = placement.values.columns(element..<element + 1)
      let value = backend.values(of: region)[0]
      let at = { (value: Double) throws -> Double in
        backend.setValues([value], of: region)
        return try backend.values(of: run().region)[0]
      }
      let difference = try (at(value + step) - at(value - step)) / (2 * step)
      backend.setValues([value], of: region)
      let error = abs(gradients[place] - difference)
      // Written so that NaN fails.
      #expect(
        error <= 1e-7 + 1e-6 * abs(difference), "\(named.name)[\(place)]: \(gradients[place]), not \(difference)",
        sourceLocation: sourceLocation)
    }
  }
}

private final class Probe: Module {
  let inputs: [Parameter]
  let models: [any Module]

  init(_ inputs: [Parameter], _ models: [any Module]) {
    self.inputs = inputs
    self.models = models
  }

  var members: [Member] {
    inputs.enumerated().map { .parameter("input\($0)", $1) } + models.enumerated().map { .module("\($0)", $1) }
  }
}

/// Throws away a test's boilerplate: a tape on a new oracle.
func referenceTape() -> Tape { Tape(Device(ReferenceBackend())) }

/// A backend's own message when something throws.
func message(of body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return "\(error)"
  }
}
