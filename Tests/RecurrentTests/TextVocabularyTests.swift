import Foundation
import Recurrent
import Testing

/// Text to tokens and back.
struct TextVocabularyTests {
  @Test func charactersAreScalarsInOrder() throws {
    let vocabulary = try Vocabulary(of: "b\r\na👩‍🚀é", kind: .characters)
    #expect(vocabulary.symbols == ["\n", "\r", "a", "b", "é", "\u{200D}", "👩", "🚀"])
    #expect(vocabulary.unknown == nil)
  }

  @Test(arguments: ["To be,\r\nor not — 到底\u{0}\t👩‍🚀 e\u{301}é", " ", "\n\n"])
  func charactersComeBackAsTheyWere(text: String) throws {
    let vocabulary = try Vocabulary(of: text, kind: .characters)
    let numbers = try vocabulary.encode(text)
    #expect(numbers.count == text.unicodeScalars.count)
    #expect(Array(vocabulary.decode(numbers).utf8) == Array(text.utf8))
  }

  @Test func unknownCharacterIsNamedWithItsPlace() throws {
    let vocabulary = try Vocabulary(of: "abc\n", kind: .characters)
    let error = #expect(throws: RecurrentError.self) { try vocabulary.encode("ab\nabz", from: "file.txt") }
    #expect(error?.kind == .invalidData)
    #expect(error?.location == "file.txt")
    #expect(error?.what == "the character \"z\" (U+007A) in line 2, column 3, is not in the vocabulary")
  }

  @Test func wordsAreOrderedByFrequencyThenName() throws {
    let vocabulary = try Vocabulary(of: "the cat saw the dog. don't!\nthe end", kind: .words)
    #expect(vocabulary.symbols == ["the", "\n", "!", ".", "cat", "dog", "don't", "end", "saw", "<unk>"])
    #expect(try vocabulary.encode("the zebra") == [0, 9])
    #expect(vocabulary.decode(try vocabulary.encode("the cat, saw.\nthe end")) == "the cat <unk> saw.\nthe end")
  }

  /// Many emoji are a sign and a scalar that says how it looks.
  @Test func whatFollowsAMarkBelongsToIt() throws {
    let heart = "\u{2764}\u{FE0F}"
    let vocabulary = try Vocabulary(of: "love\(heart)great \(heart) \u{301}a", kind: .words)
    #expect(vocabulary.symbols == [heart, "a", "great", "love", "\u{301}", "<unk>"])
  }

  @Test func aLimitKeepsTheMostFrequent() throws {
    let words = try Vocabulary(of: "a a a b b c", kind: .words, maximumSize: 3)
    #expect(words.symbols == ["a", "b", "<unk>"])
    let characters = try Vocabulary(of: "xxxyyz", kind: .characters, maximumSize: 3)
    #expect(try characters.encode("xyz") == [0, 1, 2])
    #expect(throws: RecurrentError.self) { try Vocabulary(of: "a", kind: .words, maximumSize: 1) }
  }

