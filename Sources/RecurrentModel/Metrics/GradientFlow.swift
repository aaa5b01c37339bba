import RecurrentCore

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The gradient of a loss at each time step: the norm of dL/dh at the steps of recurrent layers.
///
/// dL/dh includes the gradient from the step's own output and the one that comes back through time. If it shrinks by a
/// constant factor per step, a layer cannot learn from distant steps (Hochreiter 1991, Bengio et al. 1994).
public struct GradientFlow: Sendable {
  /// The norms of one layer in one direction.
  public struct Layer: Sendable {
    /// The path of the layer in the model, its number and its direction: `rnn.l0`, `rnn.l0_reverse`.
    public let name: String
    /// Element k: the norm of dL/dh k steps before the direction's last step, averaged over the rows that are long
    /// enough. (The last step of a reversed layer is the first of the sequence.)
    public let norms: [Double]

    /// A layer's norms.
    package init(name: String, norms: [Double]) {
      self.name = name
      self.norms = norms
    }

    /// The factor by which the norm changes per step back, as a geometric mean over the steps before it becomes 0 or
    /// infinite; nil for fewer than two steps.
    public var factorPerStep: Double? {
      let measured = norms.prefix { $0 > 0 && $0.isFinite }
      guard let first = measured.first, let last = measured.last, measured.count > 1 else { return nil }
      return pow(last / first, 1 / Double(measured.count - 1))
    }
  }

  /// The layers, in the order in which they run.
  public let layers: [Layer]

  /// A flow of these layers.
  package init(layers: [Layer]) { self.layers = layers }

  /// Measures the gradient flow through every recurrent layer of a model.
  ///
  /// Runs the layers step by step, which is slower than training. The tape is in training mode, so dropout is active.
  /// The gradients of the model's parameters are 0 afterwards.
  /// - Parameters:
  ///   - model: A model on the device of the tape.
  ///   - batches: The batches of the loss; norms are means over all their rows.
  ///   - tape: The tape to use; each batch is one pass.
  ///   - loss: The scalar loss of a batch. If a model has a loss per step, use that of the last step: in the sum over
  ///     all steps, the gradient of each state is dominated by its own step, whatever comes back through time.
  /// - Throws: `RecurrentError.invalidArgument` if the model has no recurrent layers or no batch ran through them.
  public static func measure<Batch>(
    _ model: any Module, over batches: some Sequence<Batch>, on tape: Tape, loss: (Batch) throws -> Tensor
  ) throws -> GradientFlow {
    let stacks = model.recurrentStacks("")
    guard !stacks.isEmpty else {
      throw RecurrentError(
        .invalidArgument, "the model has no recurrent layers", at: "gradient flow",
        remedy: "gradient flow is defined for recurrent layers only")
    }
    defer { stacks.forEach { $0.stack.recorder = nil } }
    var sums: [String: Sums] = [:]
    var names: [String] = []
    for batch in batches {
      tape.mode = .training
      tape.reset()
      for stack in stacks { stack.stack.recorder = StateRecorder() }
      try loss(batch).backward()
      for (path, stack) in stacks {
        for run in stack.recorder?.runs ?? [] {
          let name = path + "l\(run.layer)" + (run.isReversed ? "_reverse" : "")
          if sums[name] == nil { names.append(name) }
          try sums[name, default: Sums()].add(run)
        }
      }
    }
    try model.zeroGradients()
    guard !names.isEmpty else {
      throw RecurrentError(.invalidArgument, "no batch ran through the recurrent layers", at: "gradient flow")
    }
    return GradientFlow(layers: names.map { Layer(name: $0, norms: sums[$0]?.means ?? []) })
  }

  /// Sums of norms, by the number of steps before the last.
  private struct Sums {
    var norms: [Double] = []
    var counts: [Int] = []

    var means: [Double] { zip(norms, counts).map { $0 / Double(max($1, 1)) } }

    mutating func add(_ run: StateRecorder.Run) throws {
      let count = run.steps.count
      let missing = max(0, count - norms.count)
      norms += Array(repeating: 0, count: missing)
      counts += Array(repeating: 0, count: missing)
      for (step, tensors) in run.steps.enumerated() {
        let (rows, hidden) = (tensors.state.shape[0], tensors.state.shape[1])
        let parts = try [tensors.output, tensors.state].compactMap { try $0.gradient() }
        for row in 0..<rows {
          let length = run.lengths.map { Int($0[row]) } ?? count
          guard step < length else { continue }
          let squares = (row * hidden..<(row + 1) * hidden).reduce(0.0) { sum, place in
            let gradient = parts.reduce(0.0) { $0 + Double($1[place]) }
            return sum + gradient * gradient
          }
          let distance = run.isReversed ? step : length - 1 - step
          norms[distance] += squares.squareRoot()
          counts[distance] += 1
        }
      }
    }
  }
}

extension Module {
  /// The recurrent layers of a module, each with its path followed by a point.
  fileprivate func recurrentStacks(
    _ path: String, below above: [ObjectIdentifier] = []
  ) -> [(path: String, stack: RecurrentStack)] {
    if let stack = self as? RecurrentStack { return [(path, stack)] }
    let (members, above) = members(below: above)
    return members.flatMap { member -> [(path: String, stack: RecurrentStack)] in
      guard case .module(let name, let module) = member else { return [] }
      return module.recurrentStacks(path + name + ".", below: above)
    }
  }
}
