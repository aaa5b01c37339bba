/// What computes: memory on a device and the operations that run there.
///
/// Calls enqueue work in order and return; only `download` and `synchronize` wait, and that is where a fault of an earlier
/// call may surface. `upload` has copied the host's data when it returns. Operations are values that checked their own
/// operands, so a backend checks nothing. Nothing of a training step goes through the host.
///
/// The order of every sum is fixed: the same inputs give the same bits, run after run, on one device with one
/// `DeviceDescription.variant`.
///
/// A backend and its buffers belong to one thread at a time.
///
/// Every call throws what the device does: `RecurrentError.outOfMemory` where there is no room, `.device` or an `OpenCLError` where
/// it fails. None throws for its operands.
public protocol Backend: AnyObject {
  /// The device.
  var device: DeviceDescription { get }

  // MARK: Memory

  /// Memory for `count` elements of four bytes, all 0.
  func allocate(_ count: Int) throws -> any Buffer
  /// Copies `region.count` values, row after row, to the device.
  func upload(_ values: UnsafeBufferPointer<Float>, to region: Region) throws
  /// Copies `indices.count` values to the device.
  func upload(_ values: UnsafeBufferPointer<Int32>, to indices: Indices) throws
  /// Waits, then copies the region, row after row, to the host.
  func download(_ region: Region, into values: UnsafeMutableBufferPointer<Float>) throws
  /// Waits, then copies the indices to the host.
  func download(_ indices: Indices, into values: UnsafeMutableBufferPointer<Int32>) throws
  /// Sets every element.
  func fill(_ region: Region, with value: Float) throws
  /// Waits until everything enqueued is done.
  func synchronize() throws

  // MARK: Operations

  /// `op(a) · op(b)`.
  func matmul(_ operation: Matmul) throws
  /// Prepares products that will run many times with the same `b`: each of what it returns is the `matmul` of that operation,
  /// over what then lies in its other regions. Neighbours of one shape with the same `b` share what is packed of it. Default:
  /// nothing is prepared.
  func prepare(_ operations: [Matmul]) throws -> [() throws -> Void]
  /// Region to region.
  func copy(_ operation: Copy) throws
  /// `[A, B, C] → [B, A, C]`.
  func swapAxes(_ operation: SwapAxes) throws
  /// Clears rows.
  func maskRows(_ operation: MaskRows) throws
  /// Adds a row to every row.
  func addBias(_ operation: AddBias) throws
  /// A function of two matrices.
  func combine(_ operation: Combine) throws
  /// Scales a matrix.
  func scale(_ operation: Scale) throws
  /// Applies an activation.
  func activate(_ operation: Activate) throws
  /// The gradient of an activation.
  func activateBackward(_ operation: ActivateBackward) throws
  /// Drops elements.
  func dropout(_ operation: ApplyDropout) throws
  /// A softmax along each row.
  func softmax(_ operation: Softmax) throws
  /// The gradient of a softmax.
  func softmaxBackward(_ operation: SoftmaxBackward) throws
  /// The scores of additive attention.
  func additiveScores(_ operation: AdditiveScores) throws
  /// The gradients of additive attention's scores.
  func additiveScoresBackward(_ operation: AdditiveScoresBackward) throws
  /// A layer norm.
  func layerNorm(_ operation: ApplyLayerNorm) throws
  /// The gradients of a layer norm.
  func layerNormBackward(_ operation: ApplyLayerNormBackward) throws
  /// A cross-entropy for each row.
  func crossEntropy(_ operation: CrossEntropy) throws
  /// The gradient of a cross-entropy.
  func crossEntropyBackward(_ operation: CrossEntropyBackward) throws
  /// A loss for each row.
  func elementwiseLoss(_ operation: ElementwiseLoss) throws
  /// The gradient of an elementwise loss.
  func elementwiseLossBackward(_ operation: ElementwiseLossBackward) throws
  /// The loss of a CRF for each row.
  func crf(_ operation: ApplyCRF) throws
  /// The gradients of a CRF.
  func crfBackward(_ operation: ApplyCRFBackward) throws
  /// A function of tensors, element by element.
  func map(_ operation: Map) throws
  /// Sums over axes of a function of tensors.
  func fold(_ operation: Fold) throws
  /// Maxima over axes, and where they are.
  func maxima(_ operation: Maxima) throws
  /// The gradient of maxima over axes.
  func maximaBackward(_ operation: MaximaBackward) throws
  /// Cumulative sums.
  func scan(_ operation: Scan) throws
  /// Looks rows up.
  func gather(_ operation: Gather) throws
  /// Adds rows up.
  func scatterAdd(_ operation: ScatterAdd) throws
  /// Turns indices into numbers.
  func encode(_ operation: Encode) throws
  /// A sum.
  func reduce(_ operation: Reduce) throws
  /// Maxima over time.
  func maxOverTime(_ operation: MaxOverTime) throws
  /// The gradient of maxima over time.
  func maxOverTimeBackward(_ operation: MaxOverTimeBackward) throws
  /// Clips by the global norm.
  func clipByNorm(_ operation: ClipByNorm) throws
  /// Clips every element.
  func clipByValue(_ operation: ClipByValue) throws
  /// Looks for values that are not finite.
  func flagNonFinite(_ operation: FlagNonFinite) throws
  /// An optimizer's step.
  func update(_ operation: Update) throws

  // MARK: Cells

  /// The part of a forward step that is not a matrix product.
  func cellStepForward(_ operation: CellStepForward) throws
  /// The part of a backward step that is not a matrix product.
  func cellStepBackward(_ operation: CellStepBackward) throws

