// What an optimizer remembers, on the host: saved and restored.

extension Optimizer {
  /// What the rule remembers, as `parameter.exp_avg` and so on, and each parameter's steps as `parameter.step`: PyTorch's
  /// names. Past 2²⁴ a step is rounded, which no rule notices.
  /// - Throws: `RecurrentError` before `attach(to:)`, or if the model was moved after it.
  public func stateDictionary() throws -> StateDictionary {
    let placed = try attached()
    var dictionary: StateDictionary = [:]
    for (index, named) in placed.parameters.enumerated() {
      for (name, state) in zip(stateNames, states) {
        let values = try placed.placement.backend.download(state.columns(stateRange(index)))
        dictionary["\(named.name).\(name)"] = try HostTensor(shape: named.parameter.shape, values: values)
      }
      dictionary["\(named.name).step"] = try HostTensor(shape: [], values: [Float(stepsDone[index])])
    }
    return dictionary
  }

  /// Restores what the rule remembers. Nothing changes unless every name and shape fits.
  /// - Throws: `RecurrentError.invalidModel`, which names the tensors that are missing, unexpected or of another shape.
  public func load(_ dictionary: StateDictionary) throws {
    let placed = try attached()
    let known = placed.parameters.flatMap { named -> [(name: String, shape: [Int])] in
      zip(stateNames, states).map { name, _ in ("\(named.name).\(name)", named.parameter.shape) }
        + [("\(named.name).step", [])]
    }
    let missing = known.map(\.name).filter { dictionary[$0] == nil }
    if let faults = dictionary.faults(missing: missing, among: known) {
      throw RecurrentError(
        .invalidModel, "the tensors do not fit the optimizer's state: " + faults, at: "\(Self.self)",
        remedy: "go on with the model and the optimizer that wrote it")
    }
    let values = { (key: String) in dictionary[key]?.values ?? [] }
    let steps = try placed.parameters.map { named in
      let step = values("\(named.name).step")[0]
      guard step >= 0, let steps = Int(exactly: step) else {
        throw RecurrentError(
          .invalidModel, "the optimizer's state \(named.name).step is \(step)", at: "\(Self.self)",
          remedy: "it is damaged: start the run anew")
      }
      return steps
    }
    for (index, named) in placed.parameters.enumerated() {
      for (name, state) in zip(stateNames, states) {
        try placed.placement.backend.upload(
          values("\(named.name).\(name)"), to: state.columns(stateRange(index)))
      }
    }
    stepsDone = steps
  }
}
