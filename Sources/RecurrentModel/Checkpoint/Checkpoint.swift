import RecurrentCore

/// The state of a run at one step, complete for resuming, in one safetensors file.
package struct Checkpoint: Sendable {
  /// Parameters, optimizer states, carried states and counters.
  package var state: TrainingState
  /// The identifier of the device that computed it.
  package var device: String
  /// The variant of the device, which determines the order of sums: on a device of the same variant the run continues
  /// with the same bits.
  package var variant: String
  /// The settings of the run, in the format of the program that started it.
  package var settings: String

  /// A checkpoint of a training state.
  package init(state: TrainingState, device: DeviceDescription, settings: String = "") {
    self.state = state
    self.device = device.identifier
    variant = device.variant
    self.settings = settings
  }

  /// The number of completed optimizer steps.
  var step: Int? { state.integers["step"].flatMap { Int(exactly: $0) } }

  /// The checkpoint as a file.
  /// - Throws: `RecurrentError.shapeMismatch` if a tensor has not the number of values that its shape says.
  package func safetensors() throws -> Safetensors {
    try state.safetensors(["device": device, "variant": variant, "settings": settings])
  }

  /// Reads a checkpoint from a file's contents.
  /// - Throws: `RecurrentError.invalidModel` if it is none, or is damaged.
  package init(_ file: Safetensors) throws {
    guard let device = file.metadata["device"], let variant = file.metadata["variant"],
      let settings = file.metadata["settings"]
    else { throw TrainingState.noState }
    state = try TrainingState(file)
    self.device = device
    self.variant = variant
    self.settings = settings
  }
}

extension SafetensorsTensor {
  /// A tensor of a file, from a tensor on the host.
  /// - Throws: `RecurrentError.shapeMismatch` if the number of values is not the shape's.
  package init(_ tensor: HostTensor) throws { try self.init(tensor.values, shape: tensor.shape) }
}

extension Safetensors {
  /// All tensors as a state dictionary.
  /// - Throws: `RecurrentError.invalidData` that names a tensor whose elements are not floating-point numbers.
  package func stateDictionary() throws -> StateDictionary {
    try Dictionary(
      uniqueKeysWithValues: tensors.map { name, tensor in
        do {
          return (name, try HostTensor(shape: tensor.shape, values: tensor.floats()))
        } catch let error as RecurrentError {
          throw RecurrentError(.invalidData, error.what, at: name.shown, remedy: error.remedy)
        }
      })
  }
}
