import Kernels
import RecurrentCore

/// The gradients of the parameters and of x if threads own rows of the batch: each thread reads only what it wrote. The
/// batch is divided into blocks of rows, each with its own sums over time, which are added in order at the end; so the
/// number of threads changes no bits.
struct RowGradients {
  /// The number of blocks of the batch.
  let blocks: Int
  /// The number of blocks of time: a product sums over the steps of one while its gates are in the thread's cache.
  let timeBlocks: Int

  /// The number of threads.
  let parts: Int

  private let backend: CPUBackend
  private let operation: SequenceBackward
  private let memory: CellMemory
  // [block][product]
  private let products: [[BlockedProduct]]
  private let input: InputGradient?
  // Of each block: the results of all products, then the sums of the gates.
  private let sums: UnsafeMutablePointer<Float>
  private let places: [Int]
  private let blockFloats: Int
  // Of each thread.
  private let panels: UnsafeMutablePointer<Float>
  private let tiles: UnsafeMutablePointer<Float>
  private let panelFloats: Int
  private let tileFloats: Int

  /// The number of blocks of a batch: 2 per 32 rows, at most 16; even, so that two threads have equal work. Determined
  /// by the shape alone.
  static func blocks(_ batch: Int) -> Int { batch < 16 ? 1 : min(16, max(2, batch / 32 * 2)) }

  init(_ backend: CPUBackend, _ operation: SequenceBackward, _ memory: CellMemory) throws {
    let sequence = operation.sequence
    let (steps, batch, cell) = (sequence.steps, sequence.batch, sequence.cell)
    let blocks = Self.blocks(batch)
    let gradients = try backend.gradientProducts(operation, memory).flatMap { product in
      let (wide, narrow) = backend.byWidth(product.terms, rows: product.rows)
      return (wide.isEmpty ? [] : [(a: product.a, rows: product.rows, terms: wide)])
        + narrow.map { (a: $0.b.transposed, rows: $0.columns, terms: [$0.transposed(product.a, rows: product.rows)]) }
    }
    let widest = gradients.map { $0.rows + $0.terms.reduce(0) { $0 + $1.columns } }.max() ?? 1
    let timeBlocks = BlockedProduct.blocks(
      CPURuns(count: steps, length: (batch + blocks - 1) / blocks, stride: batch), width: widest)
    products = (0..<blocks).map { block in
      let (first, end) = (batch * block / blocks, batch * (block + 1) / blocks)
      return gradients.map { gradient in
        let terms = gradient.terms.map {
          ProductTerm(b: $0.b.moved(rows: first, columns: 0), columns: $0.columns, c: $0.c)
        }
        return BlockedProduct(
          backend.kernels, gradient.a.moved(rows: 0, columns: first), rows: gradient.rows,
          depth: CPURuns(count: steps, length: end - first, stride: batch), blocks: timeBlocks, terms)
      }
    }
    var (places, end) = ([Int](), 0)
    for product in products[0] {
      places.append(end)
      end += product.resultFloats
    }
    blockFloats = end + cell.reserveColumns
    parts = min(backend.pool.count, blocks)
    let all = products.flatMap(\.self)
    sums = try backend.workspace.floats(.partial, blocks * blockFloats)
    (panelFloats, tileFloats) = (all.map(\.panelFloats).max() ?? 0, all.map(\.tileFloats).max() ?? 0)
    panels = try backend.workspace.floats(.panels, parts * panelFloats)
    tiles = try backend.workspace.floats(.tiles, parts * tileFloats)
    input = try InputGradient(backend, operation, memory)
    (self.backend, self.operation, self.memory, self.places) = (backend, operation, memory, places)
    (self.blocks, self.timeBlocks) = (blocks, timeBlocks)
  }

  /// The rows of some blocks.
  func rows(_ own: Range<Int>) -> Range<Int> {
    let batch = operation.sequence.batch
    return batch * own.lowerBound / blocks..<batch * own.upperBound / blocks
  }

  /// The steps of a block of time.
  func steps(_ timeBlock: Int) -> Range<Int> {
    let steps = operation.sequence.steps
    return steps * timeBlock / timeBlocks..<steps * (timeBlock + 1) / timeBlocks
  }

  /// The gradient of x in some rows of a step, after the gradients of its gates.
  func addInput(_ step: Int, _ rows: Range<Int>) { input?(step, rows) }

  /// Sums a block of rows over a block of time; `part` selects the memory for packing.
  func addSteps(_ block: Int, _ timeBlock: Int, isFirst: Bool, part: Int) {
    let (panels, tiles) = (panels + part * panelFloats, tiles + part * tileFloats)
    for (index, product) in products[block].enumerated() {
      product.pack(timeBlock, 0..<product.packings, panels, tiles)
      product.multiply(timeBlock, 0..<product.products, panels, tiles) {
        result(block, index, $0, adds: !isFirst)
      }
    }
    let (rows, steps, reserve) = (rows(block..<block + 1), steps(timeBlock), memory.reserve)
    backend.kernels.sumRows(
      memory.gates(steps.lowerBound) + rows.lowerBound * reserve.stride, reserve.stride,
      CPURuns(count: steps.count, length: rows.count, stride: memory.batch), gateSums(block),
      reserve.columns, 0, 1, isFirst ? 0 : 1)
  }

  /// Adds the sums of the blocks.
  func finish() throws {
    for (index, product) in products[0].enumerated() {
      backend.addUp(product, blocks) { result($0, index, $1) }
    }
    let columns = memory.reserve.columns
    let bias = try Region(backend.workspace.buffer(.bias, columns), columns: columns)
    for block in 0..<blocks {
      backend.kernels.copy(gateSums(block), try Matrix(bias).data, columns, block > 0 ? 1 : 0)
    }
    try backend.biasGradients(operation, sums: bias)
  }

  /// The memory of a block's panel of a product.
  private func result(_ block: Int, _ index: Int, _ panel: BlockedProduct.Panel, adds: Bool = false) -> CPUResult {
    CPUResult(
      data: sums + block * blockFloats + places[index] + panel.place, rowStride: products[block][index].width,
      columnStride: 1, adds: adds ? 1 : 0)
  }

  /// The memory of a block's gate sums.
  private func gateSums(_ block: Int) -> UnsafeMutablePointer<Float> {
    sums + (block + 1) * blockFloats - memory.reserve.columns
  }
}
