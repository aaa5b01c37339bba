import RecurrentCore

/// Dropout: the same mask on every backend.
func randomCases(_ size: ParityCase.Size) -> [ParityCase] {
  let sizes = size == .quick ? [3, 17] : edgeSizes
  let (probabilities, modes): ([Float], [String]) = ([0, 0.3, 0.9], ["set", "add", "in place"])
  var shapes = covering([sizes.count, sizes.count, 3, 3, 2]).map { row in
    var choices = CoveringRow(row)
    return (
      choices.next(sizes), choices.next(sizes), choices.next(probabilities), choices.next(modes), choices.flag()
    )
  }
  if size == .full { shapes.append((517, 1030, 0.5, "set", true)) }
  return shapes.map { rows, columns, probability, mode, isPacked in
    let options = "\(probability) \(mode) \(isPacked ? "packed" : "strided")"
    return ParityCase("random", "dropout \(rows)×\(columns) \(options)") { stage in
      stage.isPacked = isPacked
      let key = RandomKey(seed: 0xFEDC_BA98_7654_3210, step: isPacked ? 7 : 5 << 32 | 9, layer: 3)
      let isInPlace = mode == "in place"
      let x = isInPlace ? try stage.variable(rows, columns) : try stage.input(rows, columns)
      let output = isInPlace ? Output.set(x) : try stage.output(rows, columns, adds: mode == "add")
      try stage.backend.dropout(ApplyDropout(x, probability: probability, key: key, into: output))
    }
  }
}
