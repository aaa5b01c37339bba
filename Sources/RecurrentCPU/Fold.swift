import Kernels
import RecurrentCore

extension CPUBackend {
  /// The number of terms per partial sum along an axis. Partial sums are added in order, so the number of threads
  /// changes no bits.
  private static let chunk = 4_096
  /// The number of adjacent sums computed together, and of terms per partial sum.
  private static let (strip, block) = (4_096, 64)

  /// Sums of a function of tensors over axes.
  package func fold(_ operation: Fold) throws {
    guard operation.kept.count > 0 else { return }
    try operation.isAlong ? foldAlong(operation) : foldAcross(operation)
  }

  /// Divides the terms of each sum into chunks.
  private func foldAlong(_ operation: Fold) throws {
    let (kept, folded, output) = (operation.kept, operation.folded, operation.operands.count)
    let (calls, out) = (try MapCalls(operation.function, operation.operands), try operation.output.data())
    let chunks = folded.count.parts(of: Self.chunk)
    let partial = try workspace.floats(.partial, kept.count * chunks)
    let terms = min(folded.count, Self.chunk)
    pool.split(kept.count * chunks, grain: max(1, grain / max(terms, 1))) { units in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: max(terms, 1)) { values in
        guard let values = values.baseAddress else { return }
        for unit in units {
          let (index, first) = (unit / chunks, unit % chunks * Self.chunk)
          let range = first..<min(first + Self.chunk, folded.count)
          partial[unit] = sum(calls, kept, index, folded, range, in: values)
        }
      }
    }
    let scale = Double(operation.scale)
    for index in 0..<kept.count {
      let parts = UnsafeBufferPointer(start: partial + index * chunks, count: chunks)
      let sum = Float(scale * parts.reduce(0) { $0 + Double($1) })
      let place = out + kept.place(index, of: output)
      place.pointee = operation.adds ? place.pointee + sum : sum
    }
  }

  /// The sum of some terms, gathered into memory unless they are contiguous.
  private func sum(
    _ calls: MapCalls, _ kept: AxisLoop, _ index: Int, _ folded: AxisLoop, _ range: Range<Int>,
    in values: UnsafeMutablePointer<Float>
  ) -> Float {
    if range.isEmpty { return 0 }
    if folded.lengths.count == 1,
      let run = calls.run(
        kept.place(index, of: 0) + folded.place(range.lowerBound, of: 0), stride: folded.innerStride(of: 0))
    {
      return kernels.sum(run, range.count, 0)
    }
    folded.eachRun(range) { term, rows, columns in
      let result = CPUResult(data: values + (term - range.lowerBound), rowStride: columns, columnStride: 1, adds: 0)
      var call = calls.call(rows, columns, into: result) {
        (
          kept.place(index, of: $0) + folded.place(term, of: $0), folded.outerStride(of: $0), folded.innerStride(of: $0)
        )
      }
      kernels.map(&call)
    }
    return kernels.sum(values, range.count, 0)
  }

  /// Strips of adjacent sums, each over chunks of terms.
  private func foldAcross(_ operation: Fold) throws {
    let (kept, folded, output) = (operation.kept, operation.folded, operation.operands.count)
    let (calls, out) = (try MapCalls(operation.function, operation.operands), try operation.output.data())
    let strips = kept.columns.parts(of: Self.strip)
    let length = max(1, 32_768 / max(kept.columns, 1)).parts(of: Self.block) * Self.block
    let chunks = folded.count.parts(of: length)
    let partial = try workspace.floats(.partial, kept.count * chunks)
    let place = { (unit: Int) in
      let (row, columns) = (unit / strips, unit % strips * Self.strip)
      return (row, columns, min(Self.strip, kept.columns - columns))
    }
    pool.split(
      kept.rows * chunks * strips,
      grain: max(1, grain / max(min(kept.columns, Self.strip) * min(folded.count, length), 1))
    ) { units in
      for unit in units {
        let (piece, first, columns) = place(unit)
        let range = piece % chunks * length..<min((piece % chunks + 1) * length, folded.count)
        sums(
          calls, kept, piece / chunks * kept.columns + first, columns, folded, range,
          into: partial + piece * kept.columns + first)
      }
    }
    pool.split(kept.rows * strips, grain: max(1, grain / max(min(kept.columns, Self.strip) * chunks, 1))) { units in
      for unit in units {
        let (row, first, columns) = place(unit)
        let sums = partial + row * chunks * kept.columns + first
        for chunk in stride(from: 1, to: chunks, by: 1) {
          kernels.copy(sums + chunk * kept.columns, sums, columns, 1)
        }
        let result = CPUResult(
          data: out + kept.place(row * kept.columns + first, of: output), rowStride: 0,
          columnStride: kept.innerStride(of: output), adds: operation.adds ? 1 : 0)
        var call = CPUMap(
          function: MapFunction.multiply.rawValue, rows: 1, columns: columns,
          operands: (
            CPUOperand(data: sums, number: 0, row: 0, column: 1),
            CPUOperand(data: nil, number: operation.scale, row: 0, column: 0), CPUOperand()
          ), out: result)
        kernels.map(&call)
      }
    }
  }

  /// Adjacent sums of blocks of terms: errors grow with the root of both counts, not of their product.
  private func sums(
    _ calls: MapCalls, _ kept: AxisLoop, _ index: Int, _ columns: Int, _ folded: AxisLoop, _ range: Range<Int>,
    into sums: UnsafeMutablePointer<Float>
  ) {
    sums.update(repeating: 0, count: columns)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: columns) { memory in
      guard let block = memory.baseAddress else { return }
      for first in stride(from: range.lowerBound, to: range.upperBound, by: Self.block) {
        block.update(repeating: 0, count: columns)
        folded.eachRow(first..<min(first + Self.block, range.upperBound)) { term, rows in
          let result = CPUResult(data: block, rowStride: 0, columnStride: 1, adds: 1)
          var call = calls.call(rows, columns, into: result) {
            (
              kept.place(index, of: $0) + folded.place(term, of: $0), folded.innerStride(of: $0),
              kept.innerStride(of: $0)
            )
          }
          kernels.map(&call)
        }
        kernels.copy(block, sums, columns, 1)
      }
    }
  }

  /// Maxima over axes, with their indices.
  package func maxima(_ operation: Maxima) throws {
    let (kept, folded) = (operation.kept, operation.folded)
    let (x, out, winners) = (
      try operation.x.data(), try operation.output?.data(), try Integers(operation.winners).data
    )
    if folded.lengths.count == 1 && kept.columns > 1 && kept.strides.allSatisfy({ $0[kept.lengths.count - 1] == 1 }) {
      return maximaAcross(operation, x, out, winners)
    }
    pool.split(kept.count, grain: max(1, grain / folded.count)) { part in
      for index in part {
        var (largest, winner): (Float, Int32) = (0, -1)
        folded.eachRow(0..<folded.count) { first, count in
          kernels.largestOf(
            x + kept.place(index, of: 0) + folded.place(first, of: 0), folded.innerStride(of: 0), count, Int32(first),
            &largest, &winner)
        }
        winners[kept.place(index, of: 1)] = winner
        out?[kept.place(index, of: 2)] = largest
      }
    }
  }

  /// Adjacent maxima, in strips.
  private func maximaAcross(
    _ operation: Maxima, _ x: UnsafeMutablePointer<Float>, _ out: UnsafeMutablePointer<Float>?,
    _ winners: UnsafeMutablePointer<Int32>
  ) {
    let (kept, folded) = (operation.kept, operation.folded)
    let strips = kept.columns.parts(of: Self.strip)
    let grain = max(1, grain / (folded.count * min(kept.columns, Self.strip)))
    pool.split(kept.rows * strips, grain: grain) { units in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.strip) { unused in
        for unit in units {
          let first = unit % strips * Self.strip
          let (index, columns) = (unit / strips * kept.columns + first, min(Self.strip, kept.columns - first))
          guard let target = out.map({ $0 + kept.place(index, of: 2) }) ?? unused.baseAddress else { return }
          kernels.maxOverTime(
            x + kept.place(index, of: 0), folded.innerStride(of: 0), folded.count, target,
            winners + kept.place(index, of: 1), columns)
        }
      }
    }
  }

  /// The gradient of maxima over axes.
  package func maximaBackward(_ operation: MaximaBackward) throws {
    let (kept, folded) = (operation.kept, operation.folded)
    let (dy, out, winners) = (
      try operation.dy.data(), try operation.output.data(), try Integers(operation.winners).data
    )
    pool.split(kept.count, grain: grain) { part in
      for index in part {
        let winner = Int(winners[kept.place(index, of: 1)])
        out[kept.place(index, of: 0) + folded.place(winner, of: 0)] += dy[kept.place(index, of: 2)]
      }
    }
  }
}

extension Int {
  /// The number of parts of a size for this count, at least one.
  func parts(of size: Int) -> Int { Swift.max(1, (self + size - 1) / size) }
}
