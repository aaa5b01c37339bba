import Kernels
import RecurrentCore

extension CPUBackend {
  /// A layer normalization.
  package func layerNorm(_ operation: ApplyLayerNorm) throws {
    let (x, out) = (try Matrix(operation.x), try Matrix(operation.output))
    let (gain, bias) = (try operation.gain.map(Matrix.init), try operation.bias.map(Matrix.init))
    let statistics = try Matrix(operation.statistics)
    eachRow(x.rows, x.columns) { row in
      kernels.layerNorm(
        x.row(row), gain?.data, bias?.data, operation.epsilon, out.row(row), statistics.row(row), x.columns)
    }
  }

  /// The gradients of a layer normalization.
  package func layerNormBackward(_ operation: ApplyLayerNormBackward) throws {
    let (x, dy, statistics) = (
      try Matrix(operation.x), try Matrix(operation.dy), try Matrix(operation.statistics)
    )
    let gain = try operation.gain.map(Matrix.init)
    // The sums over rows come first: dx may take the place of dy.
    if let output = operation.dGain {
      let out = try Matrix(output.region)
      eachStrip(rows: x.rows, columns: x.columns) { columns in
        let first = columns.lowerBound
        kernels.layerNormGain(
          x.data + first, x.stride, statistics.data, statistics.stride, dy.data + first, dy.stride, x.rows,
          out.data + first, columns.count, output.flag)
      }
    }
    if let output = operation.dBias { try reduce(Reduce(over: .rows, operation.dy, into: output)) }
    if let output = operation.dx {
      let out = try Matrix(output.region)
      eachRow(x.rows, x.columns) { row in
        kernels.layerNormBackward(
          x.row(row), gain?.data, statistics.row(row), dy.row(row), out.row(row), x.columns, output.flag)
      }
    }
  }
}
