import Recurrent

/// What runs on labelled examples have in common, as checkpoints carry it.
struct ExampleSettings: Codable {
  var vocabulary: Int?
  var minimumCount: Int
  var lowercase: Bool
  var characters: CharacterSettings?
  var vectors: String?
  var freezeVectors: Bool
  var labelSmoothing: Float
  var patience: Int?
  /// Whether the validation loss is the plain cross-entropy, as `recur evaluate` has it; nil in runs begun before it was, whose
  /// validation loss keeps the class weights and label smoothing of training.
  var plainValidation: Bool?

  /// What was given, and the defaults.
  /// - Throws: `RecurrentError.invalidArgument` if characters have sizes and are not read.
  init(_ options: ExampleOptions) throws {
    vocabulary = options.vocabulary
    minimumCount = options.minimumCount ?? 1
    lowercase = options.lowercase
    characters = try CharacterSettings(options)
    vectors = options.vectors
    freezeVectors = options.freezeVectors
    labelSmoothing = options.labelSmoothing ?? 0
    patience = options.patience
    plainValidation = true
  }

  /// - Throws: `RecurrentError.invalidArgument` that names the first number that is out of range, or option that does nothing.
  func check(in settings: some RunSettings) throws {
    if let vocabulary { try require(vocabulary >= 2, "--vocabulary", vocabulary, "take 2 or more") }
    try require(minimumCount >= 1, "--minimum-count", minimumCount, "take 1 or more")
    try require(
      labelSmoothing >= 0 && labelSmoothing < 1, "--label-smoothing", labelSmoothing, "take 0 or more, and less than 1")
    if let patience { try require(patience >= 1, "--patience", patience, "take 1 or more") }
    try characters?.check()
    try requireUse(
      settings.network.bidirectional != true || settings.network.cell != .feedForward, "--bidirectional",
      "a layer over a window has no direction", remedy: "leave it out")
    try requireUse(
      vectors == nil || settings.network.input == .embedding, "--vectors",
      "an input of \(settings.network.input.rawValue) has none", remedy: "take --input embedding")
    try requireUse(
      !freezeVectors || vectors != nil, "--freeze-vectors", "there are no vectors to freeze", remedy: "add --vectors")
    try requireUse(
      patience == nil || settings.validates, "--patience", "nothing is set apart to validate on",
      remedy: "take a --validation-fraction above 0")
  }
}
