import Testing

@testable import recur

/// The demo's text obeys its own rules, and each rule can be broken.
struct DiaryGrammarTests {
  private let grammar = DiaryGrammar()

  @Test(arguments: 0..<5 as Range<UInt64>)
  func whatItWritesIsValid(seed: UInt64) {
    let text = grammar.generate(seed: seed, lines: 500)
    #expect(grammar.validShare(of: text) == (1, 500))
    #expect(text == grammar.generate(seed: seed, lines: 500))
    #expect(text != grammar.generate(seed: seed + 100, lines: 500))
  }

  @Test(arguments: [
    ("tue, rain: soup for ada (cold [wet]); bye ada.", "mon, sunny: salad.", true),
    ("tue, rain: soup for ada (cold [wet)]; bye ada.", "mon, sunny: salad.", false),
    ("tue, rain: soup for ada (cold [wet]; bye ada.", "mon, sunny: salad.", false),
    ("tue, rain: soup for ada; bye bob.", "mon, sunny: salad.", false),
    ("tue, rain: soup for ada.", "mon, sunny: salad.", false),
    ("tue, rain: soup; bye ada.", "mon, sunny: salad.", false),
    ("wed, rain: soup.", "mon, sunny: salad.", false),
    ("tue, rain: fish.", "mon, sunny: salad.", false),
    ("tue, rain: fish.", "mon, rain: soup.", true),
    ("tue, rain: soup.", "mon, rain: soup.", false),
    ("tue, snow: soup.", "mon, snow: stew.", true),
    ("mon, sunny: salad.", "sun, rain: soup.", true),
    ("mon, sunny: salad", "sun, rain: soup.", false),
    ("mon, sunny: salad (dry).", "sun, rain: soup.", false),
    ("mon, sunny: salad.", "nonsense", true),
    ("", "sun, rain: soup.", false),
  ])
  func eachRuleCounts(line: String, previous: String, isValid: Bool) {
    #expect(grammar.isValid(line: line[...], previous: previous[...]) == isValid)
  }

  @Test func anUnfinishedLineDoesNotCount() {
    #expect(grammar.validShare(of: "tue, rain: soup.\nwed, su", after: "mon, sunny: salad.") == (1, 1))
    #expect(grammar.validShare(of: "tue, rain: soup.\n", after: "tue, sunny: salad.") == (0, 1))
    #expect(grammar.validShare(of: "tue").lines == 0)
  }
}
