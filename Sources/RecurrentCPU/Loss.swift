import Kernels
import RecurrentCore

extension CPUBackend {
  /// A cross-entropy for each row; rows with a negative target or a weight of 0 give 0, for any logits.
  package func crossEntropy(_ operation: CrossEntropy) throws {
    let (logits, losses) = (try Matrix(operation.logits), try Matrix(operation.losses))
    let (logSums, weights) = (try Matrix(operation.logSums), try operation.weights.map(Matrix.init))
    let (targets, smoothing) = (try Integers(operation.targets), operation.smoothing)
    eachRow(logits.rows, logits.columns) { row in
      let logSum = kernels.logSum(logits.row(row), logits.columns)
      let (target, weight) = (Int(targets[row]), weights?.row(row).pointee ?? 1)
      let counts = target >= 0 && target < logits.columns && weight != 0
      logSums.row(row).pointee = logSum
      guard counts else {
        losses.row(row).pointee = 0
        return
      }
      var score = logits.row(row)[target]
      if smoothing > 0 {
        let mean = kernels.sum(logits.row(row), logits.columns, 0) / Float(logits.columns)
        score += smoothing * (mean - score)
      }
      losses.row(row).pointee = weight * (logSum - score)
    }
  }

  /// The gradient of the cross-entropy, with probabilities from the saved log-sums.
  package func crossEntropyBackward(_ operation: CrossEntropyBackward) throws {
    let (logits, out) = (try Matrix(operation.logits), try Matrix(operation.output.region))
    let (logSums, weights) = (try Matrix(operation.logSums), try operation.weights.map(Matrix.init))
    let targets = try Integers(operation.targets)
    let upstream = try Matrix(operation.upstream).data.pointee * operation.scale
    let adds = operation.output.flag
    eachRow(logits.rows, logits.columns) { row in
      let factor = targets[row] < 0 ? 0 : upstream * (weights?.row(row).pointee ?? 1)
      if factor == 0 {
        if adds == 0 { out.row(row).update(repeating: 0, count: out.columns) }
      } else {
        kernels.crossEntropyBackward(
          logits.row(row), logSums.row(row).pointee, targets[row], factor, operation.smoothing, out.row(row),
          logits.columns, adds)
      }
    }
  }

  /// A loss for each row; a weight of 0 gives 0.
  package func elementwiseLoss(_ operation: ElementwiseLoss) throws {
    let (predictions, targets) = (try Matrix(operation.predictions), try Matrix(operation.targets))
    let (losses, weights) = (try Matrix(operation.losses), try operation.weights.map(Matrix.init))
    eachRow(predictions.rows, predictions.columns) { row in
      let weight = weights?.row(row).pointee ?? 1
      losses.row(row).pointee =
        weight == 0
        ? 0
        : weight
          * kernels.elementwiseLoss(
            operation.function.rawValue, predictions.row(row), targets.row(row), operation.delta, predictions.columns)
    }
  }

  /// The gradient of an elementwise loss.
  package func elementwiseLossBackward(_ operation: ElementwiseLossBackward) throws {
    let (predictions, targets) = (try Matrix(operation.predictions), try Matrix(operation.targets))
    let (out, weights) = (try Matrix(operation.output.region), try operation.weights.map(Matrix.init))
    let upstream = try Matrix(operation.upstream).data.pointee * operation.scale
    let adds = operation.output.flag
    eachRow(predictions.rows, predictions.columns) { row in
      let factor = upstream * (weights?.row(row).pointee ?? 1)
      if factor == 0 {
        if adds == 0 { out.row(row).update(repeating: 0, count: out.columns) }
      } else {
        kernels.elementwiseLossBackward(
          operation.function.rawValue, predictions.row(row), targets.row(row), operation.delta, factor, out.row(row),
          predictions.columns, adds)
      }
    }
  }
}
