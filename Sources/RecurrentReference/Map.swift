import RecurrentCore

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension ReferenceBackend {
  /// An elementwise function of tensors.
  package func map(_ operation: Map) throws {
    let (loop, arguments) = (operation.loop, Arguments(operation.function, operation.operands))
    let (y, output) = (operation.output.start, operation.operands.count)
    for index in 0..<loop.count {
      let value = arguments.value { loop.place(index, of: $0) }
      let place = loop.place(index, of: output)
      y[place] = operation.adds ? y[place] + value : value
    }
  }

  /// The sum of an elementwise function over axes.
  package func fold(_ operation: Fold) throws {
    let (kept, folded) = (operation.kept, operation.folded)
    let arguments = Arguments(operation.function, operation.operands)
    let (y, output) = (operation.output.start, operation.operands.count)
    for index in 0..<kept.count {
      var sum = 0.0
      for term in 0..<folded.count {
        sum += arguments.value { kept.place(index, of: $0) + folded.place(term, of: $0) }
      }
      let place = kept.place(index, of: output)
      y[place] = Double(operation.scale) * sum + (operation.adds ? y[place] : 0)
    }
  }

  /// Maxima over axes and their indices.
  package func maxima(_ operation: Maxima) throws {
    let (kept, folded, x) = (operation.kept, operation.folded, operation.x.start)
    for index in 0..<kept.count {
      let row = x + kept.place(index, of: 0)
      var winner = 0
      for place in 1..<max(folded.count, 1) {
        let (best, value) = (row[folded.place(winner, of: 0)], row[folded.place(place, of: 0)])
        if value > best || value.isNaN && !best.isNaN { winner = place }
      }
      operation.winners.start[kept.place(index, of: 1)] = Int32(winner)
      operation.output?.start[kept.place(index, of: 2)] = row[folded.place(winner, of: 0)]
    }
  }

  /// The gradient of maxima over axes.
  package func maximaBackward(_ operation: MaximaBackward) throws {
    let (kept, folded) = (operation.kept, operation.folded)
    for index in 0..<kept.count {
      let winner = Int(operation.winners.start[kept.place(index, of: 1)])
      let place = kept.place(index, of: 0) + folded.place(winner, of: 0)
      operation.output.start[place] += operation.dy.start[kept.place(index, of: 2)]
    }
  }

  /// Cumulative sums.
  package func scan(_ operation: Scan) throws {
    let axis = operation.axis
    for index in 0..<operation.others.count {
      let x = operation.x.start + operation.others.place(index, of: 0)
      let y = operation.output.start + operation.others.place(index, of: 1)
      var sum = 0.0
      for step in 0..<axis.length {
        let step = operation.isReversed ? axis.length - 1 - step : step
        sum += x[step * axis.x]
        y[step * axis.output] = operation.adds ? y[step * axis.output] + sum : sum
      }
    }
  }
}

extension StridedView {
  /// The first element; valid while the operation runs.
  fileprivate var start: Row { ReferenceBuffer.of(buffer).values + offset }
}

/// The operands of a function.
private struct Arguments {
  private let function: MapFunction
  private let starts: [Row?]
  private let numbers: [Double]

  init(_ function: MapFunction, _ operands: [MapOperand]) {
    self.function = function
    starts = operands.map { $0.view?.start }
    numbers = operands.map { if case .number(let number) = $0 { Double(number) } else { 0 } }
  }

  /// The value of the function for the elements at these positions of each operand.
  func value(_ place: (Int) -> Int) -> Double {
    var values = (0.0, 0.0, 0.0)
    for (index, start) in starts.enumerated() {
      let value = start.map { $0[place(index)] } ?? numbers[index]
      if index == 0 { values.0 = value } else if index == 1 { values.1 = value } else { values.2 = value }
    }
    return function.value(values.0, values.1, values.2)
  }
}

extension MapFunction {
  /// The function.
  fileprivate func value(_ a: Double, _ b: Double, _ c: Double) -> Double {
    switch self {
    case .copy: a
    case .negate: -a
    case .exp: exponential(a)
    case .log: logarithm(a)
    case .sqrt: a.squareRoot()
    case .abs: Swift.abs(a)
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    case .maximum: a > b || a.isNaN ? a : b
    case .minimum: a < b || a.isNaN ? a : b
    case .less: a < b ? 1 : 0
    case .lessOrEqual: a <= b ? 1 : 0
    case .equal: a == b ? 1 : 0
    case .notEqual: a != b ? 1 : 0
    case .expDifference: exponential(a - b)
    case .clamp: a < b ? (b < c ? b : c) : a > c ? c : a
    case .select: a != 0 ? b : c
    case .sqrtSlope: a / (2 * b)
    case .absSlope: b > 0 ? a : b < 0 ? -a : a * b
    case .quotientSlope: -a * ((b / c) / c)
    case .maximumSlope: b == c ? a / 2 : b < c ? 0 : a
    case .clampSlope: b == c ? a : 0
    case .logSoftmaxSlope: a - exponential(b) * c
    case .logSumExpSlope: a * exponential(b - c)
    case .softplus: Swift.max(a, 0) + log1p(exponential(-Swift.abs(a)))
    case .softplusSlope: a / (1 + exponential(-b))
    case .logGamma: logarithmOfGamma(a)
    case .logGammaSlope: a * digamma(b)
    case .negativeBinomial: NegativeBinomial(mean: a, dispersion: b).loss(c)
    case .negativeBinomialByMean: (a - c) / (a * (1 + a * b))
    case .negativeBinomialByDispersion: NegativeBinomial(mean: a, dispersion: b).slope(c)
    }
  }
}

private func exponential(_ x: Double) -> Double { exp(x) }
private func logarithm(_ x: Double) -> Double { log(x) }
