/// An operation that an `ObservedBackend` forwards.
package struct ObservedOperation {
  /// The name of the backend's function; a pass over a sequence carries the name of its cell: `lstmForward`.
  package let name: String
  /// Whether it computes or moves memory.
  package let kind: ProfiledCall.Kind
  /// The matrices that it reads or writes.
  package let operands: [Region]
  /// A lower bound of the bytes read and written.
  package let bytes: Int
  /// The floating-point operations of its matrix products.
  package let flops: Int
}

/// Forwards every call to another backend, each operation through an observer.
package final class ObservedBackend: Backend {
  private let inner: any Backend
  private let observe: (ObservedOperation, () throws -> Void) throws -> Void

  /// - Parameter observe: Receives each operation and a closure that runs it, which it must call.
  package init(_ inner: any Backend, observe: @escaping (ObservedOperation, () throws -> Void) throws -> Void) {
    self.inner = inner
    self.observe = observe
  }

  private func pass(
    _ name: String, _ operands: [Region?], bytes: Int? = nil, flops: Int = 0, kind: ProfiledCall.Kind = .kernel,
    _ body: () throws -> Void
  ) throws {
    let operands = operands.compactMap(\.self)
    let operation = ObservedOperation(
      name: name, kind: kind, operands: operands, bytes: bytes ?? operands.reduce(0) { $0 + 4 * $1.count }, flops: flops
    )
    try observe(operation, body)
  }

  private func pass(_ operation: Matmul, _ body: () throws -> Void) throws {
    try pass("matmul", [operation.a, operation.b, operation.output.region], flops: operation.flops, body)
  }

  private func pass(_ operation: SequenceForward, _ body: () throws -> Void) throws {
    let sequence = operation.sequence
    try pass("\(sequence.cell.kind.name)Forward", sequence.operands, flops: sequence.flops, body)
  }

  // MARK: Memory

  package var device: DeviceDescription { inner.device }

  package func allocate(_ count: Int) throws -> any Buffer {
    var buffer: (any Buffer)?
    try pass("allocate", [], bytes: 4 * count, kind: .memory) { buffer = try inner.allocate(count) }
    guard let buffer else { preconditionFailure("the observer did not run the operation") }
    return buffer
  }

  package func upload(_ values: UnsafeBufferPointer<Float>, to region: Region) throws {
    try pass("upload", [region], kind: .memory) { try inner.upload(values, to: region) }
  }
  package func upload(_ values: UnsafeBufferPointer<Int32>, to indices: Indices) throws {
    try pass("upload", [], bytes: 4 * indices.count, kind: .memory) { try inner.upload(values, to: indices) }
  }
  package func download(_ region: Region, into values: UnsafeMutableBufferPointer<Float>) throws {
    try pass("download", [region], kind: .memory) { try inner.download(region, into: values) }
  }
  package func download(_ indices: Indices, into values: UnsafeMutableBufferPointer<Int32>) throws {
    try pass("download", [], bytes: 4 * indices.count, kind: .memory) { try inner.download(indices, into: values) }
  }
  package func fill(_ region: Region, with value: Float) throws {
    try pass("fill", [region]) { try inner.fill(region, with: value) }
  }
  package func synchronize() throws { try inner.synchronize() }
  package func scratch(_ count: Int) throws -> any Buffer { try inner.scratch(count) }

  // MARK: Operations

  package func hold(_ buffer: any Buffer) -> AnyObject? { inner.hold(buffer) }

  package func matmul(_ operation: Matmul) throws { try pass(operation) { try inner.matmul(operation) } }
  package func prepare(_ operations: [Matmul]) throws -> [() throws -> Void] {
    try zip(operations, inner.prepare(operations)).map { operation, run in { try self.pass(operation, run) } }
  }
  package func copy(_ operation: Copy) throws {
    try pass("copy", [operation.source, operation.output.region]) { try inner.copy(operation) }
  }
  package func swapAxes(_ operation: SwapAxes) throws {
    try pass("swapAxes", [operation.source, operation.output.region]) { try inner.swapAxes(operation) }
  }
  package func maskRows(_ operation: MaskRows) throws {
    try pass("maskRows", [operation.x, operation.output.region]) { try inner.maskRows(operation) }
  }
  package func addBias(_ operation: AddBias) throws {
    try pass("addBias", [operation.x, operation.bias, operation.output.region]) { try inner.addBias(operation) }
  }
  package func combine(_ operation: Combine) throws {
    try pass("combine", [operation.a, operation.b, operation.output.region]) { try inner.combine(operation) }
  }
  package func scale(_ operation: Scale) throws {
    try pass("scale", [operation.x, operation.output.region]) { try inner.scale(operation) }
  }
  package func activate(_ operation: Activate) throws {
    try pass("activate", [operation.x, operation.output.region]) { try inner.activate(operation) }
  }
  package func activateBackward(_ operation: ActivateBackward) throws {
    try pass("activateBackward", [operation.y, operation.dy, operation.output.region]) {
      try inner.activateBackward(operation)
    }
  }
  package func dropout(_ operation: ApplyDropout) throws {
    try pass("dropout", [operation.x, operation.output.region]) { try inner.dropout(operation) }
  }
  package func softmax(_ operation: Softmax) throws {
    try pass("softmax", [operation.x, operation.output]) { try inner.softmax(operation) }
  }
  package func softmaxBackward(_ operation: SoftmaxBackward) throws {
    try pass("softmaxBackward", [operation.y, operation.dy, operation.output.region]) {
      try inner.softmaxBackward(operation)
    }
  }
  package func additiveScores(_ operation: AdditiveScores) throws {
    try pass(
      "additiveScores", [operation.queries, operation.keys, operation.vector, operation.output], flops: operation.flops
    ) { try inner.additiveScores(operation) }
  }
  package func additiveScoresBackward(_ operation: AdditiveScoresBackward) throws {
    let gradients = [operation.dQueries?.region, operation.dKeys?.region, operation.dVector?.region]
    try pass(
      "additiveScoresBackward", [operation.queries, operation.keys, operation.vector, operation.dScores] + gradients,
      flops: operation.flops
    ) { try inner.additiveScoresBackward(operation) }
  }
  package func layerNorm(_ operation: ApplyLayerNorm) throws {
    try pass("layerNorm", [operation.x, operation.output]) { try inner.layerNorm(operation) }
  }
  package func layerNormBackward(_ operation: ApplyLayerNormBackward) throws {
    try pass("layerNormBackward", [operation.x, operation.dy, operation.dx?.region]) {
      try inner.layerNormBackward(operation)
    }
  }
  package func crossEntropy(_ operation: CrossEntropy) throws {
    try pass("crossEntropy", [operation.logits, operation.losses]) { try inner.crossEntropy(operation) }
  }
  package func crossEntropyBackward(_ operation: CrossEntropyBackward) throws {
    try pass("crossEntropyBackward", [operation.logits, operation.output.region]) {
      try inner.crossEntropyBackward(operation)
    }
  }
  package func elementwiseLoss(_ operation: ElementwiseLoss) throws {
    try pass("elementwiseLoss", [operation.predictions, operation.targets, operation.losses]) {
      try inner.elementwiseLoss(operation)
    }
  }
  package func elementwiseLossBackward(_ operation: ElementwiseLossBackward) throws {
    try pass("elementwiseLossBackward", [operation.predictions, operation.targets, operation.output.region]) {
      try inner.elementwiseLossBackward(operation)
    }
  }
  package func crf(_ operation: ApplyCRF) throws {
    let chain = operation.sequence
    try pass("crf", [chain.emissions, chain.transitions, chain.alphas, operation.losses]) { try inner.crf(operation) }
  }
  package func crfBackward(_ operation: ApplyCRFBackward) throws {
    let chain = operation.sequence
    let gradients = [operation.dEmissions?.region, operation.dTransitions?.region]
    try pass("crfBackward", [chain.emissions, chain.transitions, chain.alphas] + gradients) {
      try inner.crfBackward(operation)
    }
  }
  package func map(_ operation: Map) throws {
    try pass("map", [], bytes: operation.bytes) { try inner.map(operation) }
  }
  package func fold(_ operation: Fold) throws {
    try pass("fold", [], bytes: operation.bytes) { try inner.fold(operation) }
  }
  package func maxima(_ operation: Maxima) throws {
    try pass("maxima", [], bytes: operation.bytes) { try inner.maxima(operation) }
  }
  package func maximaBackward(_ operation: MaximaBackward) throws {
    try pass("maximaBackward", [], bytes: operation.bytes) { try inner.maximaBackward(operation) }
  }
  package func scan(_ operation: Scan) throws {
    try pass("scan", [], bytes: operation.bytes) { try inner.scan(operation) }
  }
  package func gather(_ operation: Gather) throws {
    try pass("gather", [operation.table, operation.output.region], bytes: operation.bytes) {
      try inner.gather(operation)
    }
  }
  package func scatterAdd(_ operation: ScatterAdd) throws {
    try pass("scatterAdd", [operation.dy, operation.table], bytes: operation.bytes) { try inner.scatterAdd(operation) }
  }
  package func encode(_ operation: Encode) throws {
    try pass("encode", [operation.output]) { try inner.encode(operation) }
  }
  package func reduce(_ operation: Reduce) throws {
    try pass("reduce", [operation.x, operation.output.region]) { try inner.reduce(operation) }
  }
  package func maxOverTime(_ operation: MaxOverTime) throws {
    try pass("maxOverTime", [operation.x, operation.output]) { try inner.maxOverTime(operation) }
  }
  package func maxOverTimeBackward(_ operation: MaxOverTimeBackward) throws {
    try pass("maxOverTimeBackward", [operation.dy, operation.output.region]) {
      try inner.maxOverTimeBackward(operation)
    }
  }
  package func clipByNorm(_ operation: ClipByNorm) throws {
    try pass("clipByNorm", operation.gradients) { try inner.clipByNorm(operation) }
  }
  package func clipByValue(_ operation: ClipByValue) throws {
    try pass("clipByValue", [operation.x]) { try inner.clipByValue(operation) }
  }
  package func flagNonFinite(_ operation: FlagNonFinite) throws {
    try pass("flagNonFinite", [operation.x]) { try inner.flagNonFinite(operation) }
  }
  package func update(_ operation: Update) throws {
    try pass("update", [operation.parameters, operation.gradients] + operation.states, bytes: operation.bytes) {
      try inner.update(operation)
    }
  }

  // MARK: Cells

  package func cellStepForward(_ operation: CellStepForward) throws {
    try pass("\(operation.sequence.cell.kind.name)StepForward", [operation.gates, operation.recurrent]) {
      try inner.cellStepForward(operation)
    }
  }
  package func cellStepBackward(_ operation: CellStepBackward) throws {
    try pass("\(operation.sequence.cell.kind.name)StepBackward", [operation.gates, operation.dh, operation.dc]) {
      try inner.cellStepBackward(operation)
    }
  }
  package func reserveCount(_ cell: CellDescriptor, steps: Int, batch: Int) -> Int {
    inner.reserveCount(cell, steps: steps, batch: batch)
  }
  package func exportReserve(of sequence: CellSequence, to canonical: Region) throws {
    try pass("exportReserve", [sequence.reserve, canonical]) {
      try inner.exportReserve(of: sequence, to: canonical)
    }
  }
  package func importReserve(of sequence: CellSequence, from canonical: Region) throws {
    try pass("importReserve", [sequence.reserve, canonical]) {
      try inner.importReserve(of: sequence, from: canonical)
    }
  }
  package func sequenceForward(_ operation: SequenceForward) throws {
    try pass(operation) { try inner.sequenceForward(operation) }
  }
  package func prepare(_ operations: [SequenceForward]) throws -> [() throws -> Void] {
    try zip(operations, inner.prepare(operations)).map { operation, run in { try self.pass(operation, run) } }
  }
  package func sequenceBackward(_ operation: SequenceBackward) throws {
    let sequence = operation.sequence
    let gradients = [
      operation.dOutput, operation.dInput?.region, operation.dWeightIH?.region, operation.dWeightHH?.region,
    ]
    try pass("\(sequence.cell.kind.name)Backward", sequence.operands + gradients, flops: 2 * sequence.flops) {
      try inner.sequenceBackward(operation)
    }
  }

  // MARK: Limits

  package func measurePeak(seconds: Double) throws -> Double { try inner.measurePeak(seconds: seconds) }
  package func measureBandwidth(seconds: Double) throws -> Double { try inner.measureBandwidth(seconds: seconds) }
}

extension CellSequence {
  /// What a pass over the sequence reads or writes.
  fileprivate var operands: [Region?] { [input.region, weights.weightIH, weights.weightHH, h, c, reserve] }
}

extension CellKind {
  /// The cell's name: `lstm`.
  fileprivate var name: String {
    switch self {
    case .elman: "elman"
    case .lstm: "lstm"
    case .gru: "gru"
    }
  }
}

// Only the rows that are named are read or written, not the whole table.

extension Gather {
  /// The bytes that are read and written.
  package var bytes: Int { 4 * (2 * output.region.count + indices.count) }
}

extension ScatterAdd {
  /// The bytes that are read and written.
  package var bytes: Int { 4 * (dy.count + occurrences.count * table.columns + dy.rows) }
}

extension Update {
  /// The bytes that are read and written.
  package var bytes: Int { 4 * gradients.count * (2 + states.count) }
}
