import RecurrentCore

/// The scores of additive attention and their gradients.
func attentionCases(_ size: ParityCase.Size) -> [ParityCase] {
  let units = size == .quick ? [3, 17] : edgeSizes
  let counts = size == .quick ? [1, 3] : [1, 3, 33]
  var rows = covering([units.count, counts.count, counts.count, 2, 3, 2, 2]).map { row in
    var choices = CoveringRow(row)
    return (
      choices.next(units), choices.next(counts), choices.next(counts), [1, 3][choices.flag() ? 1 : 0],
      choices.next(["all", "keys", "vector"]), (0..<2).map { _ in choices.flag() }
    )
  }
  if size == .full { rows += [(515, 4, 70, 5, "all", [true, false])] }
  return rows.map { units, queries, keys, batch, wanted, flags in
    let (adds, isPacked) = (flags[0], flags[1])
    let options = [wanted, adds ? "add" : "set", isPacked ? "packed" : "strided"]
    let name = "additive scores \(queries)×\(keys) of \(batch)×\(units) " + options.joined(separator: " ")
    return ParityCase("attention", name) { stage in
      stage.isPacked = isPacked
      let (q, k) = (try stage.input(queries * batch, units), try stage.input(keys * batch, units))
      let v = try stage.input(1, units)
      try stage.backend.additiveScores(
        AdditiveScores(queries: q, keys: k, vector: v, batch: batch, into: stage.result(batch * queries, keys)))
      // The gradient of some scores is 0, as past a row's length.
      let slopes = (0..<batch * queries * keys).map { $0 % 5 == 3 ? 0 : stage.uniform(0.5...1) }
      try stage.backend.additiveScoresBackward(
        AdditiveScoresBackward(
          queries: q, keys: k, vector: v, batch: batch,
          dScores: stage.input(batch * queries, keys, values: slopes),
          dQueries: wanted == "all" ? stage.output(queries * batch, units, adds: adds) : nil,
          dKeys: wanted == "vector" ? nil : stage.output(keys * batch, units, adds: adds),
          dVector: wanted == "keys" ? nil : stage.output(1, units, adds: adds),
          parts: wanted == "keys" ? nil : stage.scratch(queries * batch, units)))
    }
  }
}
