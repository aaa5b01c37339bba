import RecurrentCore

/// Numbers words by their bytes, in order of insertion; several times as fast as a dictionary of strings.
struct WordTable: Sendable, Hashable {
  private var bytes: [UInt8] = []
  /// The end of each word in `bytes`.
  private var ends: [Int] = []
  private var hashes: [UInt64] = []
  /// The indices of words by hash, with linear probing; -1 for a free slot. At least half are free.
  private var slots = [Int32](repeating: -1, count: 64)

  /// The number of words.
  var count: Int { ends.count }

  /// The words by index.
  var words: [String] {
    ends.indices.map { String(decoding: bytes[($0 == 0 ? 0 : ends[$0 - 1])..<ends[$0]], as: UTF8.self) }
  }

  /// The index of a word; nil if unknown.
  func number(of word: UnsafeBufferPointer<UInt8>) -> Int32? {
    let number = slots[slot(of: word, hash: fnv1a(word))]
    return number < 0 ? nil : number
  }

  /// The index of a word, which is inserted if unknown.
  mutating func insert(_ word: UnsafeBufferPointer<UInt8>) -> Int32 {
    let hash = fnv1a(word)
    let place = slot(of: word, hash: hash)
    if slots[place] >= 0 { return slots[place] }
    let number = Int32(ends.count)
    slots[place] = number
    bytes += word
    ends.append(bytes.count)
    hashes.append(hash)
    if 2 * ends.count > slots.count { grow() }
    return number
  }

  /// The slot of a word, or the free slot for it.
  private func slot(of word: UnsafeBufferPointer<UInt8>, hash: UInt64) -> Int {
    var place = first(hash)
    while slots[place] >= 0, !isWord(Int(slots[place]), word, hash) { place = (place + 1) & (slots.count - 1) }
    return place
  }

  /// The first slot of a hash: the high bits of the product, which differ even if words differ only in their last
  /// letter (Knuth's multiplicative hash).
  private func first(_ hash: UInt64) -> Int {
    Int(truncatingIfNeeded: (hash &* 0x9E37_79B9_7F4A_7C15) >> 32) & (slots.count - 1)
  }

  private func isWord(_ number: Int, _ word: UnsafeBufferPointer<UInt8>, _ hash: UInt64) -> Bool {
    guard hashes[number] == hash else { return false }
    let start = number == 0 ? 0 : ends[number - 1]
    return ends[number] - start == word.count && bytes[start..<ends[number]].elementsEqual(word)
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: 2 * slots.count)
    for (number, hash) in hashes.enumerated() {
      var place = first(hash)
      while slots[place] >= 0 { place = (place + 1) & (slots.count - 1) }
      slots[place] = Int32(number)
    }
  }
}
