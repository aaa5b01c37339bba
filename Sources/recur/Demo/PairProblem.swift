import ArgumentParser
import Recurrent

/// Pairs of sequences whose targets follow from their sources by a rule.
enum PairProblem: String, CaseIterable, ExpressibleByArgument {
  /// A sequence of symbols, and its reverse.
  case reverse
  /// A sequence of symbols, and the same symbols in order.
  case sort
  /// A written date, and the same as year, month and day.
  case dates

  /// The tokens of both sides.
  var tokens: TokenKind { self == .dates ? .characters : .whitespace }

  /// The number of training steps after which nearly all translations are exact.
  var steps: Int { self == .sort ? 6000 : 2500 }

  /// The rule, in a sentence.
  var rule: String {
    switch self {
    case .reverse: "Sequences of up to \(Self.longest) symbols, of \(Self.symbols.count), are reversed."
    case .sort: "Sequences of up to \(Self.longest) symbols, of \(Self.symbols.count), are sorted."
    case .dates: "Dates from 1950 to 2049, written in \(WrittenDate.forms.count) ways, become year, month and day."
    }
  }

  /// Pairs with different sources. The same seed gives the same pairs, on every machine.
  /// - Parameter count: Their number.
  func pairs(_ count: Int, seed: UInt64) -> [TextPair] {
    var random = RandomSource(seed: seed, stream: Self.stream)
    var sources: Set<String> = []
    var pairs: [TextPair] = []
    while pairs.count < count {
      let pair = pair(&random)
      if sources.insert(pair.source).inserted { pairs.append(pair) }
    }
    return pairs
  }

  private func pair(_ random: inout RandomSource) -> TextPair {
    guard self != .dates else { return WrittenDate.pair(&random) }
    let source = (0..<1 + random.integer(below: Self.longest)).map { _ in
      Self.symbols[random.integer(below: Self.symbols.count)]
    }
    let target = self == .sort ? source.sorted() : source.reversed()
    return TextPair(source: source.joined(separator: " "), target: target.joined(separator: " "))
  }

  private static let longest = 20
  private static let symbols = "abcdefghijklmnopqrst".map(String.init)
  // Far from the parameters', which count from 0, and not the diary's.
  private static let stream = RandomSource.samplingStream - 2
}
