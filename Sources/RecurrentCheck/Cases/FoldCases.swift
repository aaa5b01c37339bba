import RecurrentCore

/// The sets of axes, out of three, that are reduced.
private let axisSets = [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2], []]

/// Sums of functions of tensors of three axes over any of them, and maxima.
func foldCases(_ size: ParityCase.Size) -> [ParityCase] {
  let sizes = size == .quick ? [3, 17] : [1, 3, 31, 33]
  let functions: [MapFunction] = [.copy, .multiply, .expDifference, .quotientSlope]
  let shapes = covering([
    functions.count, Layout.allCases.count, sizes.count, sizes.count, sizes.count, axisSets.count, 2,
  ])
  let large: [([Int], [Int])] = [
    ([1, 1, 40_000], [2]), ([700, 1, 70], [0]), ([3, 300, 17], [1]), ([130, 3, 517], [0, 2]), ([9, 20_000, 1], [1]),
    ([300, 1, 290], [0]), ([2, 70, 600], [1]),
  ]
  return shapes.map { row in
    var choices = CoveringRow(row)
    let (function, layout) = (choices.next(functions), choices.next(Layout.allCases))
    let shape = (0..<3).map { _ in choices.next(sizes) }
    return foldCase(function, layout, shape, choices.next(axisSets), adds: choices.flag())
  }
    + (size == .quick
      ? []
      : large.flatMap { shape, axes in
        [foldCase(.copy, .packed, shape, axes, adds: false), foldCase(.multiply, .strided, shape, axes, adds: true)]
      })
    + maximaCases(size)
}

private func foldCase(_ function: MapFunction, _ layout: Layout, _ shape: [Int], _ axes: [Int], adds: Bool)
  -> ParityCase
{
  let name = "fold \(function) \(described(shape, axes)) \(layout) \(adds ? "add" : "set")"
  return ParityCase("fold", name) { stage in
    stage.isPacked = layout == .packed
    let operands = try layout.operands(stage, function, shape)
    let kept = shape.indices.map { axes.contains($0) ? 1 : shape[$0] }
    let output = try stage.output(
      kept[0] * kept[1], kept[2], adds: adds, terms: axes.reduce(1) { $0 * shape[$1] })
    try stage.backend.fold(
      Fold(function, operands, scale: adds ? 0.5 : 1, into: StridedView(output.region, shape: kept), adds: adds))
  }
}

private func maximaCases(_ size: ParityCase.Size) -> [ParityCase] {
  let sizes = size == .quick ? [3, 17] : [1, 3, 31, 33]
  let cases = covering([sizes.count, sizes.count, sizes.count, axisSets.count, 2, 2]).map { row in
    var choices = CoveringRow(row)
    let shape = (0..<3).map { _ in choices.next(sizes) }
    return maximaCase(shape, choices.next(axisSets), isPermuted: choices.flag(), onlyPlaces: choices.flag())
  }
  // Long sums, and many side by side.
  let full = [([3, 5, 32], 2), ([3, 5, 1030], 2), ([1, 1, 5000], 2), ([70, 2, 290], 0), ([2, 300, 257], 1)]
  let long = (size == .quick ? [([3, 3, 40], 2)] : full).map { shape, axis in
    maximaCase(shape, [axis], isPermuted: false, onlyPlaces: false)
  }
  return cases + long
}

/// Maxima; half of the values occur more than once.
private func maximaCase(_ shape: [Int], _ axes: [Int], isPermuted: Bool, onlyPlaces: Bool) -> ParityCase {
  let options = "\(isPermuted ? "permuted" : "strided")\(onlyPlaces ? ", places only" : "")"
  return ParityCase("fold", "maxima of \(described(shape, axes)) \(options)") { stage in
    let values = (0..<shape.reduce(1, *)).map { place in
      place % 101 == 100 ? .nan : place % 2 == 0 ? stage.uniform(-2...1) : Float(stage.random(3)) - 2
    }
    let x = try stage.input(shape[0] * shape[1], shape[2], values: values)
    let order = isPermuted ? [1, 2, 0] : [0, 1, 2]
    let lengths = order.map { axes.contains($0) ? 1 : shape[$0] }
    let view = try StridedView(x, shape: shape).permuted(order)
    let winners = try stage.integerResult([Int32](repeating: 7, count: lengths.reduce(1, *)))
    let output = onlyPlaces ? nil : try StridedView(stage.result(lengths[0] * lengths[1], lengths[2]), shape: lengths)
    try stage.backend.maxima(Maxima(view, lengths: lengths, into: output, winners: winners))
    let (dy, dx) = (
      try stage.input(lengths[0] * lengths[1], lengths[2]), try stage.output(shape[0] * shape[1], shape[2], adds: true)
    )
    try stage.backend.maximaBackward(
      MaximaBackward(
        dy: StridedView(dy, shape: lengths), winners: winners,
        addingTo: StridedView(dx.region, shape: shape).permuted(order)))
  }
}

private func described(_ shape: [Int], _ axes: [Int]) -> String {
  "\(shape.map(String.init).joined(separator: "×")) over \(axes.isEmpty ? "none" : axes.map(String.init).joined())"
}
