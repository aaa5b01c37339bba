import Kernels
import RecurrentCore

extension CPUBackend {
  /// The number of multiply-adds below which threads cost more than they save: some 3 µs of one thread, or 12 if cores
  /// share no cache.
  private var smallProduct: Int { pool.isFarApart ? 400_000 : 100_000 }

  /// The number of rows up to which packing the right operand costs more than it saves, since it is read once.
  static let fewRows = 4
  /// The number of columns that would leave most of a panel empty.
  static let fewColumns = 4

  /// Packed panels and register tiles; see `multiply`.
  package func matmul(_ operation: Matmul) throws {
    if let held = heldBuffer(operation.b.buffer), let product = try packable(operation) {
      let panels = try held.panels(of: HeldBuffer.Operand(operation.b, isTransposed: operation.transposesB)) {
        try pack(product, .panels, of: $0).panels
      }
      return multiply(PackedProduct(product: product, panels: panels))
    }
    let batch = operation.batch ?? Self.noBatch
    for place in 0..<batch.count {
      let (a, term) = try operands(of: operation, batch, place)
      try multiply(a, rows: operation.m, depth: operation.k, scale: operation.scale, [term])
    }
  }

  /// Packs the right operand now, if such a product packs nothing else.
  package func prepare(_ operations: [Matmul]) throws -> [() throws -> Void] {
    var last: (operation: Matmul, packed: PackedProduct, workspace: Workspace)?
    return try operations.map { operation in
      guard let product = try packable(operation) else { return { [self] in try matmul(operation) } }
      let workspace: Workspace
      let packed: PackedProduct
      if let last, operation.sharesRight(with: last.operation) {
        (workspace, packed) = (last.workspace, PackedProduct(product: product, panels: last.packed.panels))
      } else {
        workspace = Workspace()
        packed = try pack(product, .panels, of: workspace)
      }
      last = (operation, packed, workspace)
      return { [self] in withExtendedLifetime((operation, workspace)) { multiply(packed) } }
    }
  }

  private static var noBatch: Matmul.Batch { Matmul.Batch(count: 1, strideA: 0, strideB: 0, strideC: 0) }

  /// A product whose right operand can be packed once; nil if it is not packed alone.
  private func packable(_ operation: Matmul) throws -> BlockedProduct? {
    guard operation.batch == nil, operation.m > Self.fewRows, operation.n > Self.fewColumns, operation.k > 0 else {
      return nil
    }
    let (a, term) = try operands(of: operation, Self.noBatch, 0)
    let product = BlockedProduct(kernels, a, rows: operation.m, depth: operation.k, scale: operation.scale, [term])
    return product.packsTiles ? nil : product
  }

  /// The left operand of a batch's product, and its term.
  private func operands(
    of operation: Matmul, _ batch: Matmul.Batch, _ place: Int
  ) throws -> (a: CPUMatrix, term: ProductTerm) {
    let (a, b, c) = (try Matrix(operation.a), try Matrix(operation.b), try Matrix(operation.output.region))
    let term = ProductTerm(
      b: b.operand(transposed: operation.transposesB, at: place * batch.strideB), columns: operation.n,
      c: c.result(at: place * batch.strideC, adds: operation.output.adds))
    return (a.operand(transposed: operation.transposesA, at: place * batch.strideA), term)
  }

  /// `c (+)= scale · a · b` for one `a` and every term. The order of each sum does not depend on the threads.
  func multiply(_ a: CPUMatrix, rows: Int, depth: Int, scale: Float = 1, _ terms: [ProductTerm]) throws {
    guard rows > 0 else { return }
    guard depth > 0 else { return terms.forEach { clear($0, rows: rows) } }
    if rows <= Self.fewRows, a.columnStride == 1, terms.allSatisfy({ $0.b.rowStride == 1 }) {
      return terms.forEach { dots(a, rows: rows, depth: depth, scale: scale, $0) }
    }
    let (wide, narrow) = byWidth(terms, rows: rows)
    for term in narrow { try multiplyNarrow(a, rows: rows, depth: depth, scale: scale, term) }
    if !wide.isEmpty {
      try multiply(BlockedProduct(kernels, a, rows: rows, depth: depth, scale: scale, wide))
    }
  }

