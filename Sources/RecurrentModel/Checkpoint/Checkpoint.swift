import RecurrentCore

/// A run at one instant: all that `resume` needs, in one safetensors file.
public struct Checkpoint: Sendable {
  /// Weights, optimizer state, carried states, counters.
  public var state: TrainingState
  /// The device that computed it, by its identifier.
  public var device: String
  /// What decided the order of its sums: on a device of the same variant the run goes on with the same bits.
  public var variant: String
  /// The settings of the run, in the words of the program that started it.
  public var settings: String

  /// Gathers a checkpoint.
  public init(state: TrainingState, device: DeviceDescription, settings: String = "") {
    self.state = state
    self.device = device.identifier
    variant = device.variant
    self.settings = settings
  }

  private static let counter = "counter."

  /// The checkpoint as a file.
  var safetensors: Safetensors {
    var metadata = ["format": "1", "device": device, "variant": variant, "settings": settings]
    for (name, value) in state.integers { metadata[Self.counter + name] = String(value) }
    return Safetensors(state.tensors.mapValues(SafetensorsTensor.init), metadata: metadata)
  }

  /// Reads a checkpoint from a file's contents.
  /// - Throws: `RecurrentError.invalidModel` if it is none.
  init(_ file: Safetensors) throws {
    guard file.metadata["format"] == "1", let device = file.metadata["device"],
      let variant = file.metadata["variant"], let settings = file.metadata["settings"]
    else {
      throw RecurrentError(
        .invalidModel, "is not a training state of this version", remedy: "use the version of recur that wrote it")
    }
    self.device = device
    self.variant = variant
    self.settings = settings
    var integers: [String: UInt64] = [:]
    for (key, value) in file.metadata where key.hasPrefix(Self.counter) {
      integers[String(key.dropFirst(Self.counter.count))] = UInt64(value)
    }
    state = try TrainingState(tensors: file.stateDictionary(), integers: integers)
  }
}

extension SafetensorsTensor {
  /// A tensor of the host as a file holds it.
  public init(_ tensor: HostTensor) { self.init(tensor.values, shape: tensor.shape) }
}

extension Safetensors {
  /// All tensors as the model layer takes them.
  /// - Throws: `RecurrentError.invalidData` that names a tensor whose elements are not floating-point numbers.
  public func stateDictionary() throws -> StateDictionary {
    try Dictionary(
      uniqueKeysWithValues: tensors.map { name, tensor in
        do {
          return (name, try HostTensor(shape: tensor.shape, values: tensor.floats()))
        } catch let error as RecurrentError {
          throw RecurrentError(.invalidData, error.what, at: name)
        }
      })
  }
}
