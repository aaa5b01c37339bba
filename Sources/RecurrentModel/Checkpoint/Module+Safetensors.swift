import RecurrentCore

extension Module {
  /// Writes all parameters to a safetensors file under their names, which PyTorch reads with `safetensors.torch.load_file`.
  /// - Throws: `RecurrentError` if a parameter has no values yet or the system refuses.
  public func save(to file: String) throws { try Safetensors(weights: stateDictionary()).write(to: file) }

  /// Replaces all parameters with those of a safetensors file. Nothing changes unless every name and shape matches and
  /// every value is finite.
  /// - Throws: `RecurrentError`, which names the file, and the tensors that are missing, unexpected, of another shape or not
  ///   finite.
  public func load(from file: String) throws {
    let contents = try Safetensors(contentsOf: file)
    do {
      let weights = try contents.stateDictionary()
      try weights.requireFinite()
      try load(weights)
    } catch let error as RecurrentError {
      throw RecurrentError(
        error.kind, (error.location.map { $0 + ": " } ?? "") + error.what, at: file, remedy: error.remedy)
    }
  }
}

extension Safetensors {
  /// A file of weights with the metadata key that PyTorch's tools require.
  init(weights: StateDictionary) throws {
    try self.init(weights.mapValues(SafetensorsTensor.init), metadata: ["format": "pt"])
  }
}

extension StateDictionary {
  /// - Throws: `RecurrentError.invalidModel`, which names the tensors that have numbers that are NaN or infinite.
  func requireFinite() throws {
    let faults = sorted { $0.key < $1.key }.compactMap { name, tensor -> String? in
      let wrong = tensor.values.count { !$0.isFinite }
      return wrong == 0 ? nil : "\(wrong.grouped) of \(tensor.values.count.grouped) in \(name.shown)"
    }
    guard faults.isEmpty else {
      throw RecurrentError(
        .invalidModel, "has non-finite values: \(faults.listed)",
        remedy: "use a checkpoint from before the training diverged")
    }
  }
}
