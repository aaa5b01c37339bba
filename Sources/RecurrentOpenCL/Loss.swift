import RecurrentCore

extension OpenCLBackend {
  /// A cross-entropy for each row.
  package func crossEntropy(_ operation: CrossEntropy) throws {
    let logits = operation.logits
    try launchRows(
      "loss", "crossEntropy", rows: logits.rows, columns: logits.columns,
      [
        logits, operation.targets, operation.weights ?? Absent.region, operation.losses, operation.logSums,
        logits.columns, operation.weights != nil, operation.smoothing,
      ])
  }

  /// The gradient of a cross-entropy.
  package func crossEntropyBackward(_ operation: CrossEntropyBackward) throws {
    let logits = operation.logits
    try vectorwise(
      "crossEntropyBackward", of: "loss", rows: logits.rows, columns: logits.columns,
      [
        logits, operation.targets, operation.weights ?? Absent.region, operation.logSums, operation.upstream,
        operation.output.region, logits.columns, operation.weights != nil, operation.smoothing, operation.scale,
        operation.output.adds,
      ])
  }

  /// A loss for each row.
  package func elementwiseLoss(_ operation: ElementwiseLoss) throws {
    let x = operation.predictions
    try launchRows(
      "loss", "elementwiseLoss", rows: x.rows, columns: x.columns,
      [
        x, operation.targets, operation.weights ?? Absent.region, operation.losses, x.columns,
        operation.function.rawValue, operation.delta, operation.weights != nil,
      ])
  }

  /// The gradient of an elementwise loss.
  package func elementwiseLossBackward(_ operation: ElementwiseLossBackward) throws {
    let x = operation.predictions
    try elementwise(
      "elementwiseLossBackward", of: "loss", rows: x.rows, columns: x.columns,
      [
        x, operation.targets, operation.weights ?? Absent.region, operation.upstream, operation.output.region,
        x.columns, operation.function.rawValue, operation.delta, operation.weights != nil, operation.scale,
        operation.output.adds,
      ])
  }
}
