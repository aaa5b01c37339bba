/// The contents of a line of the diary on which the next line depends.
struct DiaryEntry: Equatable {
  let day: Int
  let weather: Int
  let dinner: Int

  init(day: Int, weather: Int, dinner: Int) {
    self.day = day
    self.weather = weather
    self.dinner = dinner
  }

  /// The next day. Each weather has its dinner: salad if sunny, soup in the rain, stew in the snow. No dinner is
  /// repeated on the next day: then it is fish, or soup in the snow.
  init(after yesterday: DiaryEntry, weather: Int) {
    day = (yesterday.day + 1) % DiaryGrammar.days.count
    self.weather = weather
    dinner = yesterday.dinner == weather ? [3, 3, 1][weather] : weather
  }

  /// Reads a line: `DAY, WEATHER: DINNER[ for GUEST][ NOTE][; bye GUEST].`
  init?(_ line: Substring) {
    var rest = line
    guard let day = rest.take(one: DiaryGrammar.days), rest.take(", "),
      let weather = rest.take(one: DiaryGrammar.weathers), rest.take(": "),
      let dinner = rest.take(one: DiaryGrammar.dinners)
    else { return nil }
    if rest.take(" for ") {
      guard let guest = rest.take(one: DiaryGrammar.guests), rest.takeNote(),
        rest.take("; bye " + DiaryGrammar.guests[guest])
      else { return nil }
    } else {
      guard rest.takeNote() else { return nil }
    }
    guard rest == "." else { return nil }
    self.init(day: day, weather: weather, dinner: dinner)
  }
}

extension Substring {
  /// Removes `prefix` from the start, if present.
  fileprivate mutating func take(_ prefix: String) -> Bool {
    guard hasPrefix(prefix) else { return false }
    self = dropFirst(prefix.count)
    return true
  }

  /// Removes the word of a list with which the text starts, and returns its index.
  fileprivate mutating func take(one words: [String]) -> Int? { words.firstIndex { take($0) } }

  /// Removes a note: a bracket, a word, an optional note, the closing bracket. False if it is malformed.
  fileprivate mutating func takeNote() -> Bool {
    guard let (open, close) = DiaryGrammar.brackets.first(where: { hasPrefix(" \($0.key)") }) else { return true }
    return take(" \(open)") && take(one: DiaryGrammar.words) != nil && takeNote() && take("\(close)")
  }
}
