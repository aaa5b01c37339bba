import RecurrentCore
import RecurrentData
import RecurrentModel

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A language model as a search sees it: it continues one prompt, up to the boundary.
struct DecodedLanguageModel: DecodedModel {
  /// Where a continuation ends, which is what the boundary stands for.
  enum End {
    /// After a number of tokens: there, the boundary has a probability of 1.
    case tokens(Int)
    /// With the word of characters that the prompt ends within, or else the next one. The probability of the boundary is that
    /// of all characters that are no part of the word.
    case word(WordPosition)
  }

  let tokenCount: Int
  let sourceLengths = [0]
  private let model: LanguageModel
  private let tape: Tape
  private let prompt: ReadPrompt
  private let end: End
  /// For each position in a word, the one after each token; nil for a token that ends the word.
  private let next: [[WordPosition?]]
  /// The state of each row.
  private var state: RecurrentState
  /// The position of each row in its word.
  private var positions: [WordPosition]
  /// The number of tokens that the rows have.
  private var length = 0

  /// The most characters between a prompt and the next word.
  private static let mostSeparators = 8

  /// A model after a prompt.
  init(_ model: LanguageModel, after prompt: ReadPrompt, of vocabulary: Vocabulary, end: End, on tape: Tape) {
    (self.model, self.prompt, self.end, self.tape) = (model, prompt, end, tape)
    tokenCount = vocabulary.count + 1
    state = prompt.state
    guard case .word(let start) = end else {
      (positions, next) = ([], [])
      return
    }
    positions = [start]
    // An unknown character is a mark.
    let scalars = vocabulary.symbols.indices.map {
      $0 == vocabulary.unknown ? "\u{FFFD}" : vocabulary.symbols[$0].unicodeScalars.first ?? "\u{FFFD}"
    }
    next = WordPosition.allCases.map { position in scalars.map { position.advanced(by: $0) } }
  }

  mutating func step(tokens: [Int32], parents: [Int32], kept: [Int32]?) throws -> DecoderStep {
    defer { length += 1 }
    if case .tokens(length) = end { return .certainBoundary(rows: tokens.count, tokenCount: tokenCount) }
    let values = try logProbabilities(after: tokens, parents)
    if length > 0, case .word = end {
      // A token that ends a word has a probability of 0.
      positions = zip(tokens, parents).map { token, parent in
        next[positions[Int(parent)].rawValue][Int(token)] ?? .outside
      }
    }
    return DecoderStep(logProbabilities: withBoundary(values, rows: tokens.count))
  }

  /// The log probabilities of the tokens that follow each row, `[rows, V]`.
  private mutating func logProbabilities(after tokens: [Int32], _ parents: [Int32]) throws -> [Float] {
    tape.reset()
    guard length > 0 else {
      return try tape.tensor(prompt.logits, shape: [1, tokenCount - 1]).logSoftmax().values()
    }
    let output = try model(
      tape.tokens(tokens, steps: 1, batchSize: tokens.count), state: state.rows(parents))
    state = try output.state.detached()
    return try output.logits.logSoftmax().values()
  }

  /// Log probabilities `[rows, V]` as `[rows, tokenCount]`.
  private func withBoundary(_ values: [Float], rows: Int) -> [Float] {
    let count = tokenCount - 1
    var result: [Float] = []
    result.reserveCapacity(rows * tokenCount)
    for row in 0..<rows {
      let start = result.count
      result += values[row * count..<(row + 1) * count]
      result.append(-.infinity)
      guard case .word = end else { continue }
      let position = positions[row]
      var ending = 0.0
      for token in 0..<count {
        switch next[position.rawValue][token] {
        case nil: ending += exp(Double(values[row * count + token]))
        case .outside where length >= Self.mostSeparators: break
        default: continue
        }
        result[start + token] = -.infinity
      }
      if position != .outside { result[start + count] = Float(min(log(ending), 0)) }
    }
    return result
  }
}

extension DecoderStep {
  /// A step at which every sequence ends.
  fileprivate static func certainBoundary(rows: Int, tokenCount: Int) -> DecoderStep {
    var values = [Float](repeating: -.infinity, count: rows * tokenCount)
    for row in 1...rows { values[row * tokenCount - 1] = 0 }
    return DecoderStep(logProbabilities: values)
  }
}
