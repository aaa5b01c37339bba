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

  /// The optimizer's steps that were done.
  var step: Int? { state.integers["step"].flatMap { Int(exactly: $0) } }

  private static let counter = "counter."
  private static let formats = 1...2

  /// The number of a file's format if it is of a later version than this one.
  static func laterFormat(of file: Safetensors) -> Int? {
    file.metadata["format"].flatMap(Int.init).flatMap { $0 > formats.upperBound ? $0 : nil }
  }

  /// The checkpoint as a file.
  /// - Throws: `RecurrentError.shapeMismatch` if a tensor has not the number of values that its shape says.
  package func safetensors() throws -> Safetensors {
    var metadata = [
      "format": String(Self.formats.upperBound), "device": device, "variant": variant, "settings": settings,
    ]
    for (name, value) in state.integers { metadata[Self.counter + name] = String(value) }
    var file = Safetensors(try state.tensors.mapValues(SafetensorsTensor.init), metadata: metadata)
    file.metadata[Safetensors.checksumKey] = file.checksum
    return file
  }

  /// Reads a checkpoint from a file's contents.
  /// - Throws: `RecurrentError.invalidModel` if it is none, or is damaged.
  package init(_ file: Safetensors) throws {
    guard let format = file.metadata["format"].flatMap(Int.init), Self.formats.contains(format),
      let device = file.metadata["device"],
      let variant = file.metadata["variant"], let settings = file.metadata["settings"]
    else {
      throw RecurrentError(
        .invalidModel, "is not a training state of this version", remedy: "use the version of recur that wrote it")
    }
    let checksum = file.metadata[Safetensors.checksumKey]
    // Format 1 had none.
    guard checksum == file.checksum || (checksum == nil && format == 1) else {
      throw RecurrentError(.invalidModel, "is damaged: its contents do not have its checksum")
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
  /// - Throws: `RecurrentError.shapeMismatch` if the number of values is not the shape's.
  public init(_ tensor: HostTensor) throws { try self.init(tensor.values, shape: tensor.shape) }
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
          throw RecurrentError(.invalidData, error.what, at: name.shown, remedy: error.remedy)
        }
      })
  }
}
