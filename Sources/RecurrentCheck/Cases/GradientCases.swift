import RecurrentCore

/// Gradients of the operations, except cells.
func operationGradients() -> [GradientCase] {
  matmulGradients() + elementwiseGradients() + rowGradients() + lossGradients()
    + crfGradients()
}

/// `dA = dC · op(B)ᵀ` and `dB = op(A)ᵀ · dC` are products themselves.
private func matmulGradients() -> [GradientCase] {
  [
    GradientCase("gradient of matmul") { stage in
      let backend = stage.backend
      let (a, b, dc) = (try stage.input(3, 4), try stage.input(4, 5), try stage.input(3, 5))
      let (c, da, db) = (try stage.result(3, 5), try stage.result(3, 4), try stage.result(4, 5))
      return Differentiable(
        forward: { try backend.matmul(Matmul(a, b, into: .set(c), scale: 0.7)) },
        backward: {
          try backend.matmul(Matmul(dc, b, transposesB: true, into: .set(da), scale: 0.7))
          try backend.matmul(Matmul(a, dc, transposesA: true, into: .set(db), scale: 0.7))
        }, results: [(c, dc)], arguments: [(a, da), (b, db)])
    }
  ]
}

private func elementwiseGradients() -> [GradientCase] {
  Activation.allCases.map { activation in
    GradientCase("gradient of \(activation)") { stage in
      let backend = stage.backend
      let (x, y) = (try stage.input(3, 5, -2...2), try stage.result(3, 5))
      let (dy, dx) = (try stage.input(3, 5), try stage.result(3, 5))
      return Differentiable(
        forward: { try backend.activate(Activate(activation, x, into: .set(y))) },
        backward: { try backend.activateBackward(ActivateBackward(activation, y: y, dy: dy, into: .set(dx))) },
        results: [(y, dy)], arguments: [(x, dx)])
    }
  } + [
    GradientCase("gradient of dropout") { stage in
      let (backend, key) = (stage.backend, RandomKey(seed: 1, step: 2, layer: 3))
      let (x, y) = (try stage.input(5, 7), try stage.result(5, 7))
      let (dy, dx) = (try stage.input(5, 7), try stage.result(5, 7))
      return Differentiable(
        forward: { try backend.dropout(ApplyDropout(x, probability: 0.4, key: key, into: .set(y))) },
        backward: { try backend.dropout(ApplyDropout(dy, probability: 0.4, key: key, into: .set(dx))) },
        results: [(y, dy)], arguments: [(x, dx)])
    },
    GradientCase("gradient of gather") { stage in
      let (backend, tokens) = (stage.backend, [4, 0, -1, 4, 2, 4] as [Int32])
      let (table, y) = (try stage.input(5, 3), try stage.result(6, 3))
      let (dy, dTable) = (try stage.input(6, 3), try stage.result(5, 3))
      let indices = try stage.indices(tokens)
      let occurrences = try stage.occurrences(tokens)
      return Differentiable(
        forward: { try backend.gather(Gather(table, indices, into: .set(y))) },
        backward: {
          try backend.fill(dTable, with: 0)
          try backend.scatterAdd(ScatterAdd(dy, occurrences, into: dTable))
        }, results: [(y, dy)], arguments: [(table, dTable)])
    },
  ]
}

