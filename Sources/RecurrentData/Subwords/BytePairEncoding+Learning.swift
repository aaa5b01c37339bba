import RecurrentCore

extension BytePairEncoding {
  /// Learns merges from texts: each merge is that of the most frequent pair of neighboring symbols within words; of several,
  /// the one whose symbols are last by code point. The merges are those of `subword-nmt learn-bpe`, and of
  /// `learn-joint-bpe-and-vocab` for the texts of both languages.
  /// - Parameters:
  ///   - count: How many merges are learned at most.
  ///   - lines: Lines whose words are separated by spaces, or words.
  ///   - minimumFrequency: How often a pair occurs at least.
  /// - Throws: `RecurrentError.invalidArgument` if a number is below 1; `.invalidData` if no pair is frequent enough.
  public init(learning count: Int, from lines: some Sequence<String>, minimumFrequency: Int = 2) throws {
    try requirePositive([("number of merges", count), ("minimum frequency", minimumFrequency)], at: "merges")
    var learner = BytePairLearner(lines)
    var merges: [Merge] = []
    while merges.count < count, let merge = learner.next(after: merges.count, minimumFrequency: minimumFrequency) {
      merges.append(merge)
    }
    guard !merges.isEmpty else {
      throw RecurrentError(
        .invalidData, "no two characters occur together \(minimumFrequency) times", at: "merges",
        remedy: "use a longer text or whole words")
    }
    self.init(merges: merges)
  }
}

/// Learns merges one by one.
private struct BytePairLearner {
  /// The symbols of each word that occurs, and how often.
  private var words: [(symbols: [Int32], count: Int)] = []
  private var table = WordTable()
  private var bytes: [[UInt8]] = []
  private var statistics = PairStatistics()

  init(_ lines: some Sequence<String>) {
    var counts: [Int] = []
    var seen = WordTable()
    for line in lines {
      for var word in line.spacedWords {
        let index = Int(word.withUTF8 { seen.insert($0) })
        if index == counts.count { counts.append(0) }
        counts[index] += 1
      }
    }
    for (word, count) in zip(seen.words, counts) {
      var symbols = word.unicodeScalars.map { Array(String($0).utf8) }
      symbols[symbols.count - 1] += BytePairEncoding.wordEnd
      words.append((symbols.map { index(of: $0) }, count))
    }
    for (word, (symbols, count)) in words.enumerated() {
      for (first, second) in zip(symbols, symbols.dropFirst()) {
        statistics.add(count, 1, of: [first, second], in: Int32(word))
      }
    }
    statistics.start()
  }

  private mutating func index(of symbol: [UInt8]) -> Int32 {
    let index = symbol.withUnsafeBufferPointer { table.insert($0) }
    if Int(index) == bytes.count { bytes.append(symbol) }
    return index
  }

  /// The next merge, which is applied; nil if no pair is frequent enough.
  mutating func next(after merges: Int, minimumFrequency: Int) -> BytePairEncoding.Merge? {
    let best = statistics.best(after: merges) { [bytes] a, b in
      a[0] == b[0]
        ? bytes[Int(a[1])].lexicographicallyPrecedes(bytes[Int(b[1])])
        : bytes[Int(a[0])].lexicographicallyPrecedes(bytes[Int(b[0])])
    }
    guard let best, best.frequency >= minimumFrequency else { return nil }
    let pair = statistics.pairs[best.index]
    let (first, second) = (bytes[Int(pair[0])], bytes[Int(pair[1])])
    let merged = index(of: first + second)
    for word in statistics.remove(best.index) {
      let old = words[Int(word)]
      let new = Self.merge(pair, to: merged, in: old.symbols)
      words[Int(word)].symbols = new
      forget(pair, in: old.symbols, word, old.count)
      count(merged, in: new, word, old.count)
    }
    statistics.end(best.index, after: merges)
    return BytePairEncoding.Merge(
      first: String(decoding: first, as: UTF8.self), second: String(decoding: second, as: UTF8.self))
  }

  private static func merge(_ pair: SIMD2<Int32>, to merged: Int32, in symbols: [Int32]) -> [Int32] {
    var result: [Int32] = []
    var position = 0
    while position < symbols.count {
      let isPair = position + 1 < symbols.count && [symbols[position], symbols[position + 1]] == pair
      result.append(isPair ? merged : symbols[position])
      position += isPair ? 2 : 1
    }
    return result
  }

  /// Subtracts the pairs of a word that overlap with a pair.
  private mutating func forget(_ pair: SIMD2<Int32>, in symbols: [Int32], _ word: Int32, _ count: Int) {
    func isPair(at position: Int) -> Bool {
      position + 1 < symbols.count && symbols[position] == pair[0] && symbols[position + 1] == pair[1]
    }
    var position = 0
    while position + 1 < symbols.count {
      guard isPair(at: position) else {
        position += 1
        continue
      }
      if position > 0 { statistics.add(-count, -1, of: [symbols[position - 1], pair[0]], in: word) }
      // In A B A B the pair B A is subtracted once, by the second A B.
      if position + 2 < symbols.count, !isPair(at: position + 2) {
        statistics.add(-count, -1, of: [pair[1], symbols[position + 2]], in: word)
      }
      position += 2
    }
  }

  /// Adds the pairs of a word with a new symbol.
  private mutating func count(_ merged: Int32, in symbols: [Int32], _ word: Int32, _ count: Int) {
    for position in symbols.indices where symbols[position] == merged {
      if position > 0 { statistics.add(count, 1, of: [symbols[position - 1], merged], in: word) }
      if position + 1 < symbols.count, symbols[position + 1] != merged {
        statistics.add(count, 1, of: [merged, symbols[position + 1]], in: word)
      }
    }
  }
}
