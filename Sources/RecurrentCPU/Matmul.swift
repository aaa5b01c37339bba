import Kernels
import RecurrentCore

/// One right operand of a product, and where its result goes.
struct ProductTerm {
  let b: CPUMatrix
  let columns: Int
  let c: CPUResult
}

/// Some columns of a term.
private struct Panel {
  let term: ProductTerm
  let place: CPUPanel
}

extension CPUBackend {
  /// The length of a sum that is packed at once, at most: a panel of it, 256 KB with AVX-512, stays in the second-level
  /// cache. A longer sum is cut evenly; each part reads and writes the result once more.
  private static let depth = 1024
  /// Multiply-adds below which threads cost more than they save.
  private static let smallProduct = 100_000

  /// Rows for which packing the right operand costs more than it saves, since it is read once; columns that would leave
  /// most of a panel empty.
  static let few = 4

  /// Packed panels and register tiles; see `multiply`.
  public func matmul(_ operation: Matmul) throws {
    let (a, b, c) = (try Matrix(operation.a), try Matrix(operation.b), try Matrix(operation.output.region))
    let batch = operation.batch ?? Matmul.Batch(count: 1, strideA: 0, strideB: 0, strideC: 0)
    for place in 0..<batch.count {
      let term = ProductTerm(
        b: b.operand(transposed: operation.transposesB, at: place * batch.strideB), columns: operation.n,
        c: c.result(at: place * batch.strideC, adds: operation.output.adds))
      try multiply(
        a.operand(transposed: operation.transposesA, at: place * batch.strideA), rows: operation.m, depth: operation.k,
        scale: operation.scale, [term])
    }
  }

  /// `c (+)= scale · a · b` for one `a` and every term.
  ///
  /// For each block of the sum the threads pack the right operands into panels, and the left one into tiles if it is
  /// transposed; then they share tiles × panels. Each element is summed in an order that no thread changes.
  func multiply(_ a: CPUMatrix, rows: Int, depth: Int, scale: Float = 1, _ terms: [ProductTerm]) throws {
    guard rows > 0 else { return }
    guard depth > 0 else { return terms.forEach { clear($0, rows: rows) } }
    if rows <= Self.few, a.columnStride == 1, terms.allSatisfy({ $0.b.rowStride == 1 }) {
      return terms.forEach { dots(a, rows: rows, depth: depth, scale: scale, $0) }
    }
    let isNarrow = { (term: ProductTerm) in term.columns <= Self.few && rows > Self.few }
    for term in terms where isNarrow(term) {
      try multiplyNarrow(a, rows: rows, depth: depth, scale: scale, term)
    }
    let terms = terms.filter { !isNarrow($0) }
    let panels = terms.flatMap(panels)
    guard !panels.isEmpty else { return }
    let tileRows = kernels.tileRows
    let tiles = (rows + tileRows - 1) / tileRows
    let blocks = (depth + Self.depth - 1) / Self.depth
    let block = (depth + blocks - 1) / blocks
    let width = kernels.width * Int(cpuPanelVectors)
    let packsTiles = a.columnStride != 1
    let packed = try workspace.floats(.panels, panels.count * width * block)
    let packedTiles = try workspace.floats(.tiles, packsTiles ? tiles * tileRows * block : 1)
    let columns = terms.reduce(0) { $0 + $1.columns }

    for first in stride(from: 0, to: depth, by: block) {
      let length = min(block, depth - first)
      shared(panels.count + (packsTiles ? tiles : 0), isWorthIt: (rows + columns) * block > Self.grain) { part in
        for place in part.clamped(to: 0..<panels.count) {
          let panel = panels[place]
          kernels.pack(
            packed + place * width * length, panel.term.b.moved(rows: first, columns: panel.place.first),
            length, panel.place.columns, panel.place.vectors, 0)
        }
        guard part.upperBound > panels.count else { return }
        let own = max(part.lowerBound, panels.count) - panels.count..<part.upperBound - panels.count
        kernels.packTiles(
          packedTiles + own.lowerBound * tileRows * length, a.moved(rows: own.lowerBound * tileRows, columns: first),
          min(own.upperBound * tileRows, rows) - own.lowerBound * tileRows, length)
      }
      let left =
        packsTiles
        ? CPUMatrix(data: packedTiles, rowStride: 1, columnStride: tileRows) : a.moved(rows: 0, columns: first)
      let tileStride = packsTiles ? tileRows * length : tileRows * a.rowStride
      shared(panels.count * tiles, isWorthIt: rows * columns * length > Self.smallProduct) { part in
        for place in part.lowerBound / tiles..<(part.upperBound + tiles - 1) / tiles {
          let panel = panels[place]
          let own = part.clamped(to: place * tiles..<(place + 1) * tiles)
          let (from, to) = ((own.lowerBound - place * tiles) * tileRows, (own.upperBound - place * tiles) * tileRows)
          var operand = left
          operand.data += (own.lowerBound - place * tiles) * tileStride
          kernels.multiply(
            operand, tileStride, packed + place * width * length, panel.place.vectors, min(to, rows) - from, length,
            panel.term.c.moved(rows: from, columns: panel.place.first, adds: first > 0), panel.place.columns, scale)
        }
      }
    }
  }

