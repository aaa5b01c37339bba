import RecurrentCore

/// Word vectors in text format: a row `word v1 v2 …` per word, as in GloVe, or after a first line `count size`, as in
/// word2vec and fastText. Files whose names end in `.gz` are unpacked.
///
/// Such files can be gigabytes: they are read sequentially, and only the requested vectors are kept.
public struct WordVectors: Sendable {
  /// The largest vector size.
  package static let largestSize = 65_536

  /// The file.
  public let path: String
  /// The vector size.
  public let size: Int
  /// The number of words by the first line, if it states one; the actual number may differ.
  public let count: Int?

  /// Opens a file of vectors and reads its beginning.
  /// - Throws: `RecurrentError.invalidData` with file and line, if it cannot be read or contains no vectors.
  public init(_ path: String) throws {
    var rows = try VectorRows(path)
    (self.path, size, count) = (path, try rows.size(), rows.count)
  }

  /// Vectors of the symbols of a vocabulary, to initialize an embedding: `[vocabulary.count, size]`, row-major.
  ///
  /// A symbol missing in the file gets the vector of its lower-case form, since many files contain lower-case words
  /// only; else its row is 0. Of repeated words the first is used.
  /// - Returns: The rows, the number of symbols found, and the number of words in the file.
  /// - Throws: `RecurrentError.invalidData` with file and line, for a row of another size than the others, or a value
  ///   that is not a finite number.
  public func vectors(for vocabulary: Vocabulary) throws -> (values: [Float], found: Int, words: Int) {
    let (cells, overflows) = vocabulary.count.multipliedReportingOverflow(by: size)
    try HostMemory.require(
      overflows ? .max : 4 * min(cells, .max / 4),
      for: "the vectors of \(vocabulary.count.grouped) words", at: path,
      remedy: "use a smaller vocabulary, or free memory")
    var wanted = Wanted(vocabulary.symbols)
    var values = [Float](repeating: 0, count: cells)
    var rows = try VectorRows(path)
    guard try rows.size() == size else {
      throw RecurrentError(.invalidData, "changed while being read", at: path, remedy: "try again")
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

/// The symbols whose vectors are searched.
private struct Wanted {
  private var exact: [String: Int] = [:]
  /// Symbols by their lower-case form, if it differs.
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

  /// The number of symbols with a vector so far.
  var found: Int { zip(isExact, isLowered).count { $0 || $1 } }

  /// The rows for this word's vector: its own, even if filled from the lower-case form, and those of symbols without a
  /// vector yet.
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
