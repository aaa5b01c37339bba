import RecurrentCore

/// An elementwise operation of a case.
private struct Elementwise: Sendable {
  let name: String
  /// Whether it supports in-place operation.
  var inPlace = true
  /// The range of the arguments.
  var range: ClosedRange<Float> = -1...1
  let run: @Sendable (Stage, _ x: Region, Output) throws -> Void
}

private let operations: [Elementwise] =
  [
    Elementwise(name: "copy", inPlace: false) { try $0.backend.copy(Copy($1, into: $2)) },
    Elementwise(name: "swap axes", inPlace: false) { stage, x, output in
      // The largest divisor below the square root is the outer axis.
      let outer = (1...x.rows).last { $0 * $0 <= x.rows && x.rows % $0 == 0 } ?? 1
      try stage.backend.swapAxes(SwapAxes(x, outer: outer, inner: x.rows / outer, into: output))
    },
    Elementwise(name: "mask rows") { stage, x, output in
      let mask = try stage.indices((0..<x.rows).map { _ in Int32(stage.random(3)) })
      try stage.backend.maskRows(MaskRows(x, mask: mask, into: output))
    },
    Elementwise(name: "mask rows that are live") { stage, x, output in
      let mask = try stage.indices((0..<x.rows).map { _ in Int32(stage.random(3)) })
      let lengths = try stage.indices((0..<x.rows).map { _ in Int32(stage.random(5)) })
      try stage.backend.maskRows(MaskRows(x, mask: mask, lengths: lengths, step: 2, into: output))
    },
    Elementwise(name: "bias") { try $0.backend.addBias(AddBias($1, $0.input(1, $1.columns), into: $2)) },
    Elementwise(name: "scale") { try $0.backend.scale(Scale($1, by: -1.5, into: $2)) },
    Elementwise(name: "scale by the device's factor") {
      try $0.backend.scale(Scale($1, by: 0.5, and: $0.input(1, 1, 2...3), into: $2))
    },
  ]
  + Combine.Function.allCases.map { function in
    Elementwise(name: "\(function)") {
      try $0.backend.combine(Combine(function, $1, $0.input($1.rows, $1.columns), into: $2))
    }
  }
  + Activation.allCases.flatMap { activation in
    [
      Elementwise(name: "\(activation)", range: -6...6) { try $0.backend.activate(Activate(activation, $1, into: $2)) },
      Elementwise(name: "\(activation) backward") {
        let y = try $0.input($1.rows, $1.columns, activation == .sigmoid ? 0.1...0.9 : -0.9...0.9)
        try $0.backend.activateBackward(ActivateBackward(activation, y: y, dy: $1, into: $2))
      },
    ]
  }

/// Every elementwise operation: set, add and in place.
func elementwiseCases(_ size: ParityCase.Size) -> [ParityCase] {
  let sizes = size == .quick ? [3, 17] : edgeSizes
  let modes = ["set", "add", "in place"]
  return operations.flatMap { operation in
    var cases = covering([sizes.count, sizes.count, operation.inPlace ? 3 : 2, 2]).map { row in
      var choices = CoveringRow(row)
      return elementwiseCase(
        operation, choices.next(sizes), choices.next(sizes), choices.next(modes), isPacked: choices.flag())
    }
    if size == .full { cases.append(elementwiseCase(operation, 130, 517, "set", isPacked: true)) }
    return cases
  } + clipByValueCases(size)
}

private func elementwiseCase(_ operation: Elementwise, _ rows: Int, _ columns: Int, _ mode: String, isPacked: Bool)
  -> ParityCase
{
  let name = "\(operation.name) \(rows)×\(columns) \(mode) \(isPacked ? "packed" : "strided")"
  return ParityCase("elementwise", name) { stage in
    stage.isPacked = isPacked
    if mode == "in place" {
      let x = try stage.variable(rows, columns, operation.range)
      try operation.run(stage, x, .set(x))
    } else {
      let x = try stage.input(rows, columns, operation.range)
      try operation.run(stage, x, stage.output(rows, columns, adds: mode == "add"))
    }
  }
}

private func clipByValueCases(_ size: ParityCase.Size) -> [ParityCase] {
  (size == .quick ? [(3, 17)] : [(1, 1), (33, 65), (130, 517)]).map { rows, columns in
    ParityCase("elementwise", "clip by value \(rows)×\(columns)") { stage in
      try stage.backend.clipByValue(ClipByValue(stage.variable(rows, columns), limit: 0.25))
    }
  }
}

/// Fill, upload and download of regions with gaps.
func memoryCases(_ size: ParityCase.Size) -> [ParityCase] {
  (size == .quick ? [(3, 17)] : [(1, 1), (3, 65), (65, 3), (130, 517)]).flatMap { rows, columns in
    [
      ParityCase("memory", "fill \(rows)×\(columns)") { stage in
        try stage.backend.fill(stage.result(rows, columns), with: 0.3)
        try stage.backend.synchronize()
      },
      ParityCase("memory", "upload and download \(rows)×\(columns)") { stage in
        let values = try stage.backend.download(stage.input(rows, columns))
        try stage.backend.upload(values, to: stage.result(rows, columns))
        let integers = try stage.backend.download(stage.indices((0..<Int32(columns)).map { $0 - 2 }))
        try stage.backend.upload(integers, to: stage.integerResult(integers.map { _ in 0 }))
      },
    ]
  }
}
