import Recurrent

/// All that decides a run on text, but the device.
struct TextSettings: RunSettings {
  static let command = "text"

  var data: String
  var validation: String?
  var validationFraction: Double
  var tokens: TokenKind
  var vocabulary: Int?
  var sequence: Int
  var network: NetworkSettings
  var training: TrainingSettings
  var fingerprints: [String] = []

  private enum CodingKeys: String, CodingKey {
    case data, validation, validationFraction, tokens, vocabulary, sequence, fingerprints
  }

  /// What is given, all else its default.
  init(
    data: String, validation: String?, validationFraction: Double, tokens: TokenKind?, vocabulary: Int?, sequence: Int?,
    network: NetworkSettings, training: TrainingSettings
  ) {
    self.data = data
    self.validation = validation
    self.validationFraction = validationFraction
    self.tokens = tokens ?? .characters
    self.vocabulary = vocabulary
    self.sequence = sequence ?? 50
    self.network = network
    self.training = training
  }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    data = try values.decode(String.self, forKey: .data)
    validation = try values.decodeIfPresent(String.self, forKey: .validation)
    validationFraction = try values.decode(Double.self, forKey: .validationFraction)
    tokens = try values.decode(TokenKind.self, forKey: .tokens)
    vocabulary = try values.decodeIfPresent(Int.self, forKey: .vocabulary)
    sequence = try values.decode(Int.self, forKey: .sequence)
    fingerprints = try values.decode([String].self, forKey: .fingerprints)
    network = try NetworkSettings(from: decoder)
    training = try TrainingSettings(from: decoder)
  }

  func encode(to encoder: any Encoder) throws {
    try network.encode(to: encoder)
    try training.encode(to: encoder)
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(data, forKey: .data)
    try values.encodeIfPresent(validation, forKey: .validation)
    try values.encode(validationFraction, forKey: .validationFraction)
    try values.encode(tokens, forKey: .tokens)
    try values.encodeIfPresent(vocabulary, forKey: .vocabulary)
    try values.encode(sequence, forKey: .sequence)
    try values.encode(fingerprints, forKey: .fingerprints)
  }

  func check() throws {
    try checkCommon()
    guard network.cell != .feedForward else {
      throw RecurrentError(
        .invalidArgument, "a language model has memory", at: "--cell", remedy: "take elman, lstm or gru")
    }
    try require((1...1_000_000).contains(sequence), "--sequence", sequence, "take 1 to 1,000,000")
    try requireUse(
      network.dropout == 0 || network.layers > 1, "--dropout", "it lies between layers, and there is one",
      remedy: "take --layers 2 or more, or leave it out")
    if let vocabulary { try require(vocabulary >= 2, "--vocabulary", vocabulary, "take 2 or more") }
  }
}
