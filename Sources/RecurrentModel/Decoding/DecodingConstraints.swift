import RecurrentCore

/// Which sequences decoding may produce.
///
/// Lengths are those of the tokens, without the boundary.
public struct DecodingConstraints: Sendable, Hashable {
  /// The longest length that can be set.
  public static let largestLength = 100_000

  /// The shortest length: the boundary is not allowed before. A sequence ends earlier if no other token is allowed.
  public let minimumLength: Int
  /// The longest length for a source of length 0: the boundary follows.
  public let maximumLength: Int
  /// The tokens that are added to the longest length for each step of the source.
  public let maximumPerSourceStep: Double
  /// The length of n-grams that a sequence has once at most; nil for any (Paulus et al. 2017: trigrams).
  public let blockedNgrams: Int?
  /// Tokens that are never produced, such as the unknown word.
  public let forbiddenTokens: [Int32]

  /// Constraints.
  /// - Throws: `RecurrentError.invalidArgument` if a length is negative or above `largestLength`, the minimum is above the
  ///   maximum, the longest length would be 0, the tokens per step are not in `0 ... 1000`, or `blockedNgrams` is below 1.
  public init(
    minimumLength: Int = 0, maximumLength: Int = 200, maximumPerSourceStep: Double = 0, blockedNgrams: Int? = nil,
    forbiddenTokens: [Int32] = []
  ) throws {
    func require(_ condition: Bool, _ name: String, _ value: Any, _ remedy: String) throws {
      guard condition else {
        throw RecurrentError(.invalidArgument, "the \(name) is \(value)", at: "decoding", remedy: remedy)
      }
    }
    let lengths = 0...Self.largestLength
    let range = "use a value from 0 to \(Self.largestLength.grouped)"
    try require(lengths.contains(maximumLength), "maximum length", maximumLength, range)
    try require(lengths.contains(minimumLength), "minimum length", minimumLength, range)
    try require(
      (0...1000).contains(maximumPerSourceStep), "maximum length per source step", maximumPerSourceStep,
      "use a value from 0 to 1000")
    try require(maximumLength > 0 || maximumPerSourceStep > 0, "maximum length", maximumLength, "use 1 or more")
    try require(
      minimumLength <= maximumLength || maximumPerSourceStep > 0, "minimum length", minimumLength,
      "it must be at most the maximum length, \(maximumLength)")
    if let blockedNgrams {
      try require(blockedNgrams >= 1, "length of blocked n-grams", blockedNgrams, "use 1 or more")
    }
    self.minimumLength = minimumLength
    self.maximumLength = maximumLength
    self.maximumPerSourceStep = maximumPerSourceStep
    self.blockedNgrams = blockedNgrams
    self.forbiddenTokens = forbiddenTokens
  }

  /// The longest length for a source.
  func longest(sourceLength: Int) -> Int {
    Int(min(maximumPerSourceStep * Double(sourceLength), Double(Self.largestLength))) + maximumLength
  }

  /// Throws unless every forbidden token is a token other than the boundary.
  func check(tokenCount: Int) throws {
    for token in forbiddenTokens where token < 0 || token >= tokenCount - 1 {
      throw RecurrentError(
        .invalidArgument, "token \(token) cannot be forbidden (\(tokenCount) tokens; the last is the boundary)",
        at: "decoding", remedy: "use tokens from 0 to below \(tokenCount - 1)")
    }
  }

  /// The tokens that may not follow, unsorted: never all of them.
  /// - Parameters:
  ///   - tokens: The tokens so far; they are not read unless n-grams are blocked.
  ///   - length: Their number.
  package func excludedTokens(after tokens: @autoclosure () -> [Int32], length: Int, tokenCount: Int) -> [Int32] {
    var excluded = forbiddenTokens
    if let blockedNgrams, length >= blockedNgrams {
      let tokens = tokens()
      let suffix = tokens.suffix(blockedNgrams - 1)
      for end in (blockedNgrams - 1)..<tokens.count
      where tokens[(end - blockedNgrams + 1)..<end].elementsEqual(suffix) { excluded.append(tokens[end]) }
    }
    let isStuck = excluded.count >= tokenCount - 1 && Set(excluded).count >= tokenCount - 1
    if length < minimumLength, !isStuck { excluded.append(Int32(tokenCount - 1)) }
    return excluded
  }
}
