/// A line of a model's layer table, like Keras' `summary`.
package struct LayerLine: Encodable, Sendable {
  /// The path in the model; of recurrent layers with their number: `rnn.l0`.
  package let name: String
  /// The description: `LSTM(2, 32)`.
  package let kind: String
  /// The axes of its result, those that depend on the data by name: `T` steps, `N` rows.
  package let output: [String]
  /// The number of its parameters' elements.
  package let parameters: Int
  /// The number of parameters that are frozen.
  package let frozen: Int
}

/// A module whose layers do not all have a result for each step.
package protocol LayerTableModule: Module {
  /// The lines of its layers.
  /// - Parameter axes: The names of the axes of steps and rows.
  func lines(_ path: String, of axes: (steps: String, rows: String)) -> [LayerLine]
}

extension Module {
  /// The layers of a model that reads `[T, N]`, in the order of its members.
  package var layerTable: [LayerLine] { lines("", ["T", "N"]) }

  /// - Parameter axes: The axes of a result before its features.
  package func lines(_ path: String, _ axes: [String]) -> [LayerLine] {
    switch self {
    case let embedding as Embedding: [line(path, axes + ["\(embedding.weight.shape[1])"])]
    case let dense as Dense: [line(path, axes + ["\(dense.weight.shape[0])"])]
    case is CRF: [line(path, axes)]
    case let rnn as RecurrentStack: rnn.cells.indices.map { rnn.line(path, axes, layer: $0) }
    case let encoder as CharacterEncoder: encoder.inner(path, ["C", "W"])
    case let model as any LayerTableModule: model.lines(path, of: (axes[0], axes[1]))
    default: inner(path, axes)
    }
  }

  /// The lines of the modules in it.
  fileprivate func inner(_ path: String, _ axes: [String]) -> [LayerLine] {
    members.flatMap { member -> [LayerLine] in
      guard case .module(let name, let module) = member else { return [] }
      return module.lines(path.isEmpty ? name : path + "." + name, axes)
    }
  }

  package func line(_ path: String, _ output: [String]) -> LayerLine {
    LayerLine(path, summary, output, parameters)
  }
}

extension RecurrentStack {
  fileprivate func line(_ path: String, _ axes: [String], layer: Int) -> LayerLine {
    let directions = cells[layer]
    let sizes = ["\(directions[0].cell.inputSize)", "\(hiddenSize)"]
    let parameters = directions.flatMap(\.members).compactMap { member -> Parameter? in
      if case .parameter(_, let parameter) = member { parameter } else { nil }
    }
    return LayerLine(
      "\(path).l\(layer)", "\(Self.self)(" + (sizes + cellOptions).joined(separator: ", ") + ")",
      axes + ["\(outputSize)"], parameters)
  }
}

extension LayerLine {
  package init(_ name: String, _ kind: String, _ output: [String], _ parameters: [Parameter]) {
    self.name = name
    self.kind = kind
    self.output = output
    self.parameters = parameters.reduce(0) { $0 + $1.count }
    frozen = parameters.filter(\.isFrozen).reduce(0) { $0 + $1.count }
  }
}
