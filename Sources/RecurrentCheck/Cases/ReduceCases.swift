import RecurrentCore

/// Sums, clipping by the global norm and the check for values that are not finite.
func reduceCases(_ size: ParityCase.Size) -> [ParityCase] {
  let sizes = size == .quick ? [3, 17] : edgeSizes
  var shapes = covering([sizes.count, sizes.count, 2, 3, 2, 2]).map { row in
    var choices = CoveringRow(row)
    return (
      choices.next(sizes), choices.next(sizes), choices.next(Reduce.Function.allCases),
      choices.next(Reduce.Axis.allCases), choices.flag(), choices.flag()
    )
  }
  if size == .full {
    for axis in Reduce.Axis.allCases {
      shapes += [(517, 1030, .sum, axis, true, true), (5, 40000, .sum, axis, false, true)]
    }
  }
  return shapes.map { rows, columns, function, axis, adds, isPacked in
    let options = "\(function) over \(axis) \(adds ? "add" : "set") \(isPacked ? "packed" : "strided")"
    return ParityCase("reduce", "reduce \(rows)×\(columns) \(options)") { stage in
      stage.isPacked = isPacked
      // Mostly of one sign: the relative error of a sum that cancels is meaningless.
      let x = try stage.input(rows, columns, -0.5...1)
      let (resultRows, resultColumns) = (axis == .columns ? rows : 1, axis == .rows ? columns : 1)
      try stage.backend.reduce(
        Reduce(
          function, over: axis, x, scale: isPacked ? 1 : 0.5, into: stage.output(resultRows, resultColumns, adds: adds))
      )
    }
  } + maxOverTimeCases(size) + clipByNormCases(size) + flagCases(size)
}

/// Max over time, with and without lengths; half of the values occur more than once.
private func maxOverTimeCases(_ size: ParityCase.Size) -> [ParityCase] {
  let sizes = size == .quick ? [3, 17] : edgeSizes
  let shapes = covering([sizes.count, sizes.count, sizes.count, 2, 2, 2]).map { row in
    var choices = CoveringRow(row)
    return ((0..<3).map { _ in choices.next(sizes) }, choices.flag(), choices.flag(), choices.flag())
  }
  return shapes.map { shape, hasLengths, adds, isPacked in
    let (steps, rows, columns) = (shape[0], shape[1], shape[2])
    let options = (hasLengths ? "lengths " : "") + "\(adds ? "add" : "set") \(isPacked ? "packed" : "strided")"
    return ParityCase("reduce", "max over time \(steps)×\(rows)×\(columns) \(options)") { stage in
      stage.isPacked = isPacked
      let values = (0..<steps * rows * columns).map { place in
        place % 101 == 100 ? .nan : place % 2 == 0 ? stage.uniform(-2...1) : Float(stage.random(3)) - 2
      }
      let x = try stage.input(steps * rows, columns, values: values)
      let lengths = hasLengths ? try stage.indices((0..<rows).map { Int32($0 * 7 % (steps + 1)) }) : nil
      let winners = try stage.integerResult([Int32](repeating: 7, count: rows * columns))
      try stage.backend.maxOverTime(
        MaxOverTime(x, lengths: lengths, into: stage.result(rows, columns), winners: winners))
      try stage.backend.maxOverTimeBackward(
        MaxOverTimeBackward(
          dy: stage.input(rows, columns), winners: winners, into: stage.output(steps * rows, columns, adds: adds)))
    }
  }
}

private func clipByNormCases(_ size: ParityCase.Size) -> [ParityCase] {
  (size == .quick ? [33] : [1, 33, 1000, 300_001]).flatMap { count in
    [0.5, 1e6, Float.infinity].map { maximum in
      ParityCase("reduce", "clip \(count) by the norm \(maximum)") { stage in
        let gradients = try stage.variable(1, count, contiguous: true)
        try stage.backend.clipByNorm(ClipByNorm([gradients], maximum: maximum, norm: stage.result(1, 1)))
      }
    }
  } + [
    ParityCase("reduce", "clip gradients in three rows") { stage in
      let gradients = try [33, 5000, 1].map { try stage.variable(1, $0, contiguous: true) }
      try stage.backend.clipByNorm(ClipByNorm(gradients, maximum: 0.5, norm: stage.result(1, 1)))
    },
    ParityCase("reduce", "clip a gradient that is not finite") { stage in
      let gradients = try stage.variable(1, 33, contiguous: true)
      try stage.backend.fill(gradients.columns(7..<8), with: .nan)
      try stage.backend.clipByNorm(ClipByNorm([gradients], maximum: 0.5, norm: stage.result(1, 1)))
    },
  ]
}

private func flagCases(_ size: ParityCase.Size) -> [ParityCase] {
  let values: [(String, Float?, Int32)] = [
    ("finite", nil, 0), ("NaN", .nan, 0), ("infinite", -.infinity, 0), ("finite after NaN", nil, 1),
  ]
  return (size == .quick ? [(3, 17)] : [(1, 1), (3, 65), (130, 517)]).flatMap { rows, columns in
    values.map { name, value, flag in
      ParityCase("reduce", "flag of \(rows)×\(columns) \(name)") { stage in
        let x = try stage.variable(rows, columns)
        if let value { try stage.backend.fill(x.rows(rows - 1..<rows).columns(columns - 1..<columns), with: value) }
        try stage.backend.flagNonFinite(FlagNonFinite(x, flag: stage.integerResult([flag])))
      }
    }
  }
}
