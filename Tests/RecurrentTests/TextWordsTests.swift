import Foundation
import Testing

@testable import RecurrentData
@testable import RecurrentModel
@testable import RecurrentTasks

/// Where words begin and end, and their lower case. The right values are those of Unicode's tables in Python's `regex` (its
/// `Word_Break` property) and `str.lower()`.
struct TextWordsTests {
  private func tokens(_ text: String, _ kind: TokenKind = .words, _ rules: WordRules = WordRules()) -> [String] {
    var tokens: [String] = []
    kind.forEach(in: text, rules) { tokens.append(String(decoding: $0, as: UTF8.self)) }
    return tokens
  }

  private func scalars(_ tokens: [String]) -> [[Unicode.Scalar]] { tokens.map { Array($0.unicodeScalars) } }

  @Test(arguments: [
    // Soft hyphens, direction marks and byte-order marks are as if they were not there.
    ("co\u{AD}operate and co\u{AD}\nop", ["cooperate", "and", "co", "\n", "op"]),
    ("\u{FEFF}a \u{200E}b\u{200F}, \u{202A}c\u{202C}!\u{2069} \u{2060}", ["a", "b", ",", "c", "!"]),
    ("don\u{AD}'t the-\u{AD}end- x", ["don't", "the-end", "-", "x"]),
    // Joiners are written, but are no words.
    ("می\u{200C}خواهم क्\u{200D}ष", ["می\u{200C}خواهم", "क्\u{200D}ष"]),
    (" \u{200D} \u{AD}\u{2060}\t\u{200C}\u{200C} \u{E0067}", []), ("\u{200C}a ’\u{200D}n", ["a", "’\u{200D}", "n"]),
    ("rock’\u{200D}n ᠪᠣᠳ\u{180E}ᠠ", ["rock’\u{200D}n", "ᠪᠣᠳ\u{180E}ᠠ"]),
    // A space without width parts words.
    ("a\u{200B}b \u{200B}", ["a", "b"]),
    // Emoji sequences: joined, with a skin tone, a keycap, flags of two letters and of tags.
    (
      "👩\u{200D}🚀👍🏽x 1\u{FE0F}\u{20E3}🇩🇪🇫🇷🇮 🏴\u{E0067}\u{E0062}\u{E007F}.",
      [
        "👩\u{200D}🚀", "👍🏽", "x", "1\u{FE0F}\u{20E3}", "🇩🇪", "🇫🇷", "🇮",
        "🏴\u{E0067}\u{E0062}\u{E007F}", ".",
      ]
    ),
    // Marks of all kinds stay with what they follow; the Arabic number sign stands before its digits.
    (
      "e\u{301}e\u{20DD} ka\u{1B44} !\u{301}? \u{301}a",
      ["e\u{301}e\u{20DD}", "ka\u{1B44}", "!\u{301}", "?", "\u{301}", "a"]
    ),
    ("\u{600}١٢ x½", ["\u{600}١٢", "x½"]),
  ])
  func formatCharactersEndNoWord(text: String, expected: [String]) {
    #expect(scalars(tokens(text)) == scalars(expected))
  }

  @Test(arguments: [
    ("ΟΔΟΣ", "οδος"), ("ΣΑΣ", "σας"), ("Σ", "σ"), ("ΣΑΣ-ΑΣ", "σας-ας"), ("Σ'Σ", "σ'ς"), ("ΑΣ.", "ας."),
    ("ΑΣ.Β", "ασ.β"), ("ΑΣ1", "ας1"), ("1Σ", "1σ"), ("Α\u{301}Σ\u{301}", "α\u{301}ς\u{301}"), ("ΌΣΟΣ", "όσος"),
    ("ΑΣ\u{AD}Β", "ασ\u{AD}β"), ("\u{1FBC}Σ", "\u{1FB3}ς"), ("İI", "i\u{307}i"), ("ẞ", "ß"), ("\u{1C5}", "\u{1C6}"),
    ("\u{212B}\u{212A}", "åk"), ("ŸŚĆ", "ÿść"), ("", ""),
  ])
  func lowerCaseIsUnicodes(text: String, expected: String) {
    #expect(Array(text.inLowerCase().unicodeScalars) == Array(expected.unicodeScalars))
  }

  @Test func lowerCaseIsTheSameEverywhere() throws {
    let rules = WordRules(lowercases: true)
    let text = "Ο ΔΡΟΜΟΣ. ΔΡΟ\u{AD}ΜΟΣ δρόμος"
    #expect(tokens(text, .words, rules) == ["ο", "δρομος", ".", "δρομος", "δρόμος"])
    #expect(tokens(text, .whitespace, rules) == ["ο", "δρομος.", "δρο\u{AD}μος", "δρόμος"])
    let words = try Vocabulary(of: text, kind: .words, rules: rules)
    #expect(words.symbols == ["δρομος", ".", "δρόμος", "ο", "<unk>"])
    let tagged = try Vocabulary(ofWords: ["ΔΡΟΜΟΣ", "δρομος"], lowercases: true)
    #expect(tagged.symbols == ["δρομος", "<unk>"])
    #expect(try tagged.encode(words: ["Δρομος", "δρομοσ"]) == [0, 1])
    let files = try DataFiles()
    let vectors = try WordVectors(files.write("δρομος 1 2\nδρομοσ 3 4\n", to: "x.txt"))
    #expect(try vectors.vectors(for: Vocabulary(kind: .words, symbols: ["ΔΡΟΜΟΣ"])).values == [1, 2])
  }

  /// Models of files that do not have the key were trained on other words.
  @Test func earlierVocabulariesKeepTheirWords() throws {
    let symbols = #""symbols":["co","operate","\u00ad","cooperate","σ","δρομοσ","δρομος","👩","🚀","\u200d"]"#
    let text = "co\u{AD}operate"
    let read = { (keys: String) in
      try JSONDecoder().decode(Vocabulary.self, from: Data(#"{"tokens":"words",\#(keys)\#(symbols)}"#.utf8))
    }
    #expect(try read("").encode(text + " 👩\u{200D}🚀") == [0, 2, 1, 7, 9, 8])
    #expect(try read(#""unicode":true,"#).encode(text) == [3])
    #expect(try read(#""lowercase":true,"#).encode("ΔΡΟΜΟΣ") == [5])
    #expect(try read(#""lowercase":true,"#).encode(words: ["ΔΡΟΜΟΣ"]) == [5])
    #expect(try read(#""lowercase":true,"unicode":true,"#).encode("ΔΡΟΜΟΣ") == [6])
    for vocabulary in try [
      read(""), read(#""unicode":true,"#), Vocabulary(of: text, kind: .words), Vocabulary(of: text, kind: .whitespace),
      Vocabulary(of: text, kind: .characters),
    ] {
      #expect(try JSONDecoder().decode(Vocabulary.self, from: JSONEncoder().encode(vocabulary)) == vocabulary)
    }
  }

  @Test(arguments: [
    ("a b c\n", false), ("It is, as he said, so. And so on.\n", false), ("the <unk> was nov. N\n", true),
    ("an <unk>known one, and one.", false), ("it 's so , and not so .\nMr. X , too .\n", true), ("", false),
    ("Vraiment ? Oui, bien sûr. Oui, dit-il, oui.", false),
  ])
  func aTokenizedTextIsKnown(text: String, expected: Bool) {
    #expect(TokenizedText([text]).isTokenized == expected)
  }
}
