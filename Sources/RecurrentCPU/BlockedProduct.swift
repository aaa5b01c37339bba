import Kernels
import RecurrentCore

/// One right operand of a product, with its destination.
struct ProductTerm {
  let b: CPUMatrix
  let columns: Int
  let c: CPUResult

  /// The same product transposed: left and right operands exchanged.
  func transposed(_ a: CPUMatrix, rows: Int) -> ProductTerm {
    ProductTerm(b: a.transposed, columns: rows, c: c.transposed)
  }
}

/// `c (+)= scale · a · b` for one `a` and several terms, divided into blocks of the sum.
///
/// For a block the right operands are packed into panels, and the left one into tiles if it is transposed: `packings` items
/// that can be shared. Then come `products` items, panels × tiles. The shape alone decides how the sum is cut.
struct BlockedProduct {
  /// A range of columns of a term; in a row of all results it starts at `place`.
  struct Panel {
    let term: ProductTerm
    let columns: CPUPanel
    let place: Int

    /// The destination of the panel's result; `adds` forces addition.
    func c(adds: Bool) -> CPUResult { term.c.moved(rows: 0, columns: columns.first, adds: adds) }
  }

  /// The maximum length of a block: a panel of it, 256 KB with AVX-512, stays in the second-level cache. Each further
  /// block reads and writes the result again.
  static let longestBlock = 1024
  /// The maximum size of a block's operands, in floats, that a thread packs for itself: they should stay in its cache.
  private static let ownBlock = 400_000

  private let kernels: CPUKernels
  private let a: CPUMatrix
  let rows: Int
  /// The columns of all terms.
  let width: Int
  private let depth: CPURuns
  private let longest: Int
  private let scale: Float
  let panels: [Panel]
  /// The number of tiles of rows.
  let tiles: Int
  /// The number of blocks of the sum; even, unless it is one, for threads that process blocks separately.
  let blocks: Int

  init(_ kernels: CPUKernels, _ a: CPUMatrix, rows: Int, depth: Int, scale: Float, _ terms: [ProductTerm]) {
    let two = 2 * Self.longestBlock
    let blocks = depth <= Self.longestBlock ? 1 : (depth + two - 1) / two * 2
    self.init(kernels, a, rows: rows, depth: CPURuns(depth), blocks: blocks, scale: scale, terms)
  }

  /// The blocks of a sum over runs, for operands with a total of `width` rows and columns: a block has whole runs, as
  /// many as fit a thread's cache.
  static func blocks(_ depth: CPURuns, width: Int) -> Int {
    let runs = max(1, min(longestBlock, ownBlock / 2 / width) / depth.length)
    return (depth.count + runs - 1) / runs
  }

  init(
    _ kernels: CPUKernels, _ a: CPUMatrix, rows: Int, depth: CPURuns, blocks: Int, scale: Float = 1,
    _ terms: [ProductTerm]
  ) {
    var (panels, width) = ([Panel](), 0)
    for term in terms {
      for place in 0..<cpuPanelCount(term.columns, kernels.width) {
        let columns = cpuPanel(term.columns, kernels.width, place)
        panels.append(Panel(term: term, columns: columns, place: width + columns.first))
      }
      width += term.columns
    }
    (self.kernels, self.a, self.rows, self.width, self.panels) = (kernels, a, rows, width, panels)
    (self.depth, self.blocks, self.scale) = (depth, blocks, scale)
    tiles = (rows + kernels.tileRows - 1) / kernels.tileRows
    longest =
      depth.count == 1 ? (depth.length + blocks - 1) / blocks : (depth.count + blocks - 1) / blocks * depth.length
  }

  /// Whether the left operand is also packed.
  var packsTiles: Bool { a.columnStride != 1 || depth.count > 1 }
  private var panelWidth: Int { kernels.width * Int(cpuPanelVectors) }

  /// The size of a block's panels in floats.
  var panelFloats: Int { panels.count * panelWidth * longest }
  /// The size of a block's tiles in floats.
  var tileFloats: Int { packsTiles ? tiles * kernels.tileRows * longest : 0 }
  /// The size of the results of all terms in floats.
  var resultFloats: Int { rows * width }
  /// The number of items of `pack`.
  var packings: Int { panels.count + (packsTiles ? tiles : 0) }
  /// The number of items of `multiply`.
  var products: Int { panels.count * tiles }
  /// The multiply-adds of a block.
  var work: Int { rows * width * longest }
  /// Whether threads should process blocks separately: if the result is small compared with the operands, and a block's
  /// operands fit a thread's cache.
  var blocksAreApart: Bool {
    packsTiles && blocks > 1 && panelFloats + tileFloats <= Self.ownBlock
      && resultFloats <= 8 * (rows + width) * longest
  }

