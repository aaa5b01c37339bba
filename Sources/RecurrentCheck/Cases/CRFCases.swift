import RecurrentCore

/// A linear-chain CRF: its losses and its gradients.
func crfCases(_ size: ParityCase.Size) -> [ParityCase] {
  let (steps, batches, tags) =
    size == .quick ? ([1, 3], [3, 5], [3, 17]) : ([1, 3, 17], [1, 3, 9], [1, 3, 17, 32, 65])
  let cases = covering([steps.count, batches.count, tags.count, 2, 2, 2]).map { row in
    var choices = CoveringRow(row)
    return CRFOptions(
      steps: choices.next(steps), batch: choices.next(batches), tags: choices.next(tags), hasLengths: choices.flag(),
      adds: choices.flag(), isPacked: choices.flag())
  }
  let large = [
    CRFOptions(steps: 1500, batch: 2, tags: 5, hasLengths: false, adds: false, isPacked: true),
    CRFOptions(steps: 6, batch: 70, tags: 9, hasLengths: true, adds: true, isPacked: false),
    CRFOptions(steps: 4, batch: 3, tags: 259, hasLengths: true, adds: false, isPacked: false),
    CRFOptions(steps: 9, batch: 4, tags: 17, hasLengths: true, adds: false, isPacked: false, range: 60),
    CRFOptions(steps: 9, batch: 4, tags: 17, hasLengths: true, adds: false, isPacked: false, forbids: true),
  ]
  return (cases + (size == .quick ? [] : large)).map { options in
    ParityCase("crf", "crf \(options)") { stage in
      let trial = try CRFTrial(stage, options)
      try trial.forward()
      try trial.backward()
    }
  }
}

/// The oracle's gradient of a CRF.
func crfGradients() -> [GradientCase] {
  [false, true].map { hasLengths in
    let options = CRFOptions(steps: 5, batch: 3, tags: 4, hasLengths: hasLengths, adds: false, isPacked: true)
    return GradientCase("gradient of crf \(options)") { stage in try CRFTrial(stage, options).differentiable() }
  }
}

/// The size and options of a CRF.
struct CRFOptions: Sendable, CustomStringConvertible {
  var steps: Int
  var batch: Int
  var tags: Int
  var hasLengths: Bool
  var adds: Bool
  var isPacked: Bool
  /// The largest score.
  var range: Float = 2
  /// Whether some transitions are forbidden.
  var forbids = false

  var description: String {
    "\(steps)×\(batch)×\(tags)" + (hasLengths ? " lengths" : "") + (range > 2 ? " up to \(range)" : "")
      + (forbids ? " some forbidden" : "") + (adds ? " add" : " set") + (isPacked ? " packed" : " strided")
  }
}

/// A CRF's forward and backward pass on one stage.
final class CRFTrial {
  private let backend: any Backend
  private let forwardPass: ApplyCRF
  private let backwardPass: ApplyCRFBackward

  init(_ stage: Stage, _ options: CRFOptions) throws {
    stage.isPacked = options.isPacked
    backend = stage.backend
    let (steps, batch, tags) = (options.steps, options.batch, options.tags)
    // Rows of all steps, of none, and of some.
    let lengths = (0..<batch).map { options.hasLengths ? [steps, 0, (steps + 1) / 2, 1][$0 % 4] : steps }
    let own = (0..<steps * batch).map { place in
      place / batch < lengths[place % batch] ? Int32(stage.random(tags)) : -1
    }
    let scores = -options.range...options.range
    // Values past a row's length must not be read.
    let emissions = (0..<steps * batch * tags).map { place in
      let (step, row) = (place / tags / batch, place / tags % batch)
      let value = stage.uniform(scores)
      return step < lengths[row] ? value : .nan
    }
    // Never a transition of a row's own tags.
    let pairs = Set((batch..<max(steps * batch, batch)).map { [own[$0 - batch], own[$0]] })
    let transitions = (0..<tags * tags).map { place in
      let value = stage.uniform(scores)
      let isOwn = pairs.contains([Int32(place / tags), Int32(place % tags)])
      return options.forbids && !isOwn && place % 3 == 0 ? -.infinity : value
    }
    let sequence = try CRFSequence(
      batch: batch, emissions: stage.input(steps * batch, tags, values: emissions), tags: stage.indices(own),
      lengths: options.hasLengths ? stage.indices(lengths.map { Int32($0) }) : nil,
      transitions: stage.input(tags, tags, values: transitions), start: stage.input(1, tags, scores),
      end: stage.input(1, tags, scores), alphas: stage.scratch(steps * batch, 2 * tags))
    forwardPass = try ApplyCRF(sequence, losses: stage.result(batch, 1))
    backwardPass = try ApplyCRFBackward(
      sequence, upstream: stage.input(batch, 1, 0.5...1),
      dEmissions: stage.output(steps * batch, tags, adds: options.adds, slices: options.hasLengths ? 1 : steps),
      dTransitions: stage.output(tags, tags, adds: options.adds, terms: steps * batch),
      dStart: stage.output(1, tags, adds: options.adds, terms: batch),
      dEnd: stage.output(1, tags, adds: options.adds, terms: batch))
  }

  func forward() throws { try backend.crf(forwardPass) }
  func backward() throws { try backend.crfBackward(backwardPass) }

  /// The pass as a differentiable computation.
  func differentiable() -> Differentiable {
    let (sequence, gradients) = (forwardPass.sequence, backwardPass)
    let arguments = [
      (sequence.emissions, gradients.dEmissions), (sequence.transitions, gradients.dTransitions),
      (sequence.start, gradients.dStart), (sequence.end, gradients.dEnd),
    ]
    return Differentiable(
      forward: forward, backward: backward, results: [(forwardPass.losses, gradients.upstream)],
      arguments: arguments.compactMap { value, output in output.map { (value, $0.region) } })
  }
}
