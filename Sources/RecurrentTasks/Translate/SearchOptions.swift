import ArgumentParser
import RecurrentCore
import RecurrentData
import RecurrentModel

/// How translations are searched.
package struct SearchOptions: ParsableArguments {
  @Option(
    "Beam size: the number of hypotheses that are kept at each step; 1 is greedy.", .range(1...BeamSearch.largestBeam))
  package var beam = 5

  @Option(
    help: """
      Normalization of the score by length: average, the mean log probability of a token; none; or wu:ALPHA (Wu et al. 2016).
      """)
  package var lengthNormalization = LengthNormalization.average

  @Option("Factor of the coverage penalty (Wu et al. 2016), for models with attention.", .atLeast(0))
  package var coveragePenalty = 0.0

  @Option("Minimum number of tokens.", .atLeast(0))
  package var minimumLength = 0

  @Option("Maximum number of tokens. (default: 2 per source token, and 50)", .atLeast(1))
  package var maximumLength: Int?

  @Option("Block n-grams of this length that a translation has already. (default: none)", .atLeast(1))
  package var blockNgrams: Int?

  @Flag(help: "Never produce the unknown token <unk>.")
  package var noUnknown = false

  @Flag(help: "Replace an unknown word by the source word that it attends to most.")
  package var replaceUnknown = false

  @Option(
    help: .folder(
      "Model folder of a further translator of the same tokens, whose probabilities are averaged with the model's; may be repeated."
    ))
  package var ensemble: [String] = []

  /// The default of the maximum length: this many tokens, and more per source token.
  static let (usualMaximum, usualPerSourceToken) = (50, 2.0)

  package init() {}

  /// The further translators of an ensemble, not yet on a device.
  func others() throws -> [Translator] { try ensemble.map { try ModelFolder($0).load(Translator.self) } }

  /// - Throws: `RecurrentError.invalidArgument` that names an option that does not fit another one.
  func check() throws {
    try requireUse(
      minimumLength <= maximumLength ?? .max, "--minimum-length",
      "\(minimumLength) is above the maximum of \(maximumLength ?? 0)", remedy: "use a lower one")
    try requireUse(
      !noUnknown || !replaceUnknown, "--replace-unknown", "--no-unknown excludes unknown words", remedy: "leave one out"
    )
  }

  /// - Throws: `RecurrentError.invalidArgument` that names an option that does not fit the model.
  func check(_ model: Translator) throws {
    let hasAttention = model.network.hasAttention
    for (option, isGiven) in [("--replace-unknown", replaceUnknown), ("--coverage-penalty", coveragePenalty > 0)] {
      try requireUse(hasAttention || !isGiven, option, "the model has no attention", remedy: "leave it out")
    }
  }

  /// Which translations are allowed.
  func constraints(_ model: Translator) throws -> DecodingConstraints {
    try DecodingConstraints(
      minimumLength: minimumLength, maximumLength: maximumLength ?? max(Self.usualMaximum, minimumLength),
      maximumPerSourceStep: maximumLength == nil ? Self.usualPerSourceToken : 0,
      blockedNgrams: blockNgrams,
      forbiddenTokens: noUnknown ? model.target?.vocabulary.unknown.map { [Int32($0)] } ?? [] : [])
  }

  /// The search.
  /// - Parameter nBest: The number of translations of a text.
  func search(_ model: Translator, nBest: Int = 1) throws -> BeamSearch {
    try BeamSearch(
      beam: beam, nBest: nBest, normalization: lengthNormalization, coveragePenalty: coveragePenalty,
      constraints: constraints(model))
  }
}

extension DecodingConstraints {
  /// Those of translations by default.
  static func ofTranslations() throws -> DecodingConstraints {
    try DecodingConstraints(
      maximumLength: SearchOptions.usualMaximum, maximumPerSourceStep: SearchOptions.usualPerSourceToken)
  }
}

extension LengthNormalization: ExpressibleByArgument {
  /// The values on the command line.
  public static var allValueStrings: [String] { ["average", "none", "wu:ALPHA"] }

  /// The value of an argument.
  public init?(argument: String) {
    switch argument {
    case "average": self = .average
    case "none": self = .none
    default:
      guard argument.hasPrefix("wu:"), let alpha = Double(argument.dropFirst(3)), (0...100).contains(alpha) else {
        return nil
      }
      self = .wu(alpha: alpha)
    }
  }

  /// The value on the command line.
  public var defaultValueDescription: String {
    switch self {
    case .average: "average"
    case .none: "none"
    case .wu(let alpha): "wu:\(alpha)"
    }
  }
}
