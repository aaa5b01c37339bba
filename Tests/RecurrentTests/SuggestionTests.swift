import RecurrentCPU
import RecurrentCore
import RecurrentData
import RecurrentModel
import RecurrentTasks
import TestSupport
import Testing

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Likely continuations, against the probabilities of all of them in tiny vocabularies.
struct SuggestionTests {
  /// A model with random weights, which are large enough that its predictions differ.
  private func model(_ vocabulary: Vocabulary, on backend: any Backend, seed: UInt64 = 4) throws -> LanguageModel {
    let model = try LanguageModel(vocabulary: vocabulary, embedding: 6, rnn: GRU(input: 6, hidden: 8))
    try model.move(to: Device(backend), seed: seed)
    try model.head.weight.setValues(model.head.weight.values().map { 5 * $0 })
    return model
  }

  private func characters(_ symbols: String, unknown: Int? = nil) throws -> Vocabulary {
    try Vocabulary(kind: .characters, symbols: symbols.map(String.init), unknown: unknown)
  }

  /// The probabilities of the tokens after a text, in Double.
  private func probabilities(_ model: LanguageModel, after text: String, on tape: Tape) throws -> [Double] {
    let tokens = try #require(model.vocabulary).encode(text)
    let logits = try model.logits(for: tokens, on: tape).logits.map { exp(Double($0)) }
    return logits.map { $0 / logits.reduce(0, +) }
  }

  @Test(arguments: TestDevice.all) func wordsOfCharacters(_ device: TestDevice) throws {
    try device.run { backend in
      let model = try model(characters("ab' .\n"), on: backend)
      let tape = Tape(Device(backend), mode: .evaluation)
      let symbols = try #require(model.vocabulary).symbols
      /// All words that continue a prompt, with at most so many characters more.
      func words(after prompt: String, _ rest: String, _ probability: Double, most: Int) throws -> [String: Double] {
        let isWithin = WordPosition.end(of: prompt + rest)
        var found: [String: Double] = [:]
        var end = 0.0
        for (symbol, share) in zip(symbols, try probabilities(model, after: prompt + rest, on: tape)) {
          let scalar = try #require(symbol.unicodeScalars.first)
          if isWithin.position.advanced(by: scalar) == nil {
            end += share
          } else if rest.count < most {
            found.merge(
              try words(after: prompt, rest + symbol, probability * share, most: most), uniquingKeysWith: +)
          }
        }
        if isWithin.position != .outside { found[rest] = probability * end }
        return found
      }
      for (prompt, beginning) in [("a b ", ""), ("b a", "a"), (".ab'", "ab'"), ("b\n", "")] {
        let all = try words(after: prompt, "", 1, most: 4).sorted { $0.value > $1.value }
        let found = try model.suggestions(after: prompt, count: 8)
        #expect(found.map(\.continuation) == all.prefix(8).map(\.key), "after \(prompt)")
        for (suggestion, word) in zip(found, all) {
          #expect(abs(suggestion.probability - word.value) < 1e-5)
          #expect(suggestion.text == beginning + word.key)
        }
        #expect(try model.suggestions(after: prompt, count: 8) == found)
        #expect(try model.suggestions(after: prompt, count: 3) == Array(found.prefix(3)))
      }
    }
  }

  @Test(arguments: TestDevice.all) func continuationsOfALength(_ device: TestDevice) throws {
    try device.run { backend in
      let model = try model(characters("abc \n"), on: backend)
      let tape = Tape(Device(backend), mode: .evaluation)
      let symbols = try #require(model.vocabulary).symbols
      var all: [(text: String, probability: Double)] = [("", 1)]
      for _ in 0..<3 {
        all = try all.flatMap { start in
          zip(symbols, try probabilities(model, after: "ab" + start.text, on: tape)).map {
            (start.text + $0, start.probability * $1)
          }
        }
      }
      all.sort { $0.probability > $1.probability }
      let found = try model.suggestions(after: "ab", count: 125, length: 3)
      #expect(found.count == 125)
      #expect(abs(found.reduce(0) { $0 + $1.probability } - 1) < 1e-5)
      #expect(zip(found, found.dropFirst()).allSatisfy { $0.probability >= $1.probability })
      for (suggestion, continuation) in zip(found, all) {
        #expect(abs(suggestion.probability - continuation.probability) < 1e-5)
      }
      #expect(found.prefix(5).map(\.text) == all.prefix(5).map(\.text))
      #expect(found.allSatisfy { $0.text == $0.continuation })
    }
  }

  @Test func aWordIsAToken() throws {
    let backend = try CPUBackend()
    let vocabulary = try Vocabulary(of: "the cat sat, the dog sat\n", kind: .words)
    let model = try model(vocabulary, on: backend)
    let tape = Tape(Device(backend), mode: .evaluation)
    let shares = try probabilities(model, after: "the cat", on: tape)
    let order = shares.indices.sorted { shares[$0] > shares[$1] }
    let found = try model.suggestions(after: "the cat", count: 20)
    #expect(found.map(\.text) == order.map { vocabulary.symbols[$0] })
    #expect(abs(found.reduce(0) { $0 + $1.probability } - 1) < 1e-5)
    for suggestion in found {
      let isAttached = [",", "\n"].contains(suggestion.text)
      #expect(suggestion.continuation == (isAttached ? "" : " ") + suggestion.text)
    }
    // Without <unk>, the others keep their probabilities.
    let known = try model.suggestions(after: "the cat", count: 20, allowsUnknown: false)
    #expect(known == found.filter { $0.text != Vocabulary.unknownWord })
    #expect(
      try model.suggestions(after: "the", count: 2, length: 2).allSatisfy {
        $0.text.contains(" ") || $0.text.contains(",") || $0.text.contains("\n")
      })
  }

  @Test func wordPositions() {
    for (text, position, beginning) in [
      ("", WordPosition.outside, ""), ("I want to or", .inside, "or"), ("to ", .outside, ""),
      ("don'", .afterJoint, "don'"),
      ("don't", .inside, "don't"), ("'t", .inside, "t"), ("so--", .outside, ""), ("e\u{301}t", .inside, "e\u{301}t"),
      ("3.14", .inside, "14"), ("a\u{200B}", .outside, ""),
    ] {
      let end = WordPosition.end(of: text)
      #expect(end.position == position && end.beginning == beginning, "\(text)")
    }
  }

  @Test func badInput() throws {
    let backend = try CPUBackend()
    let model = try model(characters("ab "), on: backend)
    func expect(_ kind: RecurrentError.Kind, _ what: String, _ body: () throws -> [Suggestion]) {
      let error = #expect(throws: RecurrentError.self) { try body() }
      #expect(error?.kind == kind && error?.what.contains(what) == true, "\(String(describing: error))")
    }
    for count in [0, -1, 1001] {
      expect(.invalidArgument, "the number of suggestions is \(count)") { try model.suggestions(count: count) }
    }
    for length in [0, 100_001] {
      expect(.invalidArgument, "the length is \(length)") { try model.suggestions(length: length) }
    }
    expect(.invalidData, "\"x\"") { try model.suggestions(after: "ax") }
    expect(.invalidArgument, "no letters") {
      try self.model(characters(". "), on: backend).suggestions()
    }
    try model.head.weight.setValues(model.head.weight.values().map { _ in .nan })
    expect(.diverged, "log probability") { try model.suggestions(after: "a") }
    expect(.diverged, "log probability") { try model.suggestions(after: "a", length: 2) }
    model.vocabulary = nil
    expect(.invalidModel, "no vocabulary") { try model.suggestions() }
  }
}
