import RecurrentCore
import RecurrentReference

/// Every cell, forward and backward: the backend's own pass, the default time loop, and passes that start on one
/// backend and end on the other.
func cellCases(_ size: ParityCase.Size) -> [ParityCase] {
  let kinds: [CellKind] = [.elman(.tanh), .elman(.relu), .lstm, .gru(.resetAfter), .gru(.resetBefore)]
  return kinds.flatMap { kind in
    options(kind, size).enumerated().flatMap { place, options in
      let other = size == .quick ? CellRoute.stepwise : [.stepwise, .toOracle, .fromOracle][place % 3]
      return ([.own] + (size == .quick && place == 0 ? [] : [other])).map { cellCase(options, $0) }
    }
  }
}

/// The backend of each pass.
enum CellRoute: String {
  /// Both on the device, twice.
  case own
  /// Both on the device, with the default time loop.
  case stepwise
  /// Forward on the device, backward on the oracle.
  case toOracle = "to oracle"
  /// Forward on the oracle, backward on the device.
  case fromOracle = "from oracle"
}

private func options(_ kind: CellKind, _ size: ParityCase.Size) -> [CellOptions] {
  if size == .quick {
    return [
      CellOptions(kind: kind, steps: 2, batch: 3, inputs: 5, hidden: 3),
      CellOptions(
        kind: kind, steps: 3, batch: 2, inputs: 3, hidden: 17, isReversed: true, bias: .single, hasLengths: true,
        hasResets: true, hasInitial: true, gradients: .all, adds: true, isLookup: true),
    ]
  }
  let rows = covering([6, 6, 6, 6, 2, 3, 2, 2, 2, 3, 3, 2, 2, 2])
  return rows.map { row in
    var choices = CoveringRow(row)
    return CellOptions(
      kind: kind, steps: choices.next(edgeSizes), batch: choices.next(edgeSizes), inputs: choices.next(edgeSizes),
      hidden: choices.next(edgeSizes), isReversed: choices.flag(), bias: choices.next(CellBias.allCases),
      hasLengths: choices.flag(), hasResets: choices.flag(), hasInitial: choices.flag(),
      gradients: choices.next(CellOptions.Gradients.allCases), wanted: choices.next(CellOptions.Wanted.allCases),
      adds: choices.flag(), isPacked: choices.flag(), isLookup: choices.flag())
  } + [
    CellOptions(
      kind: kind, steps: 4, batch: 70, inputs: 130, hidden: 150, hasLengths: true, hasInitial: true, gradients: .all),
    CellOptions(kind: kind, steps: 50, batch: 50, inputs: 128, hidden: 128, hasInitial: true, isPacked: true),
    CellOptions(kind: kind, steps: 50, batch: 50, inputs: 65, hidden: 64, isPacked: true, isLookup: true),
    CellOptions(
      kind: kind, steps: 3, batch: 13, inputs: 70, hidden: 128, bias: .none, hasLengths: true, hasResets: true,
      hasInitial: true, gradients: .all, adds: true),
    // The CPU's threads share hidden units.
    CellOptions(
      kind: kind, steps: 2, batch: 2, inputs: 300, hidden: 330, isReversed: true, hasInitial: true, gradients: .all),
    // U distributed over many work-groups of a persistent launch.
    CellOptions(kind: kind, steps: 3, batch: 5, inputs: 3, hidden: 512, gradients: .all),
    CellOptions(kind: kind, steps: 2, batch: 3, inputs: 3, hidden: 1024, gradients: .all),
  ]
}

private func cellCase(_ options: CellOptions, _ route: CellRoute) -> ParityCase {
  let name = "\(options) \(route.rawValue)"
  return ParityCase(options.operation, name) {
    let trial = { (backend: any Backend, loop: CellRoute) in
      try CellTrial(Stage(backend, seed: name), options, isStepwise: loop == .stepwise)
    }
    let expected = try trial(ReferenceBackend(), .own)
    try expected.forward()
    try expected.backward()
    // The backward pass consumes the reserve, so it takes a trial of its own.
    let origin = route == .fromOracle ? try trial(ReferenceBackend(), .own) : nil
    try origin?.forward()

    return { backend, repeats in
      let found = try trial(route == .toOracle ? ReferenceBackend() : backend, route)
      try found.forward()
      if let origin {
        try found.takeOver(origin)
      } else if route == .toOracle {
        let origin = try trial(backend, .own)
        try origin.forward()
        try found.takeOver(origin)
      }
      try found.backward()

      var comparison = Comparison(name)
      try comparison.compare(found.stage, with: expected.stage)
      if route == .own && repeats {
        let again = try trial(backend, .own)
        try again.forward()
        try again.backward()
        try comparison.requireSameBits(found.stage, again.stage)
      }
      return comparison.result
    }
  }
}
