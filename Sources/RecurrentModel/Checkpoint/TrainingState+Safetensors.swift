import RecurrentCore

extension TrainingState {
  /// Writes the state to a safetensors file with a checksum, atomically. A `TrainingFolder` keeps several.
  /// - Throws: `RecurrentError.invalidData` if the system refuses.
  public func write(to path: String) throws { try safetensors().write(to: path) }

  /// Reads a state written by `write(to:)`, or that of a checkpoint.
  /// - Throws: `RecurrentError`, which names the file, if it cannot be read, holds no training state, or is damaged.
  public init(contentsOf path: String) throws {
    let file = try Safetensors(contentsOf: path)
    do {
      try self.init(file)
    } catch let error as RecurrentError {
      throw RecurrentError(
        error.kind, (error.location.map { $0 + ": " } ?? "") + error.what, at: path, remedy: error.remedy)
    }
  }

  private static let counter = "counter."
  private static let formats = 1...2

  /// The format of a file, if it is later than this version's.
  static func laterFormat(of file: Safetensors) -> Int? {
    file.metadata["format"].flatMap(Int.init).flatMap { $0 > formats.upperBound ? $0 : nil }
  }

  static let noState = RecurrentError(
    .invalidModel, "is not a training state of this version", remedy: "use the version of recur that wrote it")

  /// The state as a file.
  /// - Parameter metadata: Other metadata.
  /// - Throws: `RecurrentError.shapeMismatch` if a tensor has not the number of values that its shape says.
  func safetensors(_ metadata: [String: String] = [:]) throws -> Safetensors {
    var file = Safetensors(try tensors.mapValues(SafetensorsTensor.init), metadata: metadata)
    file.metadata["format"] = String(Self.formats.upperBound)
    for (name, value) in integers { file.metadata[Self.counter + name] = String(value) }
    file.metadata[Safetensors.checksumKey] = file.checksum
    return file
  }

  /// Reads a state from a file's contents.
  /// - Throws: `RecurrentError.invalidModel` if it is none, or is damaged.
  init(_ file: Safetensors) throws {
    guard let format = file.metadata["format"].flatMap(Int.init), Self.formats.contains(format) else {
      throw Self.noState
    }
    let checksum = file.metadata[Safetensors.checksumKey]
    // Format 1 had none.
    guard checksum == file.checksum || (checksum == nil && format == 1) else {
      throw RecurrentError(.invalidModel, "is damaged: the checksum does not match")
    }
    var integers: [String: UInt64] = [:]
    for (key, value) in file.metadata where key.hasPrefix(Self.counter) {
      integers[String(key.dropFirst(Self.counter.count))] = UInt64(value)
    }
    try self.init(tensors: file.stateDictionary(), integers: integers)
  }
}
