import RecurrentCore

/// Word vectors in a text: a row `word v1 v2 …` for each word, as GloVe has them, or after a first line `count size`, as
/// word2vec and fastText have them. The file may be packed by gzip, its name ending in `.gz`.
///
/// Such a file may have gigabytes: it is read from end to end, and no more of it kept than what is asked for.
public struct WordVectors: Sendable {
  /// The file.
  public let path: String
  /// The numbers of a vector.
  public let size: Int
  /// How many words there are by the first line, if it says it; there may be more or fewer.
  public let count: Int?

  /// Opens a file of vectors, and reads its beginning.
  /// - Throws: `RecurrentError.invalidData` that names file and line if it cannot be read or holds no vectors.
  public init(_ path: String) throws {
    var rows = try VectorRows(path)
    (self.path, size, count) = (path, try rows.size(), rows.count)
  }

  /// Vectors for the symbols of a vocabulary, to fill an embedding's table with: `[vocabulary.count, size]`, row after row.
  ///
  /// A symbol that the file does not have takes the vector of its lower-case form, as most files know words in that only;
  /// else its row is 0. Of a word that is there twice the first counts.
  /// - Returns: The rows, how many symbols were found, and how many words the file has.
  /// - Throws: `RecurrentError.invalidData` that names file and line: of a row with more or fewer numbers than the others, or a
  ///   number that is none or not finite.
  public func vectors(for vocabulary: Vocabulary) throws -> (values: [Float], found: Int, words: Int) {
    let (cells, overflows) = vocabulary.count.multipliedReportingOverflow(by: size)
    try HostMemory.require(
      overflows ? .max : 4 * min(cells, .max / 4),
      for: "the vectors of \(vocabulary.count.grouped) words", at: path, remedy: "keep fewer words, or free memory")
    var wanted = Wanted(vocabulary.symbols)
    var values = [Float](repeating: 0, count: cells)
    var rows = try VectorRows(path)
    guard try rows.size() == size else {
      throw RecurrentError(.invalidData, "has changed while it was read", at: path, remedy: "try again")
    }
    while let row = try rows.next() {
      let places = wanted.places(of: row.word)
      guard let first = places.first else { continue }
      try values.withUnsafeMutableBufferPointer {
        try row.parse(into: .init(rebasing: $0[first * size..<(first + 1) * size]))
      }
      for place in places.dropFirst() {
        for column in 0..<size { values[place * size + column] = values[first * size + column] }
      }
    }
    return (values, wanted.found, rows.read)
  }
}

/// The symbols that vectors are sought for.
private struct Wanted {
  private var exact: [String: Int] = [:]
  /// Symbols by their lower-case form, where that is another.
  private var lowered: [String: [Int]] = [:]
  private var isExact: [Bool]
  private var isLowered: [Bool]

  init(_ symbols: [String]) {
    (isExact, isLowered) = (symbols.map { _ in false }, symbols.map { _ in false })
    for (place, symbol) in symbols.enumerated() {
      exact[symbol] = exact[symbol] ?? place
      let lower = symbol.inLowerCase()
      if lower != symbol { lowered[lower, default: []].append(place) }
    }
  }

  /// How many have a vector by now.
  var found: Int { zip(isExact, isLowered).count { $0 || $1 } }

  /// The rows that this word's vector goes to: its own, even if it was filled from the lower-case form, and those of symbols
  /// that have none yet.
  mutating func places(of word: String) -> [Int] {
    var places: [Int] = []
    if let place = exact[word], !isExact[place] {
      isExact[place] = true
      places.append(place)
    }
    for place in lowered[word] ?? [] where !isExact[place] && !isLowered[place] {
      isLowered[place] = true
      places.append(place)
    }
    return places
  }
}