  @Test func anEmptyTextIsNamed() {
    #expect(
      message { _ = try Vocabulary(of: "", kind: .characters) }
        == "vocabulary: the text is empty; use a text with characters")
  }

  @Test func refusesSymbolsThatAreTwiceOrNotOne() {
    #expect(throws: RecurrentError.self) { try Vocabulary(kind: .characters, symbols: ["a", "a"]) }
    #expect(throws: RecurrentError.self) { try Vocabulary(kind: .characters, symbols: ["ab"]) }
    #expect(throws: RecurrentError.self) { try Vocabulary(kind: .words, symbols: []) }
    #expect(throws: RecurrentError.self) { try Vocabulary(kind: .words, symbols: ["a"], unknown: 1) }
  }

  @Test func charactersThatLookAlikeStayApart() throws {
    let text = "K\u{212A};\u{37E}"
    let vocabulary = try Vocabulary(of: text, kind: .characters)
    #expect(vocabulary.symbols.map { $0.unicodeScalars.map(\.value) } == [[0x3B], [0x4B], [0x37E], [0x212A]])
    #expect(try vocabulary.encode(text) == [1, 3, 0, 2])
    let limited = try Vocabulary(of: text + "K", kind: .characters, maximumSize: 2)
    #expect(try limited.encode("K\u{212A}") == [0, 1])
  }

  @Test func wordsMayBeLowerCaseAndWithoutMarks() throws {
    let text = "The cat, the Dog’s ÉTÉ — don't\nTHE-end! İ"
    let rules = WordRules(lowercases: true, keepsMarks: false)
    let vocabulary = try Vocabulary(of: text, kind: .words, rules: rules)
    #expect(vocabulary.symbols == ["the", "cat", "dog’s", "don't", "i̇", "the-end", "été", "<unk>"])
    #expect(try vocabulary.encode("THE été, e\u{301}te\u{301} Cat.") == [0, 6, 6, 1])
    let lowered = try Vocabulary(of: text, kind: .words, rules: WordRules(lowercases: true))
    #expect(lowered.symbols.contains("!") && lowered.symbols.contains("\n") && !lowered.symbols.contains("THE-end"))
    let written = try JSONEncoder().encode(vocabulary)
    #expect(try JSONDecoder().decode(Vocabulary.self, from: written) == vocabulary)
    #expect(
      !String(decoding: try JSONEncoder().encode(Vocabulary(of: text, kind: .words)), as: UTF8.self).contains("lower"))
    #expect(
      message { _ = try Vocabulary(of: text, kind: .characters, rules: rules) }
        == "vocabulary: rules for words, but the tokens are characters; use words as tokens")
  }

  @Test func manyTextsAndRareWords() throws {
    let texts = ["a b c", "a b", "a d d"]
    #expect(try Vocabulary(of: texts, kind: .words).symbols == ["a", "b", "d", "c", "<unk>"])
    let rare = try Vocabulary(of: texts, kind: .words, minimumCount: 2)
    #expect(rare.symbols == ["a", "b", "d", "<unk>"])
    #expect(try rare.encode("c a") == [3, 0])
    #expect(try Vocabulary(of: texts, kind: .characters, minimumCount: 2).symbols == [" ", "a", "b", "d", "<unk>"])
    #expect(
      message { _ = try Vocabulary(of: texts, kind: .words, minimumCount: 0) }
        == "vocabulary: minimum count is 0; it must be at least 1")
    #expect(message { _ = try Vocabulary(of: [String](), kind: .characters) }?.contains("is empty") == true)
  }

  @Test func wordsThatAreCutAlready() throws {
    let vocabulary = try Vocabulary(ofWords: ["@New York", "#x", "@new york", "<unk>", "#x"], lowercases: true)
    #expect(vocabulary.symbols == ["#x", "@new york", "<unk>"] || vocabulary.symbols == ["@new york", "#x", "<unk>"])
    let numbers = try vocabulary.encode(words: ["@NEW YORK", "?", "<unk>", "#X"])
    #expect(vocabulary.symbols[Int(numbers[0])] == "@new york" && numbers[1...2] == [2, 2])
    let closed = try Vocabulary(kind: .words, symbols: ["a"])
    #expect(
      message { _ = try closed.encode(words: ["a", "b"], from: "x.conll, line 7") }
        == "x.conll, line 7: the word \"b\" is not in the vocabulary; use words of the training text"
    )
    #expect(
      message { _ = try Vocabulary(of: "ab", kind: .characters).encode(words: ["a"]) }
        == "words: a vocabulary of characters has no words; use a vocabulary of words")
  }

  /// A file may have the unknown symbol anywhere, and its name twice.
  @Test(arguments: 0...3)
  func theUnknownSymbolMayBeAnywhere(place: Int) throws {
    var symbols = ["a", "b", "c"]
    symbols.insert("<unk>", at: place)
    let vocabulary = try Vocabulary(kind: .words, symbols: symbols, unknown: place)
    for (number, symbol) in symbols.enumerated() {
      #expect(try vocabulary.encode(words: [symbol]) == [Int32(number)])
    }
    #expect(try vocabulary.encode("z a") == [Int32(place), place == 0 ? 1 : 0])
    let twice = try Vocabulary(kind: .words, symbols: symbols + ["<unk>", "d"], unknown: place)
    #expect(try twice.encode(words: ["d", "c"]) == [5, place == 3 ? 2 : 3])
  }
}
