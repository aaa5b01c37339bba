/// A device that executes tensor operations, with its memory.
///
/// Calls enqueue work in order and return; only `download` and `synchronize` wait, and may report the error of an
/// earlier call. `upload` has copied the host's data when it returns. Operations checked their operands when they were
/// made, so a backend need not. No result of a training step passes through the host.
///
/// The summation order is fixed: on one device with one `DeviceDescription.variant`, the same inputs give the same bits
/// in every run.
///
/// A backend and its buffers may be used by one thread at a time.
///
/// Every call throws the errors of the device: `RecurrentError.outOfMemory`, `.device` or an `OpenCLError`. None throws
/// because of its operands.
public protocol Backend: AnyObject {
  /// The properties of the device.
  var device: DeviceDescription { get }

  // MARK: Memory

  /// Allocates `count` elements of four bytes, all 0.
  func allocate(_ count: Int) throws -> any Buffer
  /// Copies `region.count` values, row-major, to the device.
  func upload(_ values: UnsafeBufferPointer<Float>, to region: Region) throws
  /// Copies `indices.count` values to the device.
  func upload(_ values: UnsafeBufferPointer<Int32>, to indices: Indices) throws
  /// Waits for the device, then copies the region, row-major, to the host.
  func download(_ region: Region, into values: UnsafeMutableBufferPointer<Float>) throws
  /// Waits for the device, then copies the indices to the host.
  func download(_ indices: Indices, into values: UnsafeMutableBufferPointer<Int32>) throws
  /// Sets every element to a value.
  func fill(_ region: Region, with value: Float) throws
  /// Waits until all enqueued work is done.
  func synchronize() throws
  /// Lets operations keep packed copies of right operands that lie in a buffer, as long as the returned object exists: its
  /// content does not change meanwhile. Nil if nothing is kept. Default: nil.
  func hold(_ buffer: any Buffer) -> AnyObject?

  // MARK: Operations

  /// `op(a) · op(b)`.
  func matmul(_ operation: Matmul) throws
  /// Prepares products that will run many times with the same `b`. Each closure runs `matmul` of its operation with the
  /// current content of the other regions. Adjacent operations of one shape with the same `b` share its packed form.
  /// Default: no preparation.
  func prepare(_ operations: [Matmul]) throws -> [() throws -> Void]
  /// Copies a region to a region.
  func copy(_ operation: Copy) throws
  /// `[A, B, C] → [B, A, C]`.
  func swapAxes(_ operation: SwapAxes) throws
  /// Sets rows to 0.
  func maskRows(_ operation: MaskRows) throws
  /// Adds a row to every row.
  func addBias(_ operation: AddBias) throws
  /// A binary function of two matrices.
  func combine(_ operation: Combine) throws
  /// Scales a matrix.
  func scale(_ operation: Scale) throws
  /// Applies an activation.
  func activate(_ operation: Activate) throws
  /// The gradient of an activation.
  func activateBackward(_ operation: ActivateBackward) throws
  /// Dropout.
  func dropout(_ operation: ApplyDropout) throws
  /// A softmax along each row.
  func softmax(_ operation: Softmax) throws
  /// The gradient of a softmax.
  func softmaxBackward(_ operation: SoftmaxBackward) throws
  /// The scores of additive attention.
  func additiveScores(_ operation: AdditiveScores) throws
  /// The gradients of additive attention's scores.
  func additiveScoresBackward(_ operation: AdditiveScoresBackward) throws
  /// Layer normalization.
  func layerNorm(_ operation: ApplyLayerNorm) throws
  /// The gradients of layer normalization.
  func layerNormBackward(_ operation: ApplyLayerNormBackward) throws
  /// A cross-entropy for each row.
  func crossEntropy(_ operation: CrossEntropy) throws
  /// The gradient of the cross-entropy.
  func crossEntropyBackward(_ operation: CrossEntropyBackward) throws
  /// An elementwise loss, summed over each row.
  func elementwiseLoss(_ operation: ElementwiseLoss) throws
  /// The gradient of an elementwise loss.
  func elementwiseLossBackward(_ operation: ElementwiseLossBackward) throws
  /// The negative log-likelihood of a CRF for each row.
  func crf(_ operation: ApplyCRF) throws
  /// The gradients of the negative log-likelihood of a CRF.
  func crfBackward(_ operation: ApplyCRFBackward) throws
  /// An elementwise function of tensors.
  func map(_ operation: Map) throws
  /// The sum of an elementwise function over axes.
  func fold(_ operation: Fold) throws
  /// Maxima over axes and their indices.
  func maxima(_ operation: Maxima) throws
  /// The gradient of maxima over axes.
  func maximaBackward(_ operation: MaximaBackward) throws
  /// Cumulative sums.
  func scan(_ operation: Scan) throws
  /// Gathers rows of a table.
  func gather(_ operation: Gather) throws
  /// Adds gradients to rows of a table.
  func scatterAdd(_ operation: ScatterAdd) throws
  /// Converts indices to float32.
  func encode(_ operation: Encode) throws
  /// A sum over rows, columns or all elements.
  func reduce(_ operation: Reduce) throws
  /// Maxima over time.
  func maxOverTime(_ operation: MaxOverTime) throws
  /// The gradient of maxima over time.
  func maxOverTimeBackward(_ operation: MaxOverTimeBackward) throws
  /// Clips gradients by their global norm.
  func clipByNorm(_ operation: ClipByNorm) throws
  /// Clips every element by value.
  func clipByValue(_ operation: ClipByValue) throws
  /// Checks for values that are not finite.
  func flagNonFinite(_ operation: FlagNonFinite) throws
  /// An optimizer step.
  func update(_ operation: Update) throws