  /// A term of few rows: threads share its columns.
  private func dots(_ a: CPUMatrix, rows: Int, depth: Int, scale: Float, _ term: ProductTerm) {
    shared(term.columns, isWorthIt: rows * term.columns * depth > Self.smallProduct) { part in
      kernels.dots(
        a, rows, term.b.moved(rows: 0, columns: part.lowerBound), part.count, depth,
        term.c.moved(rows: 0, columns: part.lowerBound), scale)
    }
  }

  /// A term of few columns: dot products where rows of `a` are contiguous; else transposed, so that its columns are the
  /// rows of a tile.
  private func multiplyNarrow(_ a: CPUMatrix, rows: Int, depth: Int, scale: Float, _ term: ProductTerm) throws {
    guard a.columnStride == 1 else {
      let transposed = ProductTerm(b: a.transposed, columns: rows, c: term.c.transposed)
      return try multiply(term.b.transposed, rows: term.columns, depth: depth, scale: scale, [transposed])
    }
    let columns = try workspace.floats(.panels, term.columns * depth)
    for column in 0..<term.columns {
      let source = term.b.moved(rows: 0, columns: column)
      for k in 0..<depth { columns[column * depth + k] = source.data[k * source.rowStride] }
    }
    let b = CPUMatrix(data: columns, rowStride: 1, columnStride: depth)
    shared(rows, isWorthIt: rows * depth > Self.grain) { part in
      kernels.dots(
        a.moved(rows: part.lowerBound, columns: 0), part.count, b, term.columns, depth,
        term.c.moved(rows: part.lowerBound, columns: 0), scale)
    }
  }

  private func panels(_ term: ProductTerm) -> [Panel] {
    (0..<cpuPanelCount(term.columns, kernels.width)).map {
      Panel(term: term, place: cpuPanel(term.columns, kernels.width, $0))
    }
  }

  /// `pool.split`, on this thread alone where the work is small.
  func shared(_ items: Int, isWorthIt: Bool, _ body: (Range<Int>) -> Void) {
    pool.split(items, grain: isWorthIt ? 1 : items, body)
  }

  private func clear(_ term: ProductTerm, rows: Int) {
    guard term.c.adds == 0 else { return }
    for row in 0..<rows {
      for column in 0..<term.columns { term.c.moved(rows: row, columns: column).data.pointee = 0 }
    }
  }
}

extension Matrix {
  /// As an operand of a product, transposed or not, `offset` elements on.
  func operand(transposed: Bool = false, at offset: Int = 0) -> CPUMatrix {
    CPUMatrix(data: data + offset, rowStride: transposed ? 1 : stride, columnStride: transposed ? stride : 1)
  }

  /// As the result of a product, `offset` elements on.
  func result(at offset: Int = 0, adds: Bool) -> CPUResult {
    CPUResult(data: data + offset, rowStride: stride, columnStride: 1, adds: adds ? 1 : 0)
  }
}

extension CPUMatrix {
  /// The part that starts at a row and a column.
  func moved(rows: Int, columns: Int) -> CPUMatrix {
    CPUMatrix(
      data: data + rows * rowStride + columns * columnStride, rowStride: rowStride, columnStride: columnStride)
  }

  var transposed: CPUMatrix { CPUMatrix(data: data, rowStride: columnStride, columnStride: rowStride) }
}

extension CPUResult {
  /// The part that starts at a row and a column; `adds` adds to it in any case.
  func moved(rows: Int, columns: Int, adds: Bool = false) -> CPUResult {
    CPUResult(
      data: data + rows * rowStride + columns * columnStride, rowStride: rowStride, columnStride: columnStride,
      adds: adds ? 1 : self.adds)
  }

  var transposed: CPUResult {
    CPUResult(data: data, rowStride: columnStride, columnStride: rowStride, adds: adds)
  }
}
