import Kernels
import RecurrentCore

/// One right operand of a product, and where its result goes.
struct ProductTerm {
  let b: CPUMatrix
  let columns: Int
  let c: CPUResult
}

/// `c (+)= scale · a · b` for one `a` and several terms, cut into blocks of the sum.
///
/// For a block the right operands are packed into panels, and the left one into tiles if it is transposed: `packings` items
/// that can be shared. Then come `products` items, panels × tiles. The shape alone decides how the sum is cut.
struct BlockedProduct {
  /// Some columns of a term; in a row of all results they begin at `place`.
  struct Panel {
    let term: ProductTerm
    let columns: CPUPanel
    let place: Int

    /// Where the panel's result goes; `adds` adds to it in any case.
    func c(adds: Bool) -> CPUResult { term.c.moved(rows: 0, columns: columns.first, adds: adds) }
  }

  /// The length of a block at most: a panel of it, 256 KB with AVX-512, stays in the second-level cache. Each block reads
  /// and writes the result once more.
  private static let longestBlock = 1024
  /// The largest operands of a block, in floats, that a thread packs for itself: they should stay in its cache.
  private static let ownBlock = 400_000

  private let kernels: CPUKernels
  private let a: CPUMatrix
  let rows: Int
  /// The columns of all terms.
  let width: Int
  private let depth: Int
  private let scale: Float
  let panels: [Panel]
  private let tiles: Int
  /// The blocks of the sum; an even number, unless one is enough, for threads that each take some.
  let blocks: Int

  init(_ kernels: CPUKernels, _ a: CPUMatrix, rows: Int, depth: Int, scale: Float, _ terms: [ProductTerm]) {
    var (panels, width) = ([Panel](), 0)
    for term in terms {
      for place in 0..<cpuPanelCount(term.columns, kernels.width) {
        let columns = cpuPanel(term.columns, kernels.width, place)
        panels.append(Panel(term: term, columns: columns, place: width + columns.first))
      }
      width += term.columns
    }
    (self.kernels, self.a, self.rows, self.width, self.panels) = (kernels, a, rows, width, panels)
    (self.depth, self.scale) = (depth, scale)
    tiles = (rows + kernels.tileRows - 1) / kernels.tileRows
    blocks = depth <= Self.longestBlock ? 1 : (depth + 2 * Self.longestBlock - 1) / (2 * Self.longestBlock) * 2
  }

  private var packsTiles: Bool { a.columnStride != 1 }
  private var longest: Int { (depth + blocks - 1) / blocks }
  private var panelWidth: Int { kernels.width * Int(cpuPanelVectors) }

  /// Memory for a block's panels.
  var panelFloats: Int { panels.count * panelWidth * longest }
  /// Memory for a block's tiles.
  var tileFloats: Int { packsTiles ? tiles * kernels.tileRows * longest : 0 }
  /// Memory for a result of every term.
  var resultFloats: Int { rows * width }
  /// Items of `pack`.
  var packings: Int { panels.count + (packsTiles ? tiles : 0) }
  /// Items of `multiply`.
  var products: Int { panels.count * tiles }
  /// Multiply-adds of a block.
  var work: Int { rows * width * longest }
  /// Whether every thread should take blocks of its own: where a result is small beside what it is summed from, and a
  /// block's operands fit a thread's cache.
  var blocksAreApart: Bool {
    packsTiles && blocks > 1 && panelFloats + tileFloats <= Self.ownBlock
      && resultFloats <= 8 * (rows + width) * longest
  }

  private func range(_ block: Int) -> Range<Int> { depth * block / blocks..<depth * (block + 1) / blocks }

  /// Packs some of a block's `packings`.
  func pack(
    _ block: Int, _ items: Range<Int>, _ packed: UnsafeMutablePointer<Float>, _ packedTiles: UnsafeMutablePointer<Float>
  ) {
    let (first, length, tileRows) = (range(block).lowerBound, range(block).count, kernels.tileRows)
    for place in items.clamped(to: 0..<panels.count) {
      let (term, columns) = (panels[place].term, panels[place].columns)
      kernels.pack(
        packed + place * panelWidth * length, term.b.moved(rows: first, columns: columns.first), length,
        columns.columns, columns.vectors, 0)
    }
    guard items.upperBound > panels.count else { return }
    let own = max(items.lowerBound, panels.count) - panels.count..<items.upperBound - panels.count
    kernels.packTiles(
      packedTiles + own.lowerBound * tileRows * length, a.moved(rows: own.lowerBound * tileRows, columns: first),
      min(own.upperBound * tileRows, rows) - own.lowerBound * tileRows, length)
  }

  /// Multiplies some of a block's `products`; `result` says where a panel's go.
  func multiply(
    _ block: Int, _ items: Range<Int>, _ packed: UnsafePointer<Float>, _ packedTiles: UnsafePointer<Float>,
    into result: (Panel) -> CPUResult
  ) {
    let (first, length, tileRows) = (range(block).lowerBound, range(block).count, kernels.tileRows)
    let left =
      packsTiles
      ? CPUMatrix(data: packedTiles, rowStride: 1, columnStride: tileRows) : a.moved(rows: 0, columns: first)
    let tileStride = packsTiles ? tileRows * length : tileRows * a.rowStride
    for place in items.lowerBound / tiles..<(items.upperBound + tiles - 1) / tiles {
      let own = items.clamped(to: place * tiles..<(place + 1) * tiles)
      let (from, to) = ((own.lowerBound - place * tiles) * tileRows, (own.upperBound - place * tiles) * tileRows)
      var operand = left
      operand.data += (own.lowerBound - place * tiles) * tileStride
      let columns = panels[place].columns
      kernels.multiply(
        operand, tileStride, packed + place * panelWidth * length, columns.vectors, min(to, rows) - from, length,
        result(panels[place]).moved(rows: from, columns: 0), columns.columns, scale)
    }
  }
}
