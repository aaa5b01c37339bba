import RecurrentCore

/// The layout of the operands of an elementwise function.
enum Layout: String, CaseIterable, Sendable {
  /// All without gaps.
  case packed
  /// Regions with gaps.
  case strided
  /// The second operand repeats a row, the third a column.
  case broadcast
  /// The first operand has permuted axes.
  case permuted
  /// All but the first are constants.
  case numbers

  /// Operands of `[A, B, C]` for a function.
  func operands(_ stage: Stage, _ function: MapFunction, _ shape: [Int]) throws -> [MapOperand] {
    try (0..<function.operandCount).map { place in
      if self == .numbers && place > 0 { return .number(place == 2 ? 0.5 : function.isOfCounts ? 0.25 : -0.25) }
      var own = shape
      if self == .broadcast && place == 1 { own = [shape[2]] }
      if self == .broadcast && place == 2 { own = [shape[0], 1, 1] }
      if self == .permuted && place == 0 { own = [shape[2], shape[0], shape[1]] }
      let values = (0..<own.reduce(1, *)).map { _ in function.argument(stage, place) }
      let region = try stage.input(own.dropLast().reduce(1, *), own.last ?? 1, values: values)
      let view = try StridedView(region, shape: own)
      return .view(
        self == .permuted && place == 0 ? try view.permuted([1, 2, 0]) : try view.broadcast(to: shape))
    }
  }
}

extension MapFunction {
  /// Whether its operands are the mean and the dispersion of a distribution of counts, and a count.
  fileprivate var isOfCounts: Bool {
    [.negativeBinomial, .negativeBinomialByMean, .negativeBinomialByDispersion].contains(self)
  }

  /// An argument at this position: sometimes a special value, and often equal values for functions with jumps.
  fileprivate func argument(_ stage: Stage, _ place: Int) -> Float {
    let draw = stage.random(100)
    switch self {
    case .exp: return draw == 0 ? -.infinity : stage.uniform(-20...20)
    case .log, .sqrt: return draw == 0 ? 0 : draw == 1 ? -1 : draw == 2 ? .infinity : stage.uniform(0...3)
    case .logGamma: return draw == 0 ? 0 : draw == 1 ? -1 : draw == 2 ? .infinity : stage.uniform(0...8)
    case .logGammaSlope: return place == 0 ? stage.uniform(-1...1) : stage.uniform(0.1...8)
    case .softplus, .softplusSlope: return stage.uniform(-20...20)
    case .negativeBinomial, .negativeBinomialByMean, .negativeBinomialByDispersion:
      return place == 2 ? Float(stage.random(7)) : stage.uniform(0.05...4)
    case .divide: return place == 0 ? stage.uniform(-1...1) : stage.uniform(0.5...2) * (draw % 2 == 0 ? 1 : -1)
    case .sqrtSlope, .quotientSlope: return place == 0 ? stage.uniform(-1...1) : stage.uniform(0.5...2)
    case .expDifference, .logSoftmaxSlope, .logSumExpSlope: return stage.uniform(-2...2)
    case .maximum, .minimum, .less, .lessOrEqual, .equal, .notEqual, .select, .maximumSlope, .clampSlope, .absSlope:
      return draw == 0 ? .nan : Float(stage.random(3)) - 1
    default: return stage.uniform(-1...1)
    }
  }
}

/// Functions of tensors of three axes, set and add, and cumulative sums.
func mapCases(_ size: ParityCase.Size) -> [ParityCase] {
  let sizes = size == .quick ? [3, 17] : [1, 3, 31, 33]
  let modes = covering([MapFunction.allCases.count, Layout.allCases.count, sizes.count, sizes.count, sizes.count, 2])
  let cases = modes.map { row in
    var choices = CoveringRow(row)
    let (function, layout) = (choices.next(MapFunction.allCases), choices.next(Layout.allCases))
    let shape = (0..<3).map { _ in choices.next(sizes) }
    return mapCase(function, layout, shape, adds: choices.flag())
  }
  let large = size == .quick ? [] : [mapCase(.add, .broadcast, [65, 33, 130], adds: false), manyAxes()]
  return cases + large + transposedCases(size) + scanCases(size)
}

