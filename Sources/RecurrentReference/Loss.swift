import RecurrentCore

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension ReferenceBackend {
  /// A cross-entropy for each row.
  package func crossEntropy(_ operation: CrossEntropy) throws {
    let (logits, targets) = (OracleMatrix(operation.logits), operation.targets.start)
    let (losses, logSums) = (OracleMatrix(operation.losses), OracleMatrix(operation.logSums))
    let weights = operation.weights.map { OracleMatrix($0) }
    for row in 0..<logits.rows {
      let largest = (0..<logits.columns).map { logits[row, $0] }.max() ?? 0
      let sum = (0..<logits.columns).reduce(0) { $0 + exp(logits[row, $1] - largest) }
      let target = Int(targets[row])
      logSums[row, 0] = largest + log(sum)
      let weight = weights?[row, 0] ?? 1
      guard target >= 0, weight != 0 else {
        losses[row, 0] = 0
        continue
      }
      let smoothing = Double(operation.smoothing)
      let mean = (0..<logits.columns).reduce(0) { $0 + logits[row, $1] } / Double(logits.columns)
      let score = logits[row, target] + (smoothing == 0 ? 0 : smoothing * (mean - logits[row, target]))
      losses[row, 0] = weight * (logSums[row, 0] - score)
    }
  }

  /// The gradient of a cross-entropy.
  package func crossEntropyBackward(_ operation: CrossEntropyBackward) throws {
    let (logits, targets) = (OracleMatrix(operation.logits), operation.targets.start)
    let (logSums, sink) = (OracleMatrix(operation.logSums), Sink(operation.output))
    let weights = operation.weights.map { OracleMatrix($0) }
    let scale = OracleMatrix(operation.upstream)[0, 0] * Double(operation.scale)
    let smoothing = Double(operation.smoothing)
    logits.forEach { row, column in
      let target = Int(targets[row])
      let factor = target < 0 ? 0 : scale * (weights?[row, 0] ?? 1)
      let probability = exp(logits[row, column] - logSums[row, 0])
      let own: Double = target == column ? 1 : 0
      let wanted = own + smoothing * (1 / Double(logits.columns) - own)
      sink.put(factor == 0 ? 0 : factor * (probability - wanted), row, column)
    }
  }

  /// An elementwise loss, summed over each row.
  package func elementwiseLoss(_ operation: ElementwiseLoss) throws {
    let (predictions, targets) = (OracleMatrix(operation.predictions), OracleMatrix(operation.targets))
    let (losses, weights) = (OracleMatrix(operation.losses), operation.weights.map { OracleMatrix($0) })
    for row in 0..<predictions.rows {
      let sum = (0..<predictions.columns).reduce(0) {
        $0 + operation.function.value(predictions[row, $1], targets[row, $1], Double(operation.delta))
      }
      let weight = weights?[row, 0] ?? 1
      losses[row, 0] = weight == 0 ? 0 : weight * sum
    }
  }

  /// The gradient of an elementwise loss.
  package func elementwiseLossBackward(_ operation: ElementwiseLossBackward) throws {
    let (predictions, targets) = (OracleMatrix(operation.predictions), OracleMatrix(operation.targets))
    let (sink, weights) = (Sink(operation.output), operation.weights.map { OracleMatrix($0) })
    let scale = OracleMatrix(operation.upstream)[0, 0] * Double(operation.scale)
    predictions.forEach { row, column in
      let factor = scale * (weights?[row, 0] ?? 1)
      let slope = operation.function.slope(
        predictions[row, column], targets[row, column], Double(operation.delta))
      sink.put(factor == 0 ? 0 : factor * slope, row, column)
    }
  }
}

extension ElementwiseLoss.Function {
  func value(_ prediction: Double, _ target: Double, _ delta: Double) -> Double {
    let distance = abs(prediction - target)
    return switch self {
    case .squaredError: distance * distance
    case .binaryCrossEntropy: max(prediction, 0) - prediction * target + log1p(exp(-abs(prediction)))
    case .absoluteError: distance
    case .huber: distance <= delta ? distance * distance / 2 : delta * (distance - delta / 2)
    }
  }

  /// The derivative with respect to the prediction.
  func slope(_ prediction: Double, _ target: Double, _ delta: Double) -> Double {
    switch self {
    case .squaredError: 2 * (prediction - target)
    case .binaryCrossEntropy: logistic(prediction) - target
    case .absoluteError: prediction > target ? 1 : prediction < target ? -1 : prediction - target
    case .huber: max(-delta, min(prediction - target, delta))
    }
  }
}
