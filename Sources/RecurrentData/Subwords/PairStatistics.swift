/// The frequencies of pairs of neighboring symbols while merges are learned.
///
/// As in subword-nmt, rare pairs are set aside, so that few are compared for each merge. A frequency that is set aside
/// is not updated correctly if it increases later, which affects ties and the last merges: the same rules give the same
/// merges.
struct PairStatistics {
  /// The symbols of each pair, by index.
  private(set) var pairs: [SIMD2<Int32>] = []
  private var indices: [UInt64: Int] = [:]
  /// The number of occurrences of each pair in each word.
  private var words: [[Int32: Int]] = []

  /// The frequencies of the pairs that are compared, and of those set aside; nil for none.
  private var current: [Int?] = []
  private var aside: [Int?] = []
  /// The pairs that are compared.
  private var compared: [Int] = []
  private var threshold = 0.0

  /// Adds to the frequency of a pair, and to its occurrences in a word.
  mutating func add(_ frequency: Int, _ occurrences: Int, of pair: SIMD2<Int32>, in word: Int32) {
    let index = index(of: pair)
    set(index, (current[index] ?? 0) + frequency)
    words[index][word, default: 0] += occurrences
  }

  private mutating func index(of pair: SIMD2<Int32>) -> Int {
    let key = BytePairEncoding.key(pair[0], pair[1])
    if let index = indices[key] { return index }
    indices[key] = pairs.count
    pairs.append(pair)
    words.append([:])
    current.append(nil)
    aside.append(nil)
    return pairs.count - 1
  }

  private mutating func set(_ index: Int, _ frequency: Int) {
    if current[index] == nil { compared.append(index) }
    current[index] = frequency
  }

  /// Ends the counting of the text: pairs below a tenth of the greatest frequency may be set aside.
  mutating func start() {
    aside = current
    threshold = Double(current.lazy.compactMap(\.self).max() ?? 0) / 10
  }

  /// The most frequent pair, of several the last by its symbols; nil if there is none.
  /// - Parameter merges: The number of merges so far.
  mutating func best(after merges: Int, precedes: (SIMD2<Int32>, SIMD2<Int32>) -> Bool) -> (index: Int, frequency: Int)?
  {
    var best = greatest(precedes)
    if best.map({ merges > 0 && Double(frequency($0)) < threshold }) ?? true {
      setAside()
      current = aside
      compared = current.indices.filter { current[$0] != nil }
      guard let found = greatest(precedes) else { return nil }
      threshold = Double(frequency(found) * merges) / (Double(merges) + 10_000)
      setAside()
      best = found
    }
    return best.map { ($0, frequency($0)) }
  }

  /// The words with a pair, which is now in none.
  mutating func remove(_ pair: Int) -> [Int32] {
    defer { words[pair] = [:] }
    set(pair, 0)
    return words[pair].filter { $0.value > 0 }.map(\.key)
  }

  /// Ends a merge.
  mutating func end(_ pair: Int, after merges: Int) {
    set(pair, 0)
    if merges % 100 == 0 { setAside() }
  }

  private func frequency(_ index: Int) -> Int { current[index] ?? 0 }

  private func greatest(_ precedes: (SIMD2<Int32>, SIMD2<Int32>) -> Bool) -> Int? {
    guard var best = compared.first else { return nil }
    for index in compared {
      let (value, most) = (frequency(index), frequency(best))
      if value > most || value == most && precedes(pairs[best], pairs[index]) { best = index }
    }
    return best
  }

  /// Sets pairs below the threshold aside.
  private mutating func setAside() {
    var rest: [Int] = []
    for index in compared {
      let frequency = frequency(index)
      guard Double(frequency) < threshold else {
        rest.append(index)
        continue
      }
      current[index] = nil
      aside[index] = frequency < 0 ? (aside[index] ?? 0) + frequency : frequency
    }
    compared = rest
  }
}
