import Kernels
import RecurrentCore

/// The gradient of x: the product of a step's gate gradients and W, packed once.
struct InputGradient {
  private let kernels: CPUKernels
  private let memory: CellMemory
  private let weights: UnsafePointer<Float>
  private let dx: CPUResult
  private let columns: Int
  private let depth: Int

  /// Nil if it is not needed, or the input is not x.
  init?(_ backend: CPUBackend, _ operation: SequenceBackward, _ memory: CellMemory) throws {
    guard let output = operation.dInput, case .features = operation.sequence.input else { return nil }
    let w = try Matrix(operation.sequence.weights.weightIH)
    (kernels, self.memory, columns, depth) = (backend.kernels, memory, w.columns, w.rows)
    dx = try Matrix(output.region).result(adds: output.adds)
    weights =
      columns <= CPUBackend.fewColumns
      ? try backend.packColumns(.input, w.operand(), depth: depth, columns: columns)
      : try backend.pack(.input, of: backend.workspace, w.operand(), depth: depth, hidden: columns, gates: 1)
  }

  func callAsFunction(_ step: Int, _ rows: Range<Int>) {
    let stride = memory.reserve.stride
    let gates = CPUMatrix(data: memory.gates(step) + rows.lowerBound * stride, rowStride: stride, columnStride: 1)
    let c = dx.moved(rows: step * memory.batch + rows.lowerBound, columns: 0)
    guard columns > CPUBackend.fewColumns else {
      let b = CPUMatrix(data: weights, rowStride: 1, columnStride: depth)
      return kernels.dots(gates, rows.count, b, columns, depth, c, 1)
    }
    for place in 0..<cpuPanelCount(columns, kernels.width) {
      let panel = cpuPanel(columns, kernels.width, place)
      kernels.multiply(
        gates, kernels.tileRows * stride, weights + panel.offset * depth, panel.vectors, rows.count, depth,
        c.moved(rows: 0, columns: panel.first), panel.columns, 1)
    }
  }
}
