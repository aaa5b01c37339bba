import RecurrentCPU
import RecurrentCore
import RecurrentReference
import Testing

/// The fused steps against the oracle, where panels, tiles and blocks of sums are full, cut off, or more than one.
struct CellTests {
  struct Shape: Sendable, CustomTestStringConvertible {
    var steps = 5
    var batch = 7
    var input = 9
    var hidden = 33
    var isReversed = false
    var isMasked = false
    var bias = CellBias.both
    var threads = 2

    var testDescription: String {
      "T\(steps) N\(batch) D\(input) H\(hidden)\(isReversed ? " reversed" : "")\(isMasked ? " masked" : "") \(bias)"
    }
  }

  static let kinds: [CellKind] = [
    .elman(.tanh), .elman(.relu), .lstm, .gru(.resetAfter), .gru(.resetBefore),
  ]

  static let shapes = [
    Shape(), Shape(isReversed: true, isMasked: true), Shape(batch: 1, hidden: 65, isMasked: true, bias: .single),
    Shape(steps: 3, batch: 13, input: 70, hidden: 128, isMasked: true, bias: .none, threads: 3),
    // Threads share hidden units here.
    Shape(steps: 2, batch: 2, input: 300, hidden: 330, isReversed: true, threads: 4),
  ]

  @Test(arguments: CPULevel.allCases.filter(\.isSupported), kinds)
  func agreesWithTheOracle(level: CPULevel, kind: CellKind) throws {
    for shape in Self.shapes { try compare(level, kind, shape) }
  }

  /// The benchmark's shape: the sums over T·N rows run through ten blocks.
  @Test(arguments: kinds)
  func agreesWithTheOracleAtTheBenchmarksShape(kind: CellKind) throws {
    try compare(.best, kind, Shape(steps: 50, batch: 50, input: 128, hidden: 128))
  }

  @Test(arguments: CPULevel.allCases.filter(\.isSupported), kinds)
  func givesTheSameBitsOnAnyNumberOfThreads(level: CPULevel, kind: CellKind) throws {
    let shape = Shape(steps: 6, batch: 11, input: 40, hidden: 140)
    let one = try run(CPUBackend(level: level, threads: 1), kind, shape)
    for threads in [1, 2, 3] { #expect(try run(CPUBackend(level: level, threads: threads), kind, shape) == one) }
  }

  private func compare(_ level: CPULevel, _ kind: CellKind, _ shape: Shape) throws {
    let expected = try run(ReferenceBackend(), kind, shape)
    let found = try run(CPUBackend(level: level, threads: shape.threads), kind, shape)
    for (name, values) in expected {
      let error = squaredError(found[name] ?? [], values)
      #expect(error <= 1e-12, "\(name) at \(shape.testDescription): \(error)")
    }
  }

  /// Everything that a forward and a backward pass leave, by name.
  private func run(_ backend: any Backend, _ kind: CellKind, _ shape: Shape) throws -> [String: [Float]] {
    let cell = try CellDescriptor(kind, inputSize: shape.input, hiddenSize: shape.hidden, bias: shape.bias)
    var random = Seeded(seed: 7)
    let (rows, hidden, batch) = (shape.steps * shape.batch, shape.hidden, shape.batch)
    let values = { (rows: Int, columns: Int, scale: Float) in
      try backend.upload(random.values(rows * columns, scale: scale), rows: rows, columns: columns)
    }
    let scale = 2 / Float(hidden).squareRoot()
    let weights = CellWeights(
      weightIH: try values(cell.gateRows, shape.input, 1 / Float(shape.input).squareRoot()),
      weightHH: try values(cell.gateRows, hidden, scale),
      biasIH: shape.bias == .none ? nil : try values(1, cell.gateRows, 1),
      biasHH: shape.bias == .both ? try values(1, cell.gateRows, 1) : nil)
    let states = { try backend.allocate(rows: rows + batch, columns: hidden) }
    let lengths = (0..<batch).map { Int32(($0 * 3 + 2) % (shape.steps + 1)) }
    let resets = (0..<rows).map { Int32($0 % 5 == 1 ? 1 : 0) }
    let x = try values(rows, shape.input, 1)
    let sequence = try CellSequence(
      cell, steps: shape.steps, batch: batch, isReversed: shape.isReversed, input: .features(x),
      weights: weights, h: states(), c: kind.hasCellState ? states() : nil,
      lengths: shape.isMasked ? backend.upload(lengths) : nil, resets: shape.isMasked ? backend.upload(resets) : nil,
      reserve: backend.allocate(columns: backend.reserveCount(cell, steps: shape.steps, batch: batch)))
    var found: [String: Region] = [:]
    let state = { (name: String) throws -> Region in
      let region = try values(batch, hidden, 1)
      found[name] = region
      return region
    }
    let (initialH, finalH) = (try state("initial h"), try state("final h"))
    let (initialC, finalC) = kind.hasCellState ? (try state("initial c"), try state("final c")) : (nil, nil)
    let output = shape.isMasked ? try values(rows, hidden, 1) : nil
    try backend.sequenceForward(
      SequenceForward(
        sequence, initialH: initialH, initialC: initialC, finalH: finalH, finalC: finalC, output: output))
    found["output"] = output ?? sequence.outputs

    let gradient = { (name: String, region: Region, adds: Bool) throws -> Output in
      let gradient = try values(region.rows, region.columns, 1)
      found[name] = gradient
      return adds ? .add(gradient) : .set(gradient)
    }
    try backend.sequenceBackward(
      SequenceBackward(
        sequence, dOutput: values(rows, hidden, 1), dFinalH: values(batch, hidden, 1),
        dFinalC: kind.hasCellState ? values(batch, hidden, 1) : nil, dInput: gradient("dx", x, false),
        dInitialH: gradient("dInitialH", initialH, true),
        dInitialC: initialC.map { try gradient("dInitialC", $0, false) },
        dWeightIH: gradient("dWeightIH", weights.weightIH, true),
        dWeightHH: gradient("dWeightHH", weights.weightHH, false),
        dBiasIH: weights.biasIH.map { try gradient("dBiasIH", $0, true) },
        dBiasHH: weights.biasHH.map { try gradient("dBiasHH", $0, false) }))
    return try found.mapValues(backend.download)
  }
}
