import RecurrentCore

/// A tensor on the host: values with a shape, as stored in a file.
public struct HostTensor: Hashable, Sendable {
  /// The lengths of the axes.
  public var shape: [Int]
  /// The values, last axis fastest.
  public var values: [Float]

  /// Values with a shape.
  /// - Throws: `RecurrentError.shapeMismatch` if their number does not match the shape.
  public init(shape: [Int], values: [Float]) throws {
    try shape.require(count: values.count, of: "values", at: "tensor")
    self.shape = shape
    self.values = values
  }
}

/// Tensors by name: `rnn.weight_ih_l0`.
public typealias StateDictionary = [String: HostTensor]

extension Module {
  /// All parameters, copied to the host, with PyTorch's names.
  /// - Throws: `RecurrentError.invalidModel` if one is not initialized.
  public func stateDictionary() throws -> StateDictionary {
    try checkMembers()
    return try Dictionary(
      uniqueKeysWithValues: namedParameters.map {
        try ($0.name, HostTensor(shape: $0.parameter.shape, values: $0.parameter.values()))
      })
  }

  /// Replaces all parameters. Nothing changes unless every name and shape matches; a shared parameter may have any of
  /// its names.
  /// - Throws: `RecurrentError.invalidModel`, with the tensors that are missing, unexpected or misshapen.
  public func load(_ state: StateDictionary) throws {
    try checkMembers()
    let known = allParameters
    let names = Dictionary(grouping: known, by: { ObjectIdentifier($0.parameter) })
    let source = { (parameter: Parameter) in
      names[ObjectIdentifier(parameter)]?.first { state[$0.name] != nil }?.name
    }
    let expected = namedParameters
    let missing = expected.filter { source($0.parameter) == nil }.map(\.name)
    if let faults = state.faults(missing: missing, among: known.map { ($0.name, $0.parameter.shape) }) {
      throw RecurrentError(
        .invalidModel, "the tensors do not match the model: " + faults, at: "\(Self.self)",
        remedy: "load a file saved from a model of the same configuration")
    }
    for named in expected {
      if let name = source(named.parameter), let tensor = state[name] { try named.parameter.setValues(tensor.values) }
    }
  }
}

extension StateDictionary {
  /// Mismatches, as `missing: a; unexpected: b; of another shape: c is [2], not [3]`; nil if there are none.
  /// - Parameters:
  ///   - missing: The missing tensors.
  ///   - known: All expected tensors.
  func faults(missing: [String], among known: [(name: String, shape: [Int])]) -> String? {
    let unexpected = Set(keys).subtracting(known.map(\.name)).sorted().map(\.shown)
    let misshapen = known.compactMap { name, shape -> String? in
      guard let tensor = self[name], tensor.shape != shape else { return nil }
      return "\(name) is \(tensor.shape), not \(shape)"
    }
    let faults = [("missing", missing), ("unexpected", unexpected), ("of another shape", misshapen)]
      .filter { !$1.isEmpty }.map { "\($0): \($1.listed)" }
    return faults.isEmpty ? nil : faults.joined(separator: "; ")
  }
}
