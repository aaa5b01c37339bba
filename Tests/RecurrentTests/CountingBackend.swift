import Recurrent

/// Passes everything on to another backend; counts what is allocated and remembers the products' sizes.
final class CountingBackend: Backend {
  private let inner: any Backend
  private(set) var allocations = 0
  private(set) var products: [(rows: Int, columns: Int, depth: Int)] = []

  init(_ inner: any Backend) {
    self.inner = inner
  }

  func allocate(_ count: Int) throws -> any Buffer {
    allocations += 1
    return try inner.allocate(count)
  }

  var device: DeviceDescription { inner.device }
  func upload(_ values: UnsafeBufferPointer<Float>, to region: Region) throws { try inner.upload(values, to: region) }
  func upload(_ values: UnsafeBufferPointer<Int32>, to indices: Indices) throws {
    try inner.upload(values, to: indices)
  }
  func download(_ region: Region, into values: UnsafeMutableBufferPointer<Float>) throws {
    try inner.download(region, into: values)
  }
  func download(_ indices: Indices, into values: UnsafeMutableBufferPointer<Int32>) throws {
    try inner.download(indices, into: values)
  }
  func fill(_ region: Region, with value: Float) throws { try inner.fill(region, with: value) }
  func synchronize() throws { try inner.synchronize() }
  func scratch(_ count: Int) throws -> any Buffer { try inner.scratch(count) }
  func reserveCount(_ cell: CellDescriptor, steps: Int, batch: Int) -> Int {
    inner.reserveCount(cell, steps: steps, batch: batch)
  }

  func matmul(_ operation: Matmul) throws {
    products.append((operation.m, operation.n, operation.k))
    try inner.matmul(operation)
  }
  func copy(_ operation: Copy) throws { try inner.copy(operation) }
  func swapAxes(_ operation: SwapAxes) throws { try inner.swapAxes(operation) }
  func maskRows(_ operation: MaskRows) throws { try inner.maskRows(operation) }
  func addBias(_ operation: AddBias) throws { try inner.addBias(operation) }
  func combine(_ operation: Combine) throws { try inner.combine(operation) }
  func scale(_ operation: Scale) throws { try inner.scale(operation) }
  func activate(_ operation: Activate) throws { try inner.activate(operation) }
  func activateBackward(_ operation: ActivateBackward) throws { try inner.activateBackward(operation) }
  func dropout(_ operation: ApplyDropout) throws { try inner.dropout(operation) }
  func softmax(_ operation: Softmax) throws { try inner.softmax(operation) }
  func softmaxBackward(_ operation: SoftmaxBackward) throws { try inner.softmaxBackward(operation) }
  func layerNorm(_ operation: ApplyLayerNorm) throws { try inner.layerNorm(operation) }
  func layerNormBackward(_ operation: ApplyLayerNormBackward) throws { try inner.layerNormBackward(operation) }
  func crossEntropy(_ operation: CrossEntropy) throws { try inner.crossEntropy(operation) }
  func crossEntropyBackward(_ operation: CrossEntropyBackward) throws { try inner.crossEntropyBackward(operation) }
  func elementwiseLoss(_ operation: ElementwiseLoss) throws { try inner.elementwiseLoss(operation) }
  func elementwiseLossBackward(_ operation: ElementwiseLossBackward) throws {
    try inner.elementwiseLossBackward(operation)
  }
  func gather(_ operation: Gather) throws { try inner.gather(operation) }
  func scatterAdd(_ operation: ScatterAdd) throws { try inner.scatterAdd(operation) }
  func encode(_ operation: Encode) throws { try inner.encode(operation) }
  func reduce(_ operation: Reduce) throws { try inner.reduce(operation) }
  func clipByNorm(_ operation: ClipByNorm) throws { try inner.clipByNorm(operation) }
  func clipByValue(_ operation: ClipByValue) throws { try inner.clipByValue(operation) }
  func flagNonFinite(_ operation: FlagNonFinite) throws { try inner.flagNonFinite(operation) }
  func update(_ operation: Update) throws { try inner.update(operation) }
  func cellStepForward(_ operation: CellStepForward) throws { try inner.cellStepForward(operation) }
  func cellStepBackward(_ operation: CellStepBackward) throws { try inner.cellStepBackward(operation) }
  func exportReserve(of sequence: CellSequence, to canonical: Region) throws {
    try inner.exportReserve(of: sequence, to: canonical)
  }
  func importReserve(of sequence: CellSequence, from canonical: Region) throws {
    try inner.importReserve(of: sequence, from: canonical)
  }
  func sequenceForward(_ operation: SequenceForward) throws { try inner.sequenceForward(operation) }
  func sequenceBackward(_ operation: SequenceBackward) throws { try inner.sequenceBackward(operation) }
}