  // MARK: Cells

  /// A step's elementwise part, forward.
  func cellStepForward(_ operation: CellStepForward) throws
  /// A step's elementwise part, backward.
  func cellStepBackward(_ operation: CellStepBackward) throws

  /// The number of elements of a reserve. Default: that of the canonical layout `[T, N, S, H]`.
  func reserveCount(_ cell: CellDescriptor, steps: Int, batch: Int) -> Int
  /// Copies a reserve filled by a forward pass to the canonical layout, `[T·N, S·H]`.
  func exportReserve(of sequence: CellSequence, to canonical: Region) throws
  /// Fills a reserve from the canonical layout, as if the forward pass had run on this backend.
  func importReserve(of sequence: CellSequence, from canonical: Region) throws

  /// Runs a cell over a sequence. Default: `stepwiseForward`, a loop over `cellStepForward`.
  func sequenceForward(_ operation: SequenceForward) throws
  /// Prepares forward passes that will run many times with the same parameters. Each closure runs `sequenceForward` of its
  /// operation with the current content of the other regions. Adjacent operations of one shape with the same parameters
  /// share their packed form. Default: no preparation.
  func prepare(_ operations: [SequenceForward]) throws -> [() throws -> Void]
  /// Backpropagates through a sequence. Default: `stepwiseBackward`, a loop over `cellStepBackward`.
  func sequenceBackward(_ operation: SequenceBackward) throws

  /// Scratch memory for the default time loop: at least `count` elements, valid until the next call.
  func scratch(_ count: Int) throws -> any Buffer

  // MARK: Limits

  /// Peak billions of floating-point operations per second, measured now; a multiply-add counts as two. Takes about
  /// `seconds`. Default: the rate of a matrix product.
  func measurePeak(seconds: Double) throws -> Double
  /// Peak billions of bytes per second read from or written to device memory, measured now. Takes about `seconds`.
  /// Default: the rate of a long copy.
  func measureBandwidth(seconds: Double) throws -> Double
}

extension Backend {
  /// The element count of the canonical layout.
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

  /// Nothing is kept.
  public func hold(_ buffer: any Buffer) -> AnyObject? { nil }

  /// The products themselves.
  public func prepare(_ operations: [Matmul]) throws -> [() throws -> Void] {
    operations.map { operation in { try self.matmul(operation) } }
  }

  /// Prepares one product.
  package func prepare(_ operation: Matmul) throws -> () throws -> Void { try prepare([operation])[0] }

  /// The default time loop.
  public func sequenceForward(_ operation: SequenceForward) throws { try stepwiseForward(operation) }

  /// The passes themselves.
  public func prepare(_ operations: [SequenceForward]) throws -> [() throws -> Void] {
    operations.map { operation in { try self.sequenceForward(operation) } }
  }

  /// Prepares one forward pass.
  package func prepare(_ operation: SequenceForward) throws -> () throws -> Void { try prepare([operation])[0] }

  /// The default time loop.
  public func sequenceBackward(_ operation: SequenceBackward) throws { try stepwiseBackward(operation) }

  /// Allocates a region of `rows` × `columns`, all 0.
  /// - Throws: `RecurrentError.shapeMismatch` if one is negative; `.outOfMemory`.
  public func allocate(rows: Int = 1, columns: Int) throws -> Region {
    try require(rows >= 0 && columns >= 0, "allocate", "\(rows) × \(columns), which must be at least 0")
    return try Region(allocate(max(rows.saturatingTimes(columns), 1)), rows: rows, columns: columns)
  }

  /// Allocates a region with these values, row-major.
  public func upload(_ values: [Float], rows: Int = 1, columns: Int) throws -> Region {
    let region = try allocate(rows: rows, columns: columns)
    try upload(values, to: region)
    return region
  }

  /// Copies values, row-major, to the device.
  /// - Throws: `RecurrentError.shapeMismatch` if their number differs from the region's.
  public func upload(_ values: [Float], to region: Region) throws {
    try require(values.count == region.count, "upload", "\(values.count) values to \(region.shape)")
    try values.withUnsafeBufferPointer { try upload($0, to: region) }
  }

  /// Allocates indices with these values.
  public func upload(_ values: [Int32]) throws -> Indices {
    let indices = try Indices(allocate(max(values.count, 1)), count: values.count)
    try upload(values, to: indices)
    return indices
  }

  /// Copies values to the device.
  /// - Throws: `RecurrentError.shapeMismatch` if their number differs from the indices'.
  public func upload(_ values: [Int32], to indices: Indices) throws {
    try require(values.count == indices.count, "upload", "\(values.count) values to \(indices.count) indices")
    try values.withUnsafeBufferPointer { try upload($0, to: indices) }
  }

  /// Waits for the device, then returns the values of the region, row-major.
  public func download(_ region: Region) throws -> [Float] {
    try HostMemory.require(
      4 * region.count, for: "a copy of \(region.count.grouped) values on the host", remedy: "free memory")
    return try [Float](unsafeUninitializedCapacity: region.count) { values, count in
      try download(region, into: UnsafeMutableBufferPointer(rebasing: values[..<region.count]))
      count = region.count
    }
  }

  /// Waits for the device, then returns the indices.
  public func download(_ indices: Indices) throws -> [Int32] {
    try [Int32](unsafeUninitializedCapacity: indices.count) { values, count in
      try download(indices, into: UnsafeMutableBufferPointer(rebasing: values[..<indices.count]))
      count = indices.count
    }
  }
}
