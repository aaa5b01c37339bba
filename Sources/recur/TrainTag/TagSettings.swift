import Recurrent

/// All that decides a run that tags, but the device.
struct TagSettings: RunSettings {
  static let command = "tag"

  /// What chooses the best epoch.
  enum Monitor: String, Codable, CaseIterable {
    case loss, accuracy
    case entityF1 = "entity-f1"

    /// As the reports name it.
    var metric: String { self == .entityF1 ? "entity_f1" : rawValue }
  }

  var data: String
  var columns: TaggedColumns
  var validation: String?
  var validationFraction: Double
  /// Nil for what the tags show.
  var scheme: EntityScheme?
  var examples: ExampleSettings
  var crf: Bool
  var window: Int?
  var tagWeights: ClassWeights?
  /// Nil for what suits the tags.
  var monitor: Monitor?
  var network: NetworkSettings
  var training: TrainingSettings
  var fingerprints: [String] = []

  func check() throws {
    try checkCommon()
    try examples.check(in: self)
    if let window {
      let limit = NetworkConfiguration.Limit.window
      try require((0...limit).contains(window), "--window", window, "take 0 to \(limit.grouped)")
    }
    try requireUse(
      window == nil || network.cell == .feedForward, "--window", "recurrent layers read whole sentences",
      remedy: "add --cell feed-forward, or leave it out")
    try requireUse(
      window != nil || network.cell != .feedForward, "--cell", "a layer over a window needs its size",
      remedy: "add --window")
    for (option, isGiven) in [
      ("--tag-weights", tagWeights != nil), ("--label-smoothing", examples.labelSmoothing > 0),
    ] {
      try requireUse(
        !crf || !isGiven, option, "a conditional random field scores whole sentences",
        remedy: "leave it out, or leave out --crf")
    }
    try requireUse(
      monitor == nil || validates, "--monitor", "nothing is set apart to validate on",
      remedy: "take a --validation-fraction above 0")
  }

}