  /// Terms for panels, and those that would leave most of a panel empty although rows would not.
  func byWidth(_ terms: [ProductTerm], rows: Int) -> (wide: [ProductTerm], narrow: [ProductTerm]) {
    let isNarrow = { (term: ProductTerm) in term.columns <= Self.fewColumns && rows > Self.fewColumns }
    return (terms.filter { !isNarrow($0) }, terms.filter(isNarrow))
  }

  /// Threads share the packing of a block and then its tiles; or each processes separate panels, or blocks.
  private func multiply(_ product: BlockedProduct) throws {
    if !product.packsTiles && product.panels.count >= 4 * pool.count { return try multiplyPanels(product) }
    if pool.count > 1 && product.blocksAreApart { return try multiplyApart(product) }
    let panels = try workspace.floats(.panels, product.panelFloats)
    let tiles = try workspace.floats(.tiles, product.tileFloats)
    for block in 0..<product.blocks {
      shared(product.packings, isWorthIt: product.panelFloats + product.tileFloats > grain) {
        product.pack(block, $0, panels, tiles)
      }
      multiply(product, block, panels, tiles)
    }
  }

  /// The maximum size of the panels of a block, in floats, that each thread reads whole: half of its second-level cache.
  private static let sharedPanels = 131_072

  /// Threads share the rows of a packed block, as they share those of other operations; or its tiles, if the rows are few or the
  /// panels large.
  private func multiply(
    _ product: BlockedProduct, _ block: Int, _ panels: UnsafePointer<Float>, _ tiles: UnsafePointer<Float>
  ) {
    let (isWorthIt, c) = (product.work > smallProduct, { (panel: BlockedProduct.Panel) in panel.c(adds: block > 0) })
    if product.tiles >= 4 * pool.count && product.panelFloats <= Self.sharedPanels {
      shared(product.tiles, isWorthIt: isWorthIt) { product.multiply(block, tiles: $0, panels, tiles, into: c) }
    } else {
      shared(product.products, isWorthIt: isWorthIt) { product.multiply(block, $0, panels, tiles, into: c) }
    }
  }

  /// Packs the right operands of a repeated product once.
  func pack(_ product: BlockedProduct, _ use: Workspace.Use, of workspace: Workspace) throws -> PackedProduct {
    let panels = try workspace.floats(use, product.blocks * product.panelFloats)
    for block in 0..<product.blocks {
      product.pack(block, 0..<product.panels.count, panels + block * product.panelFloats, panels)
    }
    return PackedProduct(product: product, panels: UnsafePointer(panels))
  }

  /// Multiplies with operands that were packed once; there are no tiles.
  func multiply(_ packed: PackedProduct) {
    for block in 0..<packed.product.blocks {
      let panels = packed.panels + block * packed.product.panelFloats
      multiply(packed.product, block, panels, panels)
    }
  }

  /// A product of many panels, each of which stays in the cache of the thread that packs it.
  private func multiplyPanels(_ product: BlockedProduct) throws {
    let parts = min(2 * pool.count, product.panels.count)
    let size = product.panelFloats / product.panels.count
    let packed = try workspace.floats(.panels, parts * size)
    shared(parts, isWorthIt: product.work > smallProduct) { own in
      for part in own {
        let memory = packed + part * size
        for panel in product.panels.count * part / parts..<product.panels.count * (part + 1) / parts {
          for block in 0..<product.blocks { product.multiplyPanel(block, panel, memory) }
        }
      }
    }
  }

  /// A small product with a long sum: the threads synchronize once, and then add the results of the blocks in order.
  private func multiplyApart(_ product: BlockedProduct) throws {
    let parts = min(pool.count, product.blocks)
    let panels = try workspace.floats(.panels, parts * product.panelFloats)
    let tiles = try workspace.floats(.tiles, parts * product.tileFloats)
    let results = try workspace.floats(.partial, product.blocks * product.resultFloats)
    let result = { (block: Int, panel: BlockedProduct.Panel) in
      CPUResult(
        data: results + block * product.resultFloats + panel.place, rowStride: product.width, columnStride: 1, adds: 0)
    }
    pool.split(parts, partsPerThread: 1) { own in
      for part in own {
        let (panels, tiles) = (panels + part * product.panelFloats, tiles + part * product.tileFloats)
        for block in product.blocks * part / parts..<product.blocks * (part + 1) / parts {
          product.pack(block, 0..<product.packings, panels, tiles)
          product.multiply(block, 0..<product.products, panels, tiles) { result(block, $0) }
        }
      }
    }
    addUp(product, product.blocks, result)
  }

