import RecurrentCore

/// Layer norm and its gradients, with and without gain and bias.
func layerNormCases(_ size: ParityCase.Size) -> [ParityCase] {
  let sizes = size == .quick ? [3, 17] : edgeSizes
  var rows = covering([sizes.count, sizes.count, 2, 2, 2, 2]).map { row in
    var choices = CoveringRow(row)
    return (choices.next(sizes), choices.next(sizes), (0..<4).map { _ in choices.flag() })
  }
  if size == .full { rows += [(130, 1030, [true, true, false, true]), (517, 64, [true, false, true, false])] }
  return rows.map { rows, columns, flags in
    let (hasGain, wantsAll, adds, isPacked) = (flags[0], flags[1], flags[2], flags[3])
    let options = [
      hasGain ? "gain" : "plain", wantsAll ? "all" : "dx", adds ? "add" : "set", isPacked ? "packed" : "strided",
    ]
    return ParityCase("layernorm", "layer norm \(rows)×\(columns) " + options.joined(separator: " ")) { stage in
      stage.isPacked = isPacked
      let x = try stage.input(rows, columns, -0.5...1.5)
      let gain = hasGain ? try stage.input(1, columns, 0.5...1.5) : nil
      let bias = hasGain ? try stage.input(1, columns) : nil
      let statistics = try stage.result(rows, 2)
      try stage.backend.layerNorm(
        ApplyLayerNorm(x, gain: gain, bias: bias, into: stage.result(rows, columns), statistics: statistics))
      try stage.backend.layerNormBackward(
        ApplyLayerNormBackward(
          x: x, gain: gain, statistics: statistics, dy: stage.input(rows, columns, -0.5...1),
          dx: stage.output(rows, columns, adds: adds), dGain: wantsAll ? stage.output(1, columns, adds: adds) : nil,
          dBias: wantsAll ? stage.output(1, columns, adds: adds) : nil))
    }
  }
}
