import Recurrent

/// Endless text with rules that can be checked: a diary of weather and dinners, one line per day.
///
///     tue, rain: fish for ada (cold [wet]); bye ada.
///     wed, snow: stew.
///
/// A line is valid if it is well formed; every bracket is closed by one of the same kind, in order; the guest at the end is the
/// one at the start; the day follows the previous one; and the dinner follows from the previous dinner and the weather. So a
/// model must match brackets, remember within a line, and remember across lines.
struct DiaryGrammar {
  /// Lines of a diary, each ended by a line break. The same seed gives the same text.
  func generate(seed: UInt64, lines: Int) -> String {
    var random = RandomSource(seed: seed, stream: Self.stream)
    var today = DiaryEntry(day: random.integer(below: 7), weather: 0, dinner: 0)
    var text = ""
    for _ in 0..<lines {
      today = DiaryEntry(after: today, weather: random.integer(below: Self.weathers.count))
      let isAlone = random.integer(below: 5) < 3
      let guest = isAlone ? nil : Self.guests[random.integer(below: Self.guests.count)]
      let note = Self.note(depth: max(random.integer(below: 4) - 1, 0), &random)
      text += "\(Self.days[today.day]), \(Self.weathers[today.weather]): \(Self.dinners[today.dinner])"
      text += (guest.map { " for \($0)" } ?? "") + note + (guest.map { "; bye \($0)" } ?? "") + ".\n"
    }
    return text
  }

  /// Whether a line obeys every rule.
  /// - Parameters:
  ///   - line: A line without its line break.
  ///   - previous: Yesterday's line; if it is nil or cannot be read, day and dinner may be any.
  func isValid(line: Substring, previous: Substring?) -> Bool {
    guard let today = DiaryEntry(line) else { return false }
    guard let yesterday = previous.flatMap(DiaryEntry.init) else { return true }
    return today == DiaryEntry(after: yesterday, weather: today.weather)
  }

  /// The fraction of the lines of a text that obey every rule, and their number. Text after the last line break is
  /// ignored.
  /// - Parameter previous: The line before the text, or nil.
  func validShare(of text: String, after previous: String? = nil) -> (share: Double, lines: Int) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    let valid = zip(lines, [previous.map { $0[...] }] + lines.map(Optional.some)).count {
      isValid(line: $0, previous: $1)
    }
    return (lines.isEmpty ? 0 : Double(valid) / Double(lines.count), lines.count)
  }

  // Far from the parameters', which count from 0, and not the sampler's.
  private static let stream = RandomSource.samplingStream - 1

  static let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
  static let weathers = ["sunny", "rain", "snow"]
  static let dinners = ["salad", "soup", "stew", "fish"]
  static let guests = ["ada", "bob", "cleo", "dan", "eva"]
  static let words = ["cold", "wet", "grey"]
  static let brackets: [Character: Character] = ["(": ")", "[": "]", "{": "}"]

  private static func note(depth: Int, _ random: inout RandomSource) -> String {
    guard depth > 0 else { return "" }
    let open = ["(", "[", "{"][random.integer(below: 3)] as Character
    let word = words[random.integer(below: words.count)]
    return " \(open)\(word)\(note(depth: depth - 1, &random))\(brackets[open] ?? open)"
  }
}