  /// Adds the results of a product in order; `result` gives a panel of one of them.
  func addUp(_ product: BlockedProduct, _ count: Int, _ result: (Int, BlockedProduct.Panel) -> CPUResult) {
    pool.split(product.rows, grain: max(1, grain / max(product.width * count, 1))) { rows in
      for panel in product.panels {
        for row in rows {
          for place in 0..<count {
            add(
              result(place, panel).moved(rows: row, columns: 0).data, panel.columns.columns,
              to: panel.c(adds: place > 0).moved(rows: row, columns: 0))
          }
        }
      }
    }
  }

  /// Adds a row of a result.
  private func add(_ sums: UnsafePointer<Float>, _ count: Int, to c: CPUResult) {
    guard c.columnStride != 1 else { return kernels.copy(sums, c.data, count, c.adds) }
    for place in 0..<count {
      let element = c.data + place * c.columnStride
      element.pointee = c.adds == 0 ? sums[place] : element.pointee + sums[place]
    }
  }

  /// A term of few rows: threads share its columns.
  private func dots(_ a: CPUMatrix, rows: Int, depth: Int, scale: Float, _ term: ProductTerm) {
    shared(term.columns, isWorthIt: rows * term.columns * depth > smallProduct) { part in
      kernels.dots(
        a, rows, term.b.moved(rows: 0, columns: part.lowerBound), part.count, depth,
        term.c.moved(rows: 0, columns: part.lowerBound), scale)
    }
  }

  /// A term of few columns: dot products where rows of `a` are contiguous; else transposed, so that its columns are the
  /// rows of a tile.
  private func multiplyNarrow(_ a: CPUMatrix, rows: Int, depth: Int, scale: Float, _ term: ProductTerm) throws {
    guard a.columnStride == 1 else {
      return try multiply(
        term.b.transposed, rows: term.columns, depth: depth, scale: scale, [term.transposed(a, rows: rows)])
    }
    let columns = try packColumns(.panels, term.b, depth: depth, columns: term.columns)
    let b = CPUMatrix(data: columns, rowStride: 1, columnStride: depth)
    shared(rows, isWorthIt: rows * depth > grain) { part in
      kernels.dots(
        a.moved(rows: part.lowerBound, columns: 0), part.count, b, term.columns, depth,
        term.c.moved(rows: part.lowerBound, columns: 0), scale)
    }
  }

  /// Copies a few columns of a right operand, each contiguous.
  func packColumns(_ use: Workspace.Use, _ b: CPUMatrix, depth: Int, columns: Int) throws -> UnsafePointer<Float> {
    let packed = try workspace.floats(use, columns * depth)
    for column in 0..<columns {
      let source = b.moved(rows: 0, columns: column)
      for k in 0..<depth { packed[column * depth + k] = source.data[k * source.rowStride] }
    }
    return UnsafePointer(packed)
  }

  /// `pool.split`, on this thread alone if the work is small.
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
  /// The matrix as an operand of a product, transposed or not, from `offset` on.
  func operand(transposed: Bool = false, at offset: Int = 0) -> CPUMatrix {
    CPUMatrix(data: data + offset, rowStride: transposed ? 1 : stride, columnStride: transposed ? stride : 1)
  }

  /// The matrix as the result of a product, from `offset` on.
  func result(at offset: Int = 0, adds: Bool) -> CPUResult {
    CPUResult(data: data + offset, rowStride: stride, columnStride: 1, adds: adds ? 1 : 0)
  }
}

extension CPUMatrix {
  /// The part from a row and a column on.
  func moved(rows: Int, columns: Int) -> CPUMatrix {
    CPUMatrix(
      data: data + rows * rowStride + columns * columnStride, rowStride: rowStride, columnStride: columnStride)
  }

  var transposed: CPUMatrix { CPUMatrix(data: data, rowStride: columnStride, columnStride: rowStride) }
}

extension CPUResult {
  /// The part from a row and a column on; `adds` forces addition.
  func moved(rows: Int, columns: Int, adds: Bool = false) -> CPUResult {
    CPUResult(
      data: data + rows * rowStride + columns * columnStride, rowStride: rowStride, columnStride: columnStride,
      adds: adds ? 1 : self.adds)
  }

  var transposed: CPUResult {
    CPUResult(data: data, rowStride: columnStride, columnStride: rowStride, adds: adds)
  }
}
