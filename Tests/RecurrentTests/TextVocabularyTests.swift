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
    #expect(error?.place == "file.txt")
    #expect(error?.what == "the character \"z\" (U+007A) in line 2, column 3, is not in the vocabulary")
  }

  @Test func wordsAreOrderedByFrequencyThenName() throws {
    let vocabulary = try Vocabulary(of: "the cat saw the dog. don't!\nthe end", kind: .words)
    #expect(vocabulary.symbols == ["the", "\n", "!", ".", "cat", "dog", "don't", "end", "saw", "<unk>"])
    #expect(try vocabulary.encode("the zebra") == [0, 9])
    #expect(vocabulary.decode(try vocabulary.encode("the cat, saw.\nthe end")) == "the cat <unk> saw.\nthe end")
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
        == "vocabulary: the text is empty; give a text that has characters")
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
}
