import RecurrentCore

extension Module {
  /// Writes all parameters to a safetensors file under their names, which PyTorch reads with `safetensors.torch.load_file`.
  /// - Throws: `RecurrentError` if a parameter has no values yet or the system refuses.
  public func save(to file: String) throws { try Safetensors(weights: stateDictionary()).write(to: file) }

  /// Replaces all parameters by those of a safetensors file. Nothing changes unless every name and shape fits.
  /// - Throws: `RecurrentError`, which names the file, and the tensors that are missing, unexpected or of another shape.
  public func load(from file: String) throws {
    let contents = try Safetensors(contentsOf: file)
    do {
      try load(contents.stateDictionary())
    } catch let error as RecurrentError {
      throw RecurrentError(
        error.kind, (error.place.map { $0 + ": " } ?? "") + error.what, at: file, remedy: error.remedy)
    }
  }
}

extension Safetensors {
  /// A model's weights as PyTorch's tools read them: they ask for this key.
  init(weights: StateDictionary) {
    self.init(weights.mapValues(SafetensorsTensor.init), metadata: ["format": "pt"])
  }
}
