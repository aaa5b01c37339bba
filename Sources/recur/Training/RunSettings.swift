import Recurrent

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// All that decides a run, but the device: a checkpoint carries it, so that a resume needs no options.
protocol RunSettings: Codable {
  /// The command behind `recur train`.
  static var command: String { get }
  var data: String { get set }
  var validation: String? { get set }
  var validationFraction: Double { get set }
  var network: NetworkSettings { get }
  var training: TrainingSettings { get set }
  /// Tell whether the data to train and to validate on are still those that the run began with.
  var fingerprints: [String] { get set }

  /// - Throws: `RecurrentError.invalidArgument` that names the first number that is out of range.
  func check() throws
}

extension RunSettings {
  /// The settings of a run that a checkpoint is of.
  /// - Parameter place: What errors call the model.
  init(json: String, from place: String) throws {
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(json.utf8))
    } catch {
      throw RecurrentError(
        .invalidModel, "the checkpoint has no settings of recur train \(Self.command)", at: place,
        remedy: "go on with the program that wrote it")
    }
  }

  /// The settings for a checkpoint.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  /// The settings with the fingerprints of the data that was read.
  /// - Throws: `RecurrentError.invalidData` if the data is not that of the run that goes on.
  func checked(_ data: [(place: String, fingerprint: String)]) throws -> Self {
    for ((place, new), old) in zip(data, fingerprints) where old != new {
      throw RecurrentError(
        .invalidData, "is not the data that the run began with", at: place,
        remedy: "give the same data, or start a new run in another folder")
    }
    var settings = self
    settings.fingerprints = data.map(\.fingerprint)
    return settings
  }

  /// Whether some data is set apart to validate on.
  var validates: Bool { validation != nil || validationFraction > 0 }

  /// Checks what all runs have.
  func checkCommon() throws {
    try network.check()
    try training.check()
    try require(
      validationFraction >= 0 && validationFraction < 1, "--validation-fraction", validationFraction,
      "take 0 or more, and less than 1")
  }
}