  /// The first row and the number of rows of a block: a part of a single run, or whole runs.
  private func part(_ block: Int) -> (first: Int, depth: CPURuns) {
    let all = depth.count == 1 ? depth.length : depth.count
    let (first, end) = (all * block / blocks, all * (block + 1) / blocks)
    guard depth.count > 1 else { return (first, CPURuns(end - first)) }
    return (first * depth.stride, CPURuns(count: end - first, length: depth.length, stride: depth.stride))
  }

  /// Packs some of a block's `packings`.
  func pack(
    _ block: Int, _ items: Range<Int>, _ packed: UnsafeMutablePointer<Float>, _ packedTiles: UnsafeMutablePointer<Float>
  ) {
    let ((first, depth), tileRows) = (part(block), kernels.tileRows)
    for place in items.clamped(to: 0..<panels.count) {
      pack(block, panel: place, packed + place * panelWidth * depth.total)
    }
    guard items.upperBound > panels.count else { return }
    let own = max(items.lowerBound, panels.count) - panels.count..<items.upperBound - panels.count
    let (row, end) = (own.lowerBound * tileRows, min(own.upperBound * tileRows, rows))
    kernels.packTiles(packedTiles + row * depth.total, a.moved(rows: row, columns: first), end - row, depth)
  }

  private func pack(_ block: Int, panel: Int, _ packed: UnsafeMutablePointer<Float>) {
    let (first, depth) = part(block)
    let (b, columns) = (panels[panel].term.b, panels[panel].columns)
    kernels.pack(
      packed, b.moved(rows: first, columns: columns.first), depth, columns.columns, columns.vectors, 0)
  }

  /// Packs a panel of a block and multiplies it, if the left operand is not packed.
  func multiplyPanel(_ block: Int, _ panel: Int, _ packed: UnsafeMutablePointer<Float>) {
    pack(block, panel: panel, packed)
    multiply(block, panel: panel, rows: 0..<rows, a.moved(rows: 0, columns: part(block).first), packed) {
      $0.c(adds: block > 0)
    }
  }

  /// Multiplies some of a block's `products`; `result` gives the destination of a panel.
  func multiply(
    _ block: Int, _ items: Range<Int>, _ packed: UnsafePointer<Float>, _ packedTiles: UnsafePointer<Float>,
    into result: (Panel) -> CPUResult
  ) {
    for place in items.lowerBound / tiles..<(items.upperBound + tiles - 1) / tiles {
      let own = items.clamped(to: place * tiles..<(place + 1) * tiles)
      multiply(
        block, panel: place, tiles: own.lowerBound - place * tiles..<own.upperBound - place * tiles, packed,
        packedTiles, into: result)
    }
  }

  /// Multiplies some tiles of rows by all panels of a block.
  func multiply(
    _ block: Int, tiles: Range<Int>, _ packed: UnsafePointer<Float>, _ packedTiles: UnsafePointer<Float>,
    into result: (Panel) -> CPUResult
  ) {
    for place in panels.indices {
      multiply(block, panel: place, tiles: tiles, packed, packedTiles, into: result)
    }
  }

  private func multiply(
    _ block: Int, panel: Int, tiles: Range<Int>, _ packed: UnsafePointer<Float>, _ packedTiles: UnsafePointer<Float>,
    into result: (Panel) -> CPUResult
  ) {
    let ((first, depth), tileRows) = (part(block), kernels.tileRows)
    var left =
      packsTiles
      ? CPUMatrix(data: packedTiles, rowStride: 1, columnStride: tileRows) : a.moved(rows: 0, columns: first)
    left.data += tiles.lowerBound * tileStride(depth.total)
    multiply(
      block, panel: panel, rows: tiles.lowerBound * tileRows..<min(tiles.upperBound * tileRows, rows), left,
      packed + panel * panelWidth * depth.total, into: result)
  }

  /// The distance between tiles of the left operand, in a block of this length.
  private func tileStride(_ length: Int) -> Int { kernels.tileRows * (packsTiles ? length : a.rowStride) }

  /// Multiplies rows of the left operand, starting at `operand`, by a panel.
  private func multiply(
    _ block: Int, panel: Int, rows: Range<Int>, _ operand: CPUMatrix, _ packed: UnsafePointer<Float>,
    into result: (Panel) -> CPUResult
  ) {
    let (length, columns) = (part(block).depth.total, panels[panel].columns)
    kernels.multiply(
      operand, tileStride(length), packed, columns.vectors, rows.count, length,
      result(panels[panel]).moved(rows: rows.lowerBound, columns: 0), columns.columns, scale)
  }
}

/// A product with all blocks of its right operands packed, and a left operand that needs no packing.
struct PackedProduct {
  let product: BlockedProduct
  let panels: UnsafePointer<Float>
}

extension CPURuns {
  /// Contiguous rows.
  init(_ length: Int) { self.init(count: 1, length: length, stride: 0) }

  var total: Int { count * length }
}
