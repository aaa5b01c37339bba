import RecurrentCore

/// Softmax with and without a mask and lengths, and its gradient.
func softmaxCases(_ size: ParityCase.Size) -> [ParityCase] {
  let sizes = size == .quick ? [3, 17] : edgeSizes
  let large = size == .quick ? [] : [(5, 4099), (300, 130)]
  let forward = covering([sizes.count, sizes.count, 2, 2, 2, 2, 3]).map { row in
    var choices = CoveringRow(row)
    return softmaxCase(
      choices.next(sizes), choices.next(sizes), (0..<4).map { _ in choices.flag() },
      rowsPerLength: choices.next([0, 1, 3]))
  }
  let backward = covering([sizes.count, sizes.count, 2, 2]).map { row in
    var choices = CoveringRow(row)
    return backwardCase(choices.next(sizes), choices.next(sizes), adds: choices.flag(), isPacked: choices.flag())
  }
  return forward + large.map { softmaxCase($0, $1, [true, false, false, true], rowsPerLength: 1) } + backward
    + large.map { backwardCase($0, $1, adds: true, isPacked: false) }
}

private func softmaxCase(_ groups: Int, _ columns: Int, _ flags: [Bool], rowsPerLength: Int) -> ParityCase {
  let (isMasked, isInPlace, isWide, isPacked) = (flags[0], flags[1], flags[2], flags[3])
  let options = [
    isMasked ? "masked" : "whole", isInPlace ? "in place" : "set", isWide ? "wide" : "narrow",
    isPacked ? "packed" : "strided", rowsPerLength == 0 ? "" : "lengths of \(rowsPerLength)",
  ].filter { !$0.isEmpty }
  let rows = groups * max(rowsPerLength, 1)
  return ParityCase("softmax", "softmax \(rows)×\(columns) " + options.joined(separator: " ")) { stage in
    stage.isPacked = isPacked
    let range: ClosedRange<Float> = isWide ? -30...30 : -2...2
    let mask = isMasked ? try stage.input(rows, columns, values: randomMask(stage, rows, columns)) : nil
    // 0, the full length, and lengths between.
    let lengths = (0..<groups).map { Int32($0 % 3 == 1 ? 0 : $0 % 3 == 2 ? columns : stage.random(columns + 1)) }
    let x = isInPlace ? try stage.variable(rows, columns, range) : try stage.input(rows, columns, range)
    try stage.backend.softmax(
      Softmax(
        x, mask: mask, lengths: rowsPerLength == 0 ? nil : stage.indices(lengths),
        into: isInPlace ? x : stage.result(rows, columns)))
  }
}

private func backwardCase(_ rows: Int, _ columns: Int, adds: Bool, isPacked: Bool) -> ParityCase {
  let options = "\(adds ? "add" : "set") \(isPacked ? "packed" : "strided")"
  return ParityCase("softmax", "softmax backward \(rows)×\(columns) \(options)") { stage in
    stage.isPacked = isPacked
    let y = try stage.input(rows, columns, 0...(2 / Float(columns)))
    let dy = try stage.input(rows, columns)
    try stage.backend.softmaxBackward(SoftmaxBackward(y: y, dy: dy, into: stage.output(rows, columns, adds: adds)))
  }
}

/// Keeps two of three columns; the last of several rows keeps none.
private func randomMask(_ stage: Stage, _ rows: Int, _ columns: Int) -> [Float] {
  (0..<rows * columns).map { place in
    rows > 1 && place / columns == rows - 1 ? 0 : stage.random(3) == 0 ? 0 : 1
  }
}
