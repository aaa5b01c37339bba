import RecurrentCore

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension ReferenceBackend {
  /// Copies a region to a region.
  package func copy(_ operation: Copy) throws {
    let (source, sink) = (OracleMatrix(operation.source), Sink(operation.output))
    source.forEach { sink.put(source[$0, $1], $0, $1) }
  }

  /// `[A, B, C] → [B, A, C]`
  package func swapAxes(_ operation: SwapAxes) throws {
    let (source, sink) = (OracleMatrix(operation.source), Sink(operation.output))
    for outer in 0..<operation.outer {
      for inner in 0..<operation.inner {
        for column in 0..<source.columns {
          let value = source[outer * operation.inner + inner, column]
          sink.put(value, inner * operation.outer + outer, column)
        }
      }
    }
  }

  /// Sets rows to 0.
  package func maskRows(_ operation: MaskRows) throws {
    let (x, mask, sink) = (OracleMatrix(operation.x), operation.mask.start, Sink(operation.output))
    let lengths = operation.lengths?.start
    x.forEach { row, column in
      let isCleared = mask[row] != 0 && lengths.map { operation.step < $0[row] } ?? true
      sink.put(isCleared ? 0 : x[row, column], row, column)
    }
  }

  /// Adds a row to every row.
  package func addBias(_ operation: AddBias) throws {
    let (x, bias, sink) = (OracleMatrix(operation.x), OracleMatrix(operation.bias), Sink(operation.output))
    x.forEach { sink.put(x[$0, $1] + bias[0, $1], $0, $1) }
  }

  /// A binary function of two matrices.
  package func combine(_ operation: Combine) throws {
    let (a, b, sink) = (OracleMatrix(operation.a), OracleMatrix(operation.b), Sink(operation.output))
    a.forEach { row, column in
      let (left, right) = (a[row, column], b[row, column])
      switch operation.function {
      case .add: sink.put(left + right, row, column)
      case .subtract: sink.put(left - right, row, column)
      case .multiply: sink.put(left * right, row, column)
      }
    }
  }

  /// Scales a matrix.
  package func scale(_ operation: Scale) throws {
    let (x, sink) = (OracleMatrix(operation.x), Sink(operation.output))
    let factor = Double(operation.factor) * (operation.deviceFactor.map { OracleMatrix($0)[0, 0] } ?? 1)
    x.forEach { sink.put(factor * x[$0, $1], $0, $1) }
  }

  /// Applies an activation.
  package func activate(_ operation: Activate) throws {
    let (x, sink) = (OracleMatrix(operation.x), Sink(operation.output))
    x.forEach { sink.put(operation.activation.value(x[$0, $1]), $0, $1) }
  }

  /// The gradient of an activation.
  package func activateBackward(_ operation: ActivateBackward) throws {
    let (y, dy, sink) = (OracleMatrix(operation.y), OracleMatrix(operation.dy), Sink(operation.output))
    y.forEach { sink.put(dy[$0, $1] * operation.activation.slope(y[$0, $1]), $0, $1) }
  }

  /// Dropout.
  package func dropout(_ operation: ApplyDropout) throws {
    let (x, sink) = (OracleMatrix(operation.x), Sink(operation.output))
    let (key, philox) = (operation.key, Philox(key: operation.key.seed))
    let (low, high) = (UInt32(truncatingIfNeeded: key.step), UInt32(truncatingIfNeeded: key.step >> 32))
    x.forEach { row, column in
      let place = row * x.columns + column
      let word = philox(SIMD4(UInt32(place / 4), key.layer, low, high))[place % 4]
      let isKept = word >= operation.threshold
      sink.put(isKept ? x[row, column] / (1 - Double(operation.probability)) : 0, row, column)
    }
  }

  /// Clips every element by value.
  package func clipByValue(_ operation: ClipByValue) throws {
    let (x, limit) = (OracleMatrix(operation.x), Double(operation.limit))
    x.forEach { x[$0, $1] = min(max(x[$0, $1], -limit), limit) }
  }
}

extension Activation {
  /// The function.
  func value(_ x: Double) -> Double {
    switch self {
    case .tanh: hyperbolicTangent(x)
    case .sigmoid: logistic(x)
    case .relu: max(x, 0)
    }
  }

  /// The derivative at function value `y`.
  func slope(_ y: Double) -> Double {
    switch self {
    case .tanh: 1 - y * y
    case .sigmoid: y * (1 - y)
    case .relu: y > 0 ? 1 : 0
    }
  }
}

/// `1 / (1 + exp(−x))`
func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

/// `tanh x`
func hyperbolicTangent(_ x: Double) -> Double { tanh(x) }
