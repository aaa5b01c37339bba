import RecurrentCore

extension OpenCLBackend {
  /// A layer normalization.
  package func layerNorm(_ operation: ApplyLayerNorm) throws {
    try launchRows(
      "layernorm", "layerNorm", rows: operation.x.rows, columns: operation.x.columns,
      [
        operation.x, operation.gain ?? Absent.region, operation.bias ?? Absent.region, operation.output,
        operation.statistics, operation.x.columns, operation.epsilon, operation.gain != nil, operation.bias != nil,
      ])
  }

  /// The gradients of a layer normalization.
  package func layerNormBackward(_ operation: ApplyLayerNormBackward) throws {
    let (x, statistics, dy) = (operation.x, operation.statistics, operation.dy)
    try layerNormParameters(operation)
    // Last, for dx may take the place of dy.
    guard let dx = operation.dx else { return }
    try launchRows(
      "layernorm", "layerNormBackward", rows: x.rows, columns: x.columns,
      [x, operation.gain ?? Absent.region, statistics, dy, dx.region, x.columns, operation.gain != nil, dx.adds])
  }

  /// The gradients of a layer normalization's gain and bias.
  private func layerNormParameters(_ operation: ApplyLayerNormBackward) throws {
    guard operation.dGain != nil || operation.dBias != nil else { return }
    let x = operation.x
    let block = 128
    let blocks = max(1, (x.rows + block - 1) / block)
    let gain = try Region(scratch(.gainSums, blocks * x.columns), rows: blocks, columns: x.columns)
    let bias = try Region(scratch(.biasSums, blocks * x.columns), rows: blocks, columns: x.columns)
    try launchBlocks(
      "layernorm", "layerNormParameters", blocks: blocks, columns: x.columns,
      [x, operation.statistics, operation.dy, gain, bias, x.rows, x.columns, block])
    if let dGain = operation.dGain { try sumRows(gain, into: dGain) }
    if let dBias = operation.dBias { try sumRows(bias, into: dBias) }
  }
}
