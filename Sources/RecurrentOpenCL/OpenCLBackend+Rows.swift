import RecurrentCore

/// What works along rows: softmax, layer norm, losses, tables.
extension OpenCLBackend {
  /// A softmax along each row.
  public func softmax(_ operation: Softmax) throws {
    try launch(
      "softmax", "softmax", [operation.x.rows],
      [operation.x, operation.mask ?? Absent.indices, operation.output, operation.x.columns, operation.mask != nil])
  }

  /// The gradient of a softmax.
  public func softmaxBackward(_ operation: SoftmaxBackward) throws {
    try launch(
      "softmax", "softmaxBackward", [operation.y.rows],
      [operation.y, operation.dy, operation.output.region, operation.y.columns, operation.output.adds])
  }

  /// A layer norm.
  public func layerNorm(_ operation: ApplyLayerNorm) throws {
    try launch(
      "layernorm", "layerNorm", [operation.x.rows],
      [
        operation.x, operation.gain ?? Absent.region, operation.bias ?? Absent.region, operation.output,
        operation.statistics, operation.x.columns, operation.epsilon, operation.gain != nil, operation.bias != nil,
      ])
  }

  /// The gradients of a layer norm.
  public func layerNormBackward(_ operation: ApplyLayerNormBackward) throws {
    let (x, statistics, dy) = (operation.x, operation.statistics, operation.dy)
    try layerNormParameters(operation)
    // Last, for dx may take the place of dy.
    guard let dx = operation.dx else { return }
    try launch(
      "layernorm", "layerNormBackward", [x.rows],
      [x, operation.gain ?? Absent.region, statistics, dy, dx.region, x.columns, operation.gain != nil, dx.adds])
  }

  /// The gradients of a layer norm's gain and bias.
  private func layerNormParameters(_ operation: ApplyLayerNormBackward) throws {
    guard operation.dGain != nil || operation.dBias != nil else { return }
    let x = operation.x
    let block = 128
    let blocks = max(1, (x.rows + block - 1) / block)
    let gain = try Region(scratch(.gainSums, blocks * x.columns), rows: blocks, columns: x.columns)
    let bias = try Region(scratch(.biasSums, blocks * x.columns), rows: blocks, columns: x.columns)
    try elementwise(
      "layerNormParameters", of: "layernorm", rows: blocks, columns: x.columns,
      [x, operation.statistics, operation.dy, gain, bias, x.rows, x.columns, block])
    if let dGain = operation.dGain { try sumRows(gain, into: dGain) }
    if let dBias = operation.dBias { try sumRows(bias, into: dBias) }
  }

  /// A cross-entropy for each row.
  public func crossEntropy(_ operation: CrossEntropy) throws {
    let logits = operation.logits
    try launch(
      "loss", "crossEntropy", [logits.rows],
      [
        logits, operation.targets, operation.weights ?? Absent.region, operation.losses, operation.logSums,
        logits.columns, operation.weights != nil,
      ])
  }

  /// The gradient of a cross-entropy.
  public func crossEntropyBackward(_ operation: CrossEntropyBackward) throws {
    let logits = operation.logits
    try elementwise(
      "crossEntropyBackward", of: "loss", rows: logits.rows, columns: logits.columns,
      [
        logits, operation.targets, operation.weights ?? Absent.region, operation.logSums, operation.upstream,
        operation.output.region, logits.columns, operation.weights != nil, operation.scale, operation.output.adds,
      ])
  }

  /// A loss for each row.
  public func compareElements(_ operation: CompareElements) throws {
    let x = operation.predictions
    try launch(
      "loss", "compareElements", [x.rows],
      [
        x, operation.targets, operation.weights ?? Absent.region, operation.losses, x.columns, operation.loss.rawValue,
        operation.weights != nil,
      ])
  }

  /// The gradient of an elementwise loss.
  public func compareElementsBackward(_ operation: CompareElementsBackward) throws {
    let x = operation.predictions
    try elementwise(
      "compareElementsBackward", of: "loss", rows: x.rows, columns: x.columns,
      [
        x, operation.targets, operation.weights ?? Absent.region, operation.upstream, operation.output.region,
        x.columns, operation.loss.rawValue, operation.weights != nil, operation.scale, operation.output.adds,
      ])
  }

  /// Looks rows up.
  public func gather(_ operation: Gather) throws {
    let y = operation.output.region
    try elementwise(
      "gather", of: "embedding", rows: y.rows, columns: y.columns,
      [operation.table, operation.indices, y, y.columns, operation.output.adds])
  }

  /// Adds rows up.
  public func scatterAdd(_ operation: ScatterAdd) throws {
    let occurrences = operation.occurrences
    try elementwise(
      "scatterAdd", of: "embedding", rows: occurrences.count, columns: operation.table.columns,
      [
        operation.dy, occurrences.rows, occurrences.starts, occurrences.positions, operation.table,
        operation.table.columns,
      ])
  }

  /// Turns indices into numbers.
  public func encode(_ operation: Encode) throws {
    let y = operation.output
    try elementwise(
      "encode", of: "embedding", rows: y.rows, columns: y.columns,
      [operation.indices, y, y.columns, operation.encoding.rawValue])
  }
}
