import Kernels
import RecurrentCore

extension CPUBackend {
  /// An elementwise function of tensors, in blocks if an operand is transposed.
  package func map(_ operation: Map) throws {
    let (loop, output) = (operation.loop, operation.operands.count)
    let (calls, out) = (try MapCalls(operation.function, operation.operands), try operation.output.data())
    let apply = { (index: Int, rows: Int, columns: Int) in
      let result = CPUResult(
        data: out + loop.place(index, of: output), rowStride: loop.outerStride(of: output),
        columnStride: loop.innerStride(of: output), adds: operation.adds ? 1 : 0)
      var call = calls.call(rows, columns, into: result) {
        (loop.place(index, of: $0), loop.outerStride(of: $0), loop.innerStride(of: $0))
      }
      self.kernels.map(&call)
    }
    if loop.isTransposed {
      pool.split(loop.blocks(of: Self.side), grain: max(1, grain / (Self.side * Self.side))) { part in
        loop.eachBlock(part, of: Self.side, apply)
      }
    } else {
      pool.split(loop.count, grain: grain) { part in loop.eachRun(part, apply) }
    }
  }

  private static let side = Int(cpuBlockSide)

  /// Cumulative sums, with the other axes in parallel.
  package func scan(_ operation: Scan) throws {
    let (others, axis) = (operation.others, operation.axis)
    let first = operation.isReversed ? axis.length - 1 : 0
    let (x, out) = (try operation.x.data() + first * axis.x, try operation.output.data() + first * axis.output)
    let step = { (stride: Int) in operation.isReversed ? -stride : stride }
    guard axis.length > 0 else { return }
    pool.split(others.count, grain: max(1, grain / axis.length)) { part in
      others.eachRow(part) { index, columns in
        let terms = CPUOperand(
          data: x + others.place(index, of: 0), number: 0, row: step(axis.x), column: others.innerStride(of: 0))
        let sums = CPUResult(
          data: out + others.place(index, of: 1), rowStride: step(axis.output), columnStride: others.innerStride(of: 1),
          adds: operation.adds ? 1 : 0)
        kernels.scan(terms, sums, axis.length, columns)
      }
    }
  }
}

/// The operands of a function, in the form of the kernels.
struct MapCalls {
  private let function: MapFunction
  private let starts: [UnsafeMutablePointer<Float>?]
  private let numbers: [Float]

  init(_ function: MapFunction, _ operands: [MapOperand]) throws {
    self.function = function
    starts = try operands.map { try $0.view?.data() }
    numbers = operands.map { if case .number(let number) = $0 { number } else { 0 } }
  }

  /// A call over rows and columns; `place` gives the first element and the strides of each operand.
  func call(
    _ rows: Int, _ columns: Int, into out: CPUResult, _ place: (Int) -> (first: Int, row: Int, column: Int)
  ) -> CPUMap {
    func operand(_ index: Int) -> CPUOperand {
      guard index < starts.count, let start = starts[index] else {
        return CPUOperand(data: nil, number: index < numbers.count ? numbers[index] : 0, row: 0, column: 0)
      }
      let (first, row, column) = place(index)
      return CPUOperand(data: start + first, number: 0, row: row, column: column)
    }
    return CPUMap(
      function: function.rawValue, rows: rows, columns: columns, operands: (operand(0), operand(1), operand(2)),
      out: out)
  }

  /// The elements themselves, if the function is a copy of contiguous elements.
  func run(_ place: Int, stride: Int) -> UnsafeMutablePointer<Float>? {
    function == .copy && stride == 1 ? starts[0].map { $0 + place } : nil
  }
}

extension AxisLoop {
  /// The stride of the innermost axis.
  func innerStride(of operand: Int) -> Int { strides[operand][lengths.count - 1] }
  /// The stride of the second innermost axis; 0 for none.
  func outerStride(of operand: Int) -> Int { lengths.count > 1 ? strides[operand][lengths.count - 2] : 0 }

  /// Calls `body` with the index of an element and the length of its run along the innermost axis, for all of a range.
  func eachRow(_ range: Range<Int>, _ body: (_ index: Int, _ columns: Int) -> Void) {
    var index = range.lowerBound
    while index < range.upperBound {
      let count = min(columns - index % columns, range.upperBound - index)
      body(index, count)
      index += count
    }
  }

  /// The same with runs of whole rows of the two innermost axes.
  func eachRun(_ range: Range<Int>, _ body: (_ index: Int, _ rows: Int, _ columns: Int) -> Void) {
    let length = lengths.count > 1 ? lengths[lengths.count - 2] : 1
    var index = range.lowerBound
    while index < range.upperBound {
      let (column, left) = (index % columns, range.upperBound - index)
      let rows = column == 0 ? min(length - index / columns % length, left / columns) : 0
      let count = rows > 0 ? columns : min(columns - column, left)
      body(index, max(rows, 1), count)
      index += max(rows, 1) * count
    }
  }

  /// The number of square blocks that cover the two innermost axes, for all indices of the others.
  func blocks(of side: Int) -> Int {
    let area = lengths.suffix(2).elementCount
    return area == 0 ? 0 : count / area * lengths.suffix(2).reduce(1) { $0 * $1.parts(of: side) }
  }

  /// Calls `body` with the index of the first element, the rows and the columns of each of these blocks.
  func eachBlock(_ range: Range<Int>, of side: Int, _ body: (_ index: Int, _ rows: Int, _ columns: Int) -> Void) {
    let height = lengths[lengths.count - 2]
    let (across, down) = (columns.parts(of: side), height.parts(of: side))
    for block in range {
      let (column, row) = (block % across * side, block / across % down * side)
      body(
        (block / across / down * height + row) * columns + column, min(side, height - row), min(side, columns - column))
    }
  }
}
