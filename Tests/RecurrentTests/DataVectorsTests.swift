import Foundation
import Recurrent
import Testing

/// Word vectors of GloVe and word2vec.
struct DataVectorsTests {
  private static let vocabulary = ["the", "The", "dog", "Paris", "new york", "<unk>"]

  private func vocabulary() throws -> Vocabulary {
    try Vocabulary(kind: .words, symbols: Self.vocabulary, unknown: 5)
  }

  private func line(_ text: String) throws -> String? {
    let files = try DataFiles()
    let path = try files.write(text, to: "x.txt")
    return files.line { _ = try WordVectors(path).vectors(for: vocabulary()) }
  }

  private static let rows = "the 1 -2e-1\nof 3 4\nThe 5 6\nparis 7 8\nnew york 9 10\nthe 0 0\n"

  @Test func bothFormatsPlainAndPacked() throws {
    let files = try DataFiles()
    let expected: [Float] = [1, -0.2, 5, 6, 0, 0, 7, 8, 9, 10, 0, 0]
    for (name, text) in [
      ("glove.txt", Self.rows), ("word2vec.vec", "6 2\r\n" + Self.rows.replacing("\n", with: " \r\n")),
    ] {
      for path in [try files.write(text, to: name), try files.pack(text, to: name + ".gz")] {
        let vectors = try WordVectors(path)
        #expect(vectors.size == 2 && vectors.count == (name == "glove.txt" ? nil : 6))
        let (values, found, words) = try vectors.vectors(for: vocabulary())
        #expect(values == expected && found == 4 && words == 6, "\(path)")
      }
    }
    let none = try WordVectors(files.write("x 1\n", to: "none")).vectors(for: vocabulary())
    #expect(none.found == 0 && none.values == [Float](repeating: 0, count: 6))
  }

  /// The first line may say another number of words than there are.
  @Test func anotherCountIsNoFault() throws {
    let files = try DataFiles()
    for promised in [1, 4] {
      let file = try WordVectors(files.write("\(promised) 2\nthe 1 2\ndog 3 4\n", to: "x.txt"))
      let (values, found, words) = try file.vectors(for: vocabulary())
      #expect(file.count == promised && words == 2 && found == 3)
      #expect(values == [1, 2, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0])
    }
  }

  /// Rows that do not fit a chunk, and a vocabulary of which a part is there.
  @Test func manyRows() throws {
    let files = try DataFiles()
    let size = 50
    let text = (0..<5000).map { row in
      "w\(row) " + (0..<size).map { "\(Double(row * size + $0) / 8)" }.joined(separator: " ") + "\n"
    }
    let vectors = try WordVectors(files.pack(text.joined(), to: "x.gz"))
    let symbols = (0..<100).map { "w\($0 * 97)" }
    let (values, found, _) = try vectors.vectors(for: Vocabulary(kind: .words, symbols: symbols))
    #expect(found == 52)
    for (number, value) in values.enumerated() {
      let row = number / size * 97
      #expect(value == (row < 5000 ? Float(row * size + number % size) / 8 : 0))
    }
  }

  @Test func badVectors() throws {
    let bad: [(String, String)] = [
      (
        "the 1 2\ndog 1\n",
        "line 2: has 1 value, other vectors have 2; download the file again, or remove the row"
      ),
      (
        "the 1 2\n\ndog 1 2 3\n",
        "line 3: has 3 values, other vectors have 2; download the file again, or remove the row"
      ),
      (
        "the 1 2\ndog\n",
        "line 2: has 0 values, other vectors have 2; download the file again, or remove the row"
      ),
      (
        "of 1 2\nthe 1 x\n",
        "line 2: \"x\", value 2 of the vector, is not a finite number; use vectors in the text format"
      ),
      (
        "the nan 2\n",
        "line 1: \"nan\", value 1 of the vector, is not a finite number; use vectors in the text format"
      ),
      (
        "the 1 1e40\n",
        "line 1: \"1e40\", value 2 of the vector, is not a finite number; use vectors in the text format"
      ),
      (
        "the\n",
        "line 1: the vector has 0 values; each row needs a word and its values; the embedding size is 1 to 65,536"
      ),
    ]
    for (text, expected) in bad { #expect(try line(text) == "x.txt, " + expected) }
    #expect(try line("") == "x.txt: is empty; use a file of word vectors")
    #expect(
      try line("2 2\nthe \0\u{1}\n")
        == "x.txt: contains NUL bytes, so it is not a text file; use the text format, not the binary one")
    let long = try line("2 2\nthe " + String(repeating: "1", count: 5 << 20))
    #expect(long == "x.txt, line 2: is longer than 4.0 MiB; check the file and its line ends")
    #expect(try line("\u{1F}\u{0}")?.hasPrefix("x.txt: contains NUL") == true)
  }
}