/// Functions of transposed operands, at the edges of the tiles in which kernels read them.
private func transposedCases(_ size: ParityCase.Size) -> [ParityCase] {
  let sizes = size == .quick ? [3, 17] : [1, 2, 15, 16, 17, 31, 32, 33, 63, 64, 65]
  let functions: [MapFunction] = [.copy, .subtract, .clamp]
  return covering([sizes.count, sizes.count, functions.count, 3, 2]).map { row in
    var choices = CoveringRow(row)
    let (rows, columns) = (choices.next(sizes), choices.next(sizes))
    let function = choices.next(functions)
    // The first operand, the last, or all.
    let places = Array(0..<function.operandCount)
    let turned = choices.next([[0], [places.count - 1], places])
    return transposedCase(function, rows, columns, turned, adds: choices.flag())
  }
}

private func transposedCase(_ function: MapFunction, _ rows: Int, _ columns: Int, _ turned: [Int], adds: Bool)
  -> ParityCase
{
  let places = turned.map(String.init).joined(separator: ", ")
  let name = "map \(function) 2×\(rows)×\(columns) operand \(places) transposed \(adds ? "add" : "set")"
  return ParityCase("map", name) { stage in
    let operands: [MapOperand] = try (0..<function.operandCount).map { place in
      guard turned.contains(place) else {
        return .view(try StridedView(stage.input(2 * rows, columns), shape: [2, rows, columns]))
      }
      return .view(try StridedView(stage.input(2 * columns, rows), shape: [2, columns, rows]).permuted([0, 2, 1]))
    }
    let output = try stage.output(2 * rows, columns, adds: adds)
    try stage.backend.map(
      Map(function, operands, into: StridedView(output.region, shape: [2, rows, columns]), adds: adds))
  }
}

private func mapCase(_ function: MapFunction, _ layout: Layout, _ shape: [Int], adds: Bool) -> ParityCase {
  let sizes = shape.map(String.init).joined(separator: "×")
  return ParityCase("map", "map \(function) \(sizes) \(layout) \(adds ? "add" : "set")") { stage in
    stage.isPacked = layout == .packed
    let operands = try layout.operands(stage, function, shape)
    let output = try stage.output(shape[0] * shape[1], shape[2], adds: adds)
    try stage.backend.map(Map(function, operands, into: StridedView(output.region, shape: shape), adds: adds))
  }
}

/// As many axes as kernels accept, none of which can be joined with its neighbour.
private func manyAxes() -> ParityCase {
  ParityCase("map", "map negate, eight axes in reverse") { stage in
    let shape = [2, 3, 2, 2, 3, 2, 2, 3]
    let (x, y) = (try stage.input(288, 3), try stage.result(432, 2))
    let reversed = try StridedView(x, shape: shape).permuted([7, 6, 5, 4, 3, 2, 1, 0])
    try stage.backend.map(Map(.negate, [.view(reversed)], into: StridedView(y, shape: shape.reversed())))
  }
}

private func scanCases(_ size: ParityCase.Size) -> [ParityCase] {
  let sizes = size == .quick ? [3, 17] : [1, 3, 31, 33]
  let cases = covering([sizes.count, sizes.count, sizes.count, 3, 2, 2, 2]).map { row in
    var choices = CoveringRow(row)
    let shape = (0..<3).map { _ in choices.next(sizes) }
    return scanCase(
      shape, axis: choices.next([0, 1, 2]), isReversed: choices.flag(), adds: choices.flag(), isPacked: choices.flag())
  }
  // Long sums, and many side by side; along rows at tile edges.
  let full = [
    ([1, 5000, 3], 1), ([3, 400, 300], 1), ([2, 15, 32], 2), ([1, 16, 48], 2), ([3, 17, 257], 2), ([1, 3, 1100], 2),
  ]
  let long = (size == .quick ? [([3, 5, 40], 2)] : full).flatMap { shape, axis in
    [
      scanCase(shape, axis: axis, isReversed: false, adds: false, isPacked: true),
      scanCase(shape, axis: axis, isReversed: true, adds: true, isPacked: false),
    ]
  }
  return cases + long
}

private func scanCase(_ shape: [Int], axis: Int, isReversed: Bool, adds: Bool, isPacked: Bool) -> ParityCase {
  let sizes = shape.map(String.init).joined(separator: "×")
  let options = "\(isReversed ? "reversed " : "")\(adds ? "add" : "set") \(isPacked ? "packed" : "strided")"
  return ParityCase("map", "cumulative sum of \(sizes) along \(axis) \(options)") { stage in
    stage.isPacked = isPacked
    let x = try stage.input(shape[0] * shape[1], shape[2], -0.5...1)
    let y = try stage.output(shape[0] * shape[1], shape[2], adds: adds)
    try stage.backend.scan(
      Scan(
        StridedView(x, shape: shape), axis: axis, isReversed: isReversed,
        into: StridedView(y.region, shape: shape), adds: adds))
  }
}
