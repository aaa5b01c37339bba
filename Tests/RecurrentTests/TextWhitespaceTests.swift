import Foundation
import Recurrent
import RecurrentReference
import Testing

/// Texts that are tokenized already, and measures that no tokenizer changes.
struct TextWhitespaceTests {
  private func words(_ vocabulary: Vocabulary, _ tokens: some Sequence<Int32>) -> [String] {
    tokens.map { vocabulary.symbols[Int($0)] }
  }

  /// `[word for line in file for word in line.split() + ["<eos>"]]`, in Python.
  @Test func tokensAreThoseOfTheData() throws {
    let text = "a <unk> N\r\n\n u.s.  's \r b\u{A0}co\u{AD}op,"
    let data = try TextDataset(text, tokens: .whitespace)
    let expected = ["a", "<unk>", "N", "<eos>", "<eos>", "u.s.", "'s", "<eos>", "b", "co\u{AD}op,", "<eos>"]
    #expect(words(data.vocabulary, data.tokens) == expected)
    #expect(data.vocabulary.unknown == data.vocabulary.symbols.firstIndex(of: "<unk>"))
    #expect(data.vocabulary.decode(data.tokens) == "a <unk> N\n\nu.s. 's\nb co\u{AD}op,\n")
    #expect(try data.vocabulary.encode("a z").map { data.vocabulary.symbols[Int($0)] } == ["a", "<unk>"])
    #expect(data.vocabulary.lineEnd == data.vocabulary.symbols.firstIndex(of: "<eos>").map(Int32.init))
  }

  @Test func aLineThatIsMarkedGetsNoSecondMark() throws {
    let data = try TextDataset("a <eos> b <eos>\n\nc <eos>", tokens: .whitespace)
    #expect(words(data.vocabulary, data.tokens) == ["a", "<eos>", "b", "<eos>", "<eos>", "c", "<eos>"])
  }

  @Test func lineEndsAreAlwaysKnown() throws {
    let limited = try Vocabulary(of: "a a a b b c\n", kind: .whitespace, maximumSize: 3)
    #expect(limited.symbols == ["a", "<eos>", "<unk>"])
    #expect(try Vocabulary(of: ["a a\n\n\nb"], kind: .whitespace, minimumCount: 2).symbols == ["<eos>", "a", "<unk>"])
    #expect(try Vocabulary(of: "a", kind: .whitespace).symbols == ["a", "<eos>", "<unk>"])
    let unmarked = try Vocabulary(
      of: "A b\na", kind: .whitespace, rules: WordRules(lowercases: true, keepsMarks: false))
    #expect(unmarked.symbols == ["a", "b", "<unk>"] && unmarked.lineEnd == nil)
    #expect(try unmarked.encode("b\nA") == [1, 0])
  }

  @Test(arguments: [(TokenKind.words, 5, 3), (.characters, 14, 8), (.whitespace, 5, 3)])
  func partsOfATextHaveTheirSizes(kind: TokenKind, count: Int, first: Int) throws {
    let data = try TextDataset("één twee.\ndrie", tokens: kind)
    #expect(data.size == TextSize(tokens: count, characters: 14, bytes: 16))
    let (training, validation) = try data.split(validationFraction: 0.4)
    #expect(training.tokens.count == first && validation.tokens.count == count - first)
    let cut = [.characters: "één twee", .words: "één twee.", .whitespace: "één twee.\n"][kind] ?? ""
    #expect(training.text == cut && training.text + validation.text == "één twee.\ndrie")
    #expect(validation.size.characters == 14 - cut.count && validation.size.bytes == 16 - cut.utf8.count)
  }

  @Test func bitsDoNotDependOnTokens() {
    let words = LanguageModelResult(loss: log(8), over: TextSize(tokens: 4, characters: 6, bytes: 8))
    #expect(abs(words.perplexity - 8) < 1e-12 && abs(words.bitsPerCharacter - 2) < 1e-12)
    #expect(abs(words.bitsPerByte - 1.5) < 1e-12)
    let characters = LanguageModelResult(loss: log(4), over: TextSize(tokens: 6, characters: 6, bytes: 8))
    #expect(abs(characters.bitsPerCharacter - 2) < 1e-12 && abs(characters.bitsPerByte - 1.5) < 1e-12)
  }

  @Test func aPromptIsKnownAndUnknownNeedNotBeDrawn() throws {
    let vocabulary = try Vocabulary(kind: .whitespace, symbols: ["<unk>", "a", "<eos>"], unknown: 0)
    let model = try LanguageModel(vocabulary: vocabulary, embedding: 2, rnn: LSTM(input: 2, hidden: 2))
    try model.move(to: Device(ReferenceBackend()))
    let drawn = try model.generate(prompt: "a <unk>", length: 60, seed: 1)
    #expect(drawn.contains("<unk>") && drawn.contains("a") && drawn.contains("\n"))
    let known = try model.generate(prompt: "a <unk>", length: 60, seed: 1, drawsUnknown: false)
    #expect(!known.contains("<unk>") && known.contains("a") && known.contains("\n"))
    #expect(
      message { _ = try model.generate(prompt: "a\nzebra", length: 1) }
        == "prompt: the word \"zebra\" is not in the vocabulary; use words of the training text"
    )
    model.vocabulary = try Vocabulary(kind: .characters, symbols: ["a", "b", "<unk>"], unknown: 2)
    #expect(message { _ = try model.generate(prompt: "az", length: 1) }?.contains("\"z\" (U+007A) in line 1") == true)
  }
}
