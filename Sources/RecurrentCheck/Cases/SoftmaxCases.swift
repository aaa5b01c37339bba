import RecurrentCore

/// Softmax with and without a mask, and its gradient.
func softmaxCases(_ size: ParityCase.Size) -> [ParityCase] {
  let sizes = size == .quick ? [3, 17] : edgeSizes
  var rows = covering([sizes.count, sizes.count, 2, 2, 2, 2, 2]).map { row in
    var choices = Choices(row)
    return (choices.next(sizes), choices.next(sizes), (0..<5).map { _ in choices.flag() })
  }
  if size == .full {
    rows += [(5, 4099, [true, false, false, true, false]), (300, 130, [false, true, false, false, true])]
  }
  return rows.flatMap { rows, columns, flags in
    let (isMasked, isInPlace, isWide, adds, isPacked) = (flags[0], flags[1], flags[2], flags[3], flags[4])
    let layout = isPacked ? "packed" : "strided"
    let options = [isMasked ? "masked" : "whole", isInPlace ? "in place" : "set", isWide ? "wide" : "narrow", layout]
    return [
      ParityCase("softmax", "softmax \(rows)×\(columns) " + options.joined(separator: " ")) { stage in
        stage.isPacked = isPacked
        let range: ClosedRange<Float> = isWide ? -30...30 : -2...2
        let mask = isMasked ? try stage.indices(randomMask(stage, rows, columns)) : nil
        let x = isInPlace ? try stage.variable(rows, columns, range) : try stage.input(rows, columns, range)
        try stage.backend.softmax(Softmax(x, mask: mask, into: isInPlace ? x : stage.result(rows, columns)))
      },
      ParityCase("softmax", "softmax backward \(rows)×\(columns) \(adds ? "add" : "set") \(layout)") { stage in
        stage.isPacked = isPacked
        let y = try stage.input(rows, columns, 0...(2 / Float(columns)))
        let dy = try stage.input(rows, columns)
        try stage.backend.softmaxBackward(
          SoftmaxBackward(y: y, dy: dy, into: stage.output(rows, columns, adds: adds)))
      },
    ]
  }
}

/// Keeps two columns of three; the last of several rows keeps none.
private func randomMask(_ stage: Stage, _ rows: Int, _ columns: Int) -> [Int32] {
  (0..<rows * columns).map { place in
    rows > 1 && place / columns == rows - 1 ? 0 : stage.random(3) == 0 ? 0 : 1
  }
}
