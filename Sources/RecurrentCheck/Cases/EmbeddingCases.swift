import RecurrentCore

/// Gather, scatter-add and encodings, with negative indices.
func embeddingCases(_ size: ParityCase.Size) -> [ParityCase] {
  let sizes = size == .quick ? [3, 17] : edgeSizes
  var shapes = covering([sizes.count, sizes.count, sizes.count, 2, 2]).map { row in
    var choices = CoveringRow(row)
    return (choices.next(sizes), choices.next(sizes), choices.next(sizes), choices.flag(), choices.flag())
  }
  if size == .full { shapes += [(2500, 66, 128, false, true), (700, 3000, 130, true, false)] }
  return shapes.flatMap { rows, words, columns, adds, isPacked in
    let name = "\(rows) of \(words)×\(columns) \(adds ? "add" : "set") \(isPacked ? "packed" : "strided")"
    return [
      ParityCase("embedding", "gather \(name)") { stage in
        stage.isPacked = isPacked
        let table = try stage.input(words, columns)
        let indices = try stage.indices(someIndices(stage, rows, words))
        try stage.backend.gather(Gather(table, indices, into: stage.output(rows, columns, adds: adds)))
      },
      ParityCase("embedding", "scatter-add \(name)") { stage in
        stage.isPacked = isPacked
        try scatterAdd(stage, someIndices(stage, rows, words), words, columns)
      },
      ParityCase("embedding", "one-hot and integer \(name)") { stage in
        stage.isPacked = isPacked
        let indices = try stage.indices(someIndices(stage, rows, words + 1))
        try stage.backend.encode(Encode(.oneHot, indices, into: stage.result(rows, words)))
        try stage.backend.encode(Encode(.integer, indices, into: stage.result(rows, 1)))
      },
    ]
  } + [
    ParityCase("embedding", "scatter-add of nothing") { try scatterAdd($0, [-1, -1, -1], 5, 7) }
  ]
}

private func scatterAdd(_ stage: Stage, _ indices: [Int32], _ words: Int, _ columns: Int) throws {
  let occurrences = try stage.occurrences(indices)
  let dy = try stage.input(indices.count, columns)
  try stage.backend.scatterAdd(ScatterAdd(dy, occurrences, into: stage.variable(words, columns)))
}

/// Indices of which one in five is negative.
private func someIndices(_ stage: Stage, _ count: Int, _ bound: Int) -> [Int32] {
  (0..<count).map { _ in stage.random(5) == 0 ? -1 : Int32(stage.random(bound)) }
}
