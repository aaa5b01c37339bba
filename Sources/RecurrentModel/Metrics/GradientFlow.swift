import RecurrentCore

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How much of a loss's gradient reaches each time step: the norm of dL/dh of the steps of recurrent layers.
///
/// dL/dh of a step is all of it: what comes from the step's own output, and what comes back through time. Where it shrinks
/// by the same factor from step to step, a layer cannot learn from what lies far back (Hochreiter 1991, Bengio et al. 1994).
public struct GradientFlow: Sendable {
  /// The norms of one layer in one direction.
  public struct Layer: Sendable {
    /// The layer's path in the model, and which of its layers and directions it is: `rnn.l0`, `rnn.l0_reverse`.
    public let name: String
    /// Element k: the norm of dL/dh k steps before the direction's last step, a mean over the rows that are so long.
    /// (A reversed layer's last step is the first of the sequence.)
    public let norms: [Double]

    /// A layer's norms.
    public init(name: String, norms: [Double]) {
      self.name = name
      self.norms = norms
    }

    /// The factor by which the norm changes with each step back, as a geometric mean over the steps before it is 0, or
    /// too large for a number; nil where they are fewer than two.
    public var factorPerStep: Double? {
      let measured = norms.prefix { $0 > 0 && $0.isFinite }
      guard let first = measured.first, let last = measured.last, measured.count > 1 else { return nil }
      return pow(last / first, 1 / Double(measured.count - 1))
    }
  }

  /// The layers in the order in which they run.
  public let layers: [Layer]

  /// A flow of these layers.
  public init(layers: [Layer]) { self.layers = layers }

  /// Measures the flow through every recurrent layer of a model.
  ///
  /// Runs the layers step by step, which takes longer than training. The tape is in training mode, so dropout drops. The
  /// gradients of the model's parameters are 0 afterwards.
  /// - Parameters:
  ///   - model: A model that lies on the tape's device.
  ///   - batches: What the loss is computed of; norms are means over the rows of all.
  ///   - tape: What records; each batch is a pass of it.
  ///   - loss: The loss of a batch, a scalar. Where a model has one at every step, take that of the last: in a sum of all the
  ///     gradient of each state is for the most part that of its own step, whatever comes back through time.
  /// - Throws: `RecurrentError.invalidArgument` if the model has no recurrent layers or nothing ran through them.
  public static func measure<Batch>(
    _ model: any Module, over batches: some Sequence<Batch>, on tape: Tape, loss: (Batch) throws -> Tensor
  ) throws -> GradientFlow {
    let stacks = model.recurrentStacks("")
    guard !stacks.isEmpty else {
      throw RecurrentError(
        .invalidArgument, "a model without recurrent layers", at: "gradient flow",
        remedy: "only they have gradients through time")
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

  /// Norms that add up, by the number of steps before the last.
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
  /// The recurrent layers in a module, each with its path and a point after it.
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
