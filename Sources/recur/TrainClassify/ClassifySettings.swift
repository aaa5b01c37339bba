import Recurrent

/// All that decides a run that classifies, but the device.
struct ClassifySettings: RunSettings {
  static let command = "classify"

  /// How words or characters are taken from texts.
  struct Reading: Codable {
    var tokens: TokenKind
    var dropMarks: Bool
    var length: Int?
    var cut: SequencePadding.End
    var fill: SequencePadding.End

    /// How words are taken. The line ends of a text that has been tokenized are white space only: a text has one label, whatever
    /// its lines.
    func rules(lowercases: Bool) -> WordRules {
      WordRules(lowercases: lowercases, keepsMarks: tokens != .whitespace && !dropMarks)
    }
  }

  /// What chooses the best epoch.
  enum Monitor: String, Codable, CaseIterable {
    case loss, accuracy
    case macroF1 = "macro-f1"

    /// As the reports name it.
    var metric: String { self == .macroF1 ? "macro_f1" : rawValue }
  }

  var data: String
  var storage: TextStorage
  var validation: String?
  /// The file with the labels of the validation data, where it is a text a line.
  var validationLabels: String?
  var validationFraction: Double
  var reading: Reading
  var examples: ExampleSettings
  var pooling: Pooling
  var binary: Bool
  var classWeights: ClassWeights?
  var monitor: Monitor
  var network: NetworkSettings
  var training: TrainingSettings
  var fingerprints: [String] = []

  func check() throws {
    try checkCommon()
    try examples.check(in: self)
    try requireUse(
      validationLabels == nil || validation != nil, "--validation-labels", "there is no file of texts for them",
      remedy: "add --validation")
    if let length = reading.length {
      let limit = NetworkConfiguration.Limit.length
      try require((1...limit).contains(length), "--length", length, "take 1 to \(limit.grouped)")
    }
    try requireUse(
      reading.length != nil || reading.fill == .end, "--fill", "there is no length to fill up to",
      remedy: "add --length")
    try requireUse(
      reading.length != nil || network.cell != .feedForward, "--cell", "a layer over a window needs its length",
      remedy: "add --length")
    try requireUse(
      network.cell != .feedForward || pooling == .last, "--pooling", "a layer over a window has nothing to pool",
      remedy: "leave it out")
    try requireUse(
      reading.tokens != .characters || !examples.lowercase, "--lowercase", "it is a rule for words",
      remedy: "take --tokens words or whitespace")
    try requireUse(
      reading.tokens == .words || !reading.dropMarks, "--drop-marks", "it is a rule for words",
      remedy: "take --tokens words")
    try requireUse(
      examples.characters == nil || reading.tokens != .characters, "--characters", "tokens are characters already",
      remedy: "take --tokens words or whitespace, or leave it out")
    try requireUse(
      examples.characters == nil || network.cell != .feedForward, "--characters",
      "a layer over a window reads words as they are", remedy: "leave it out, or take another cell")
    try requireUse(
      examples.vectors == nil || reading.tokens != .characters, "--vectors", "vectors are those of words",
      remedy: "take --tokens words or whitespace")
  }

  /// How texts are cut and filled.
  func padding() throws -> SequencePadding {
    try SequencePadding(limit: reading.length, cut: reading.cut, fill: reading.fill)
  }
}
