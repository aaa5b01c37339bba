import RecurrentCore

// The state of an optimizer on the host, to save and restore it.

extension Optimizer {
  /// The optimizer states as `parameter.exp_avg` and so on, and the step counts as `parameter.step`: PyTorch's names.
  /// Step counts above 2²⁴ are rounded, without effect on any rule.
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

  /// Restores the optimizer states. Nothing changes unless every name and shape matches.
  /// - Throws: `RecurrentError.invalidModel`, which names the tensors that are missing, unexpected or misshapen.
  public func load(_ dictionary: StateDictionary) throws {
    let placed = try attached()
    let known = placed.parameters.flatMap { named -> [(name: String, shape: [Int])] in
      zip(stateNames, states).map { name, _ in ("\(named.name).\(name)", named.parameter.shape) }
        + [("\(named.name).step", [])]
    }
    let missing = known.map(\.name).filter { dictionary[$0] == nil }
    if let faults = dictionary.faults(missing: missing, among: known) {
      throw RecurrentError(
        .invalidModel, "the tensors do not match the optimizer's state: " + faults, at: "\(Self.self)",
        remedy: "use the model and the optimizer that wrote it")
    }
    let values = { (key: String) in dictionary[key]?.values ?? [] }
    let steps = try placed.parameters.map { named in
      let step = values("\(named.name).step")[0]
      guard step >= 0, let steps = Int(exactly: step) else {
        throw RecurrentError(
          .invalidModel, "the optimizer's state \(named.name).step is \(step)", at: "\(Self.self)",
          remedy: "it is damaged: start a new run")
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
