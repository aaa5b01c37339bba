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
  }

  var data: String
  var storage: TextStorage
  var validation: String?
  var validationFraction: Double
  var reading: Reading
  var examples: ExampleSettings
  var pooling: Pooling
  var binary: Bool
  var classWeights: ClassWeights?
  var labelSmoothing: Float
  var monitor: Monitor
  var network: NetworkSettings
  var training: TrainingSettings
  var fingerprints: [String] = []

  func check() throws {
    try checkCommon()
    try examples.check(in: self)
    if let length = reading.length {
      let limit = NetworkConfiguration.Limit.length
      try require((1...limit).contains(length), "--length", length, "take 1 to \(limit.grouped)")
    }
    try require(
      labelSmoothing >= 0 && labelSmoothing < 1, "--label-smoothing", labelSmoothing, "take 0 or more, and less than 1")
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
      reading.tokens == .words || !(examples.lowercase || reading.dropMarks),
      examples.lowercase ? "--lowercase" : "--drop-marks", "it is a rule for words", remedy: "take --tokens words")
    try requireUse(
      examples.vectors == nil || reading.tokens == .words, "--vectors", "vectors are those of words",
      remedy: "take --tokens words")
  }

  /// How texts are cut and filled.
  func padding() throws -> SequencePadding {
    try SequencePadding(limit: reading.length, cut: reading.cut, fill: reading.fill)
  }
}

/// What chooses the best epoch.
enum Monitor: String, Codable, CaseIterable {
  case loss, accuracy
  case macroF1 = "macro-f1"

  /// As the reports name it.
  var metric: String { self == .macroF1 ? "macro_f1" : rawValue }
}

/// What the mistakes in each class cost.
enum ClassWeights: Codable, Equatable {
  /// All classes together count alike, however many examples they have.
  case balanced
  /// Factors by label; 1 for others.
  case factors([String: Float])

  /// A factor for each label.
  /// - Parameter classes: The classes of the training data.
  /// - Throws: `RecurrentError.invalidArgument` if there is no such label.
  func values(_ labels: [String], of classes: [Int32]) throws -> [Float] {
    switch self {
    case .balanced: return balanced(classes, labels.count)
    case .factors(let factors):
      if let other = factors.keys.sorted().first(where: { !labels.contains($0) }) {
        throw RecurrentError(
          .invalidArgument, "there is no label \(other.shown)", at: "--class-weights",
          remedy: "take those of \(labels.map(\.shown).listed)")
      }
      return labels.map { factors[$0] ?? 1 }
    }
  }

  /// As scikit-learn's `balanced`.
  private func balanced(_ classes: [Int32], _ count: Int) -> [Float] {
    var examples = [Int](repeating: 0, count: count)
    for number in classes where number >= 0 { examples[Int(number)] += 1 }
    return examples.map { $0 == 0 ? 0 : Float(classes.count) / (Float(count) * Float($0)) }
  }
}
