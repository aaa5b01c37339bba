import RecurrentCore

/// The losses and their gradients, with and without weights, with ignored targets.
func lossCases(_ size: ParityCase.Size) -> [ParityCase] {
  let sizes = size == .quick ? [3, 17] : edgeSizes
  var rows = covering([sizes.count, sizes.count, 2, 2, 2]).map { row in
    var choices = CoveringRow(row)
    return (choices.next(sizes), choices.next(sizes), (0..<3).map { _ in choices.flag() })
  }
  if size == .full { rows += [(70, 4099, [false, false, true]), (2500, 66, [true, true, false])] }
  return rows.flatMap { rows, columns, flags in
    let (isWeighted, adds, isPacked) = (flags[0], flags[1], flags[2])
    let options = [isWeighted ? "weighted" : "plain", adds ? "add" : "set", isPacked ? "packed" : "strided"]
    let name = "\(rows)×\(columns) " + options.joined(separator: " ")
    return [0, 0.1].map {
      crossEntropyCase(name, rows, columns, isWeighted: isWeighted, smoothing: $0, adds: adds, isPacked: isPacked)
    }
      + ElementwiseLoss.Function.allCases.map {
        compareCase($0, name, rows, columns, isWeighted: isWeighted, adds: adds, isPacked: isPacked)
      }
  }
}

private func crossEntropyCase(
  _ name: String, _ rows: Int, _ columns: Int, isWeighted: Bool, smoothing: Float, adds: Bool,
  isPacked: Bool
) -> ParityCase {
  ParityCase("loss", "cross-entropy " + (smoothing > 0 ? "smoothed " : "") + name) { stage in
    stage.isPacked = isPacked
    let logits = try maskable(stage, rows, columns, -4...4, isWeighted)
    let targets = try stage.indices(
      (0..<rows).map { row in row % 4 == 1 ? (row % 8 == 1 ? -1 : -100) : Int32(stage.random(columns)) })
    let weights = isWeighted ? try rowWeights(stage, rows) : nil
    // The value for an ignored row is up to the backend.
    let logSums = try stage.scratch(rows, 1)
    try stage.backend.crossEntropy(
      CrossEntropy(
        logits: logits, targets: targets, weights: weights, smoothing: smoothing, losses: stage.result(rows, 1),
        logSums: logSums))
    try stage.backend.crossEntropyBackward(
      CrossEntropyBackward(
        logits: logits, targets: targets, weights: weights, smoothing: smoothing, logSums: logSums,
        upstream: stage.input(1, 1, 1...2),
        scale: 1 / Float(rows), into: stage.output(rows, columns, adds: adds)))
  }
}

private func compareCase(
  _ loss: ElementwiseLoss.Function, _ name: String, _ rows: Int, _ columns: Int, isWeighted: Bool, adds: Bool,
  isPacked: Bool
) -> ParityCase {
  ParityCase("loss", "\(loss) \(name)") { stage in
    stage.isPacked = isPacked
    let predictions = try maskable(stage, rows, columns, -4...4, isWeighted)
    let targets = try stage.input(rows, columns, 0...1)
    let weights = isWeighted ? try rowWeights(stage, rows) : nil
    try stage.backend.elementwiseLoss(
      ElementwiseLoss(loss, predictions, targets, weights: weights, delta: 0.7, losses: stage.result(rows, 1)))
    try stage.backend.elementwiseLossBackward(
      ElementwiseLossBackward(
        loss, predictions, targets, weights: weights, delta: 0.7, upstream: stage.input(1, 1, 1...2),
        scale: 1 / Float(rows), into: stage.output(rows, columns, adds: adds)))
  }
}

/// Whether a row of a weighted case has the weight 0.
private func isMasked(_ row: Int) -> Bool { row % 3 == 2 }

/// Weights, some of them 0.
private func rowWeights(_ stage: Stage, _ rows: Int) throws -> Region {
  try stage.input(rows, 1, values: (0..<rows).map { isMasked($0) ? 0 : stage.uniform(0.2...1) })
}

/// Values; in weighted cases NaN in the rows of weight 0, which must not be read.
private func maskable(
  _ stage: Stage, _ rows: Int, _ columns: Int, _ range: ClosedRange<Float>, _ isWeighted: Bool
) throws -> Region {
  let values = (0..<rows * columns).map { place in
    let value = stage.uniform(range)
    return isWeighted && isMasked(place / columns) ? .nan : value
  }
  return try stage.input(rows, columns, values: values)
}