private func rowGradients() -> [GradientCase] {
  [false, true].map { isMasked in
    GradientCase("gradient of softmax" + (isMasked ? ", masked" : "")) { stage in
      let backend = stage.backend
      let (x, y) = (try stage.input(4, 6, -2...2), try stage.result(4, 6))
      let (dy, dx) = (try stage.input(4, 6), try stage.result(4, 6))
      let mask = isMasked ? try stage.input(4, 6, values: (0..<24).map { $0 % 3 == 1 || $0 >= 18 ? 0 : 1 }) : nil
      let lengths = isMasked ? try stage.indices([5, 6]) : nil
      return Differentiable(
        forward: { try backend.softmax(Softmax(x, mask: mask, lengths: lengths, into: y)) },
        backward: { try backend.softmaxBackward(SoftmaxBackward(y: y, dy: dy, into: .set(dx))) },
        results: [(y, dy)], arguments: [(x, dx)])
    }
  } + [
    GradientCase("gradient of layer norm") { stage in
      let backend = stage.backend
      let (x, gain, bias) = (try stage.input(4, 6), try stage.input(1, 6), try stage.input(1, 6))
      let (y, dy, statistics) = (try stage.result(4, 6), try stage.input(4, 6), try stage.result(4, 2))
      let (dx, dGain, dBias) = (try stage.result(4, 6), try stage.result(1, 6), try stage.result(1, 6))
      return Differentiable(
        forward: {
          try backend.layerNorm(ApplyLayerNorm(x, gain: gain, bias: bias, into: y, statistics: statistics))
        },
        backward: {
          try backend.layerNormBackward(
            ApplyLayerNormBackward(
              x: x, gain: gain, statistics: statistics, dy: dy, dx: .set(dx), dGain: .set(dGain), dBias: .set(dBias)))
        }, results: [(y, dy)], arguments: [(x, dx), (gain, dGain), (bias, dBias)])
    },
    GradientCase("gradient of additive scores") { stage in
      let backend = stage.backend
      let (queries, keys, vector) = (try stage.input(2 * 3, 5), try stage.input(4 * 3, 5), try stage.input(1, 5))
      let (scores, dScores) = (try stage.result(3 * 2, 4), try stage.input(3 * 2, 4))
      let (dQueries, dKeys, dVector) = (try stage.result(2 * 3, 5), try stage.result(4 * 3, 5), try stage.result(1, 5))
      let parts = try stage.result(2 * 3, 5)
      return Differentiable(
        forward: {
          try backend.additiveScores(
            AdditiveScores(queries: queries, keys: keys, vector: vector, batch: 3, into: scores))
        },
        backward: {
          try backend.additiveScoresBackward(
            AdditiveScoresBackward(
              queries: queries, keys: keys, vector: vector, batch: 3, dScores: dScores, dQueries: .set(dQueries),
              dKeys: .set(dKeys), dVector: .set(dVector), parts: parts))
        }, results: [(scores, dScores)],
        arguments: [(queries, dQueries), (keys, dKeys), (vector, dVector)])
    },
    GradientCase("gradient of max over time") { stage in
      let backend = stage.backend
      let (x, y) = (try stage.input(4 * 3, 5), try stage.result(3, 5))
      let (dy, dx) = (try stage.input(3, 5), try stage.result(4 * 3, 5))
      let lengths = try stage.indices([3, 0, 4])
      let winners = try stage.integerResult([Int32](repeating: 0, count: 15))
      return Differentiable(
        forward: { try backend.maxOverTime(MaxOverTime(x, lengths: lengths, into: y, winners: winners)) },
        backward: {
          try backend.maxOverTimeBackward(MaxOverTimeBackward(dy: dy, winners: winners, into: .set(dx)))
        }, results: [(y, dy)], arguments: [(x, dx)])
    },
  ]
}

private func lossGradients() -> [GradientCase] {
  [0, 0.1].map { (smoothing: Float) in
    GradientCase("gradient of cross-entropy" + (smoothing > 0 ? ", smoothed" : "")) { stage in
      let backend = stage.backend
      let (logits, weights) = (try stage.input(5, 4, -2...2), try stage.input(5, 1, 0...1))
      let targets = try stage.indices([3, -1, 0, 2, 2])
      let (losses, logSums) = (try stage.result(5, 1), try stage.result(5, 1))
      let (ones, upstream, dLogits) = (
        try stage.input(5, 1, 1...1), try stage.input(1, 1, 1...1), try stage.result(5, 4)
      )
      return Differentiable(
        forward: {
          try backend.crossEntropy(
            CrossEntropy(
              logits: logits, targets: targets, weights: weights, smoothing: smoothing, losses: losses,
              logSums: logSums))
        },
        backward: {
          try backend.crossEntropyBackward(
            CrossEntropyBackward(
              logits: logits, targets: targets, weights: weights, smoothing: smoothing, logSums: logSums,
              upstream: upstream, scale: 1, into: .set(dLogits)))
        }, results: [(losses, ones)], arguments: [(logits, dLogits)])
    }
  }
    + ElementwiseLoss.Function.allCases.map { loss in
      GradientCase("gradient of \(loss)") { stage in
        let backend = stage.backend
        let (x, targets) = (try stage.input(5, 4, -2...2), try stage.input(5, 4, 0...1))
        let (weights, losses) = (try stage.input(5, 1, 0...1), try stage.result(5, 1))
        let (ones, upstream, dx) = (
          try stage.input(5, 1, 1...1), try stage.input(1, 1, 1...1), try stage.result(5, 4)
        )
        return Differentiable(
          forward: { try backend.elementwiseLoss(ElementwiseLoss(loss, x, targets, weights: weights, losses: losses)) },
          backward: {
            try backend.elementwiseLossBackward(
              ElementwiseLossBackward(
                loss, x, targets, weights: weights, upstream: upstream, scale: 1, into: .set(dx)))
          }, results: [(losses, ones)], arguments: [(x, dx)])
      }
    }
}

/// Every cell, a covering of its options.
func cellGradients() -> [GradientCase] {
  let kinds: [CellKind] = [.elman(.tanh), .elman(.relu), .lstm, .gru(.resetAfter), .gru(.resetBefore)]
  return kinds.flatMap { kind in
    covering([2, 3, 2, 2, 3, 2, 2]).map { row in
      var choices = CoveringRow(row)
      let options = CellOptions(
        kind: kind, steps: 4, batch: 3, inputs: 2, hidden: 3, isReversed: choices.flag(),
        bias: choices.next(CellBias.allCases), hasLengths: choices.flag(), hasResets: choices.flag(), hasInitial: true,
        gradients: choices.next(CellOptions.Gradients.allCases), isPacked: choices.flag(), isLookup: choices.flag())
      return GradientCase("gradient of \(options)") { stage in try CellTrial(stage, options).differentiable() }
    }
  }
}