  /// The elements of a reserve. Default: the canonical layout `[T, N, S, H]`.
  func reserveCount(_ cell: CellDescriptor, steps: Int, batch: Int) -> Int
  /// Copies a reserve that a forward pass filled to the canonical layout, `[T·N, S·H]`.
  func exportReserve(of sequence: CellSequence, to canonical: Region) throws
  /// Fills a reserve from the canonical layout, as if the forward pass had run here.
  func importReserve(of sequence: CellSequence, from canonical: Region) throws

  /// Runs a cell over a sequence. Default: `stepwiseForward`, a loop over `cellStepForward`.
  func sequenceForward(_ operation: SequenceForward) throws
  /// Prepares forward passes that will run many times with the same parameters: each of what it returns is the
  /// `sequenceForward` of that operation, over what then lies in its regions. Neighbours of one shape with the same parameters
  /// share what is packed of them. Default: nothing is prepared.
  func prepare(_ operations: [SequenceForward]) throws -> [() throws -> Void]
  /// Back-propagates through a sequence. Default: `stepwiseBackward`, a loop over `cellStepBackward`.
  func sequenceBackward(_ operation: SequenceBackward) throws

  /// Scratch memory of the backend's own for the default time loop: at least `count` elements, valid until the next call.
  func scratch(_ count: Int) throws -> any Buffer

  // MARK: Limits

  /// Billions of floating-point operations a second that the device can do now, a multiply-add as two. Takes about
  /// `seconds`. Default: those of a product.
  func measurePeak(seconds: Double) throws -> Double
  /// Billions of bytes a second that the device can read or write in its memory now. Takes about `seconds`. Default: those
  /// of a long copy.
  func measureBandwidth(seconds: Double) throws -> Double
}

extension Backend {
  /// The canonical layout.
  public func reserveCount(_ cell: CellDescriptor, steps: Int, batch: Int) -> Int {
    steps * batch * cell.reserveColumns
  }

  /// The canonical layout: a copy.
  public func exportReserve(of sequence: CellSequence, to canonical: Region) throws {
    try copy(Copy(sequence.canonicalReserve(), into: .set(canonical)))
  }

  /// The canonical layout: a copy.
  public func importReserve(of sequence: CellSequence, from canonical: Region) throws {
    try copy(Copy(canonical, into: .set(sequence.canonicalReserve())))
  }

  /// The products themselves.
  public func prepare(_ operations: [Matmul]) throws -> [() throws -> Void] {
    operations.map { operation in { try self.matmul(operation) } }
  }

  /// Prepares one product.
  public func prepare(_ operation: Matmul) throws -> () throws -> Void { try prepare([operation])[0] }

  /// The default time loop.
  public func sequenceForward(_ operation: SequenceForward) throws { try stepwiseForward(operation) }

  /// The passes themselves.
  public func prepare(_ operations: [SequenceForward]) throws -> [() throws -> Void] {
    operations.map { operation in { try self.sequenceForward(operation) } }
  }

  /// Prepares one forward pass.
  public func prepare(_ operation: SequenceForward) throws -> () throws -> Void { try prepare([operation])[0] }

  /// The default time loop.
  public func sequenceBackward(_ operation: SequenceBackward) throws { try stepwiseBackward(operation) }

  /// A new region of `rows` × `columns`, all 0.
  /// - Throws: `RecurrentError.shapeMismatch` if one is negative, `.outOfMemory`.
  public func allocate(rows: Int = 1, columns: Int) throws -> Region {
    try require(rows >= 0 && columns >= 0, "allocate", "\(rows) × \(columns) elements")
    return try Region(allocate(max(rows.saturatingTimes(columns), 1)), rows: rows, columns: columns)
  }

  /// A new region with these values, row after row.
  public func upload(_ values: [Float], rows: Int = 1, columns: Int) throws -> Region {
    let region = try allocate(rows: rows, columns: columns)
    try upload(values, to: region)
    return region
  }

  /// Copies values, row after row, to the device.
  /// - Throws: `RecurrentError.shapeMismatch` if their number is not the region's.
  public func upload(_ values: [Float], to region: Region) throws {
    try require(values.count == region.count, "upload", "\(values.count) values to \(region.shape)")
    try values.withUnsafeBufferPointer { try upload($0, to: region) }
  }

  /// New indices with these values.
  public func upload(_ values: [Int32]) throws -> Indices {
    let indices = try Indices(allocate(max(values.count, 1)), count: values.count)
    try upload(values, to: indices)
    return indices
  }

  /// Copies values to the device.
  /// - Throws: `RecurrentError.shapeMismatch` if their number is not the indices'.
  public func upload(_ values: [Int32], to indices: Indices) throws {
    try require(values.count == indices.count, "upload", "\(values.count) values to \(indices.count) indices")
    try values.withUnsafeBufferPointer { try upload($0, to: indices) }
  }

  /// Waits, then copies the region, row after row, to the host.
  public func download(_ region: Region) throws -> [Float] {
    try HostMemory.require(
      4 * region.count, for: "a copy of \(region.count.grouped) numbers on the host", remedy: "free memory")
    return try [Float](unsafeUninitializedCapacity: region.count) { values, count in
      try download(region, into: UnsafeMutableBufferPointer(rebasing: values[..<region.count]))
      count = region.count
    }
  }

  /// Waits, then copies the indices to the host.
  public func download(_ indices: Indices) throws -> [Int32] {
    try [Int32](unsafeUninitializedCapacity: indices.count) { values, count in
      try download(indices, into: UnsafeMutableBufferPointer(rebasing: values[..<indices.count]))
      count = indices.count
    }
  }
}
