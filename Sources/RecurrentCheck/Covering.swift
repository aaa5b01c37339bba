/// The sizes at which kernels tend to fail: one, a few, and around one vector, one tile and two tiles.
let edgeSizes = [1, 3, 31, 32, 33, 65]

/// A pairwise covering: rows with one level per factor, such that every pair of levels of any two factors occurs.
///
/// Greedy: a row starts from the first missing pair and gives each other factor the level that covers most new pairs.
func covering(_ levels: [Int]) -> [[Int]] {
  let starts = levels.indices.map { levels[..<$0].reduce(0, +) }
  let total = levels.reduce(0, +)
  var isMissing = [Bool](repeating: false, count: total * total)
  for (a, b) in pairs(levels.count) {
    for i in 0..<levels[a] {
      for j in 0..<levels[b] { isMissing[(starts[a] + i) * total + starts[b] + j] = true }
    }
  }

  var rows: [[Int]] = []
  while let first = isMissing.firstIndex(of: true) {
    var row = [Int?](repeating: nil, count: levels.count)
    for place in [first / total, first % total] {
      let factor = starts.lastIndex { $0 <= place } ?? 0
      row[factor] = place - starts[factor]
    }
    for factor in levels.indices where row[factor] == nil {
      let gain = { (level: Int) in
        row.indices.count { other in
          guard let chosen = row[other] else { return false }
          let (low, high) = (starts[other] + chosen, starts[factor] + level)
          return isMissing[min(low, high) * total + max(low, high)]
        }
      }
      // Break ties differently in each row.
      let candidates = (0..<levels[factor]).map { ($0 + rows.count + factor) % levels[factor] }
      row[factor] = candidates.max { gain($0) < gain($1) }
    }
    let complete = row.map { $0 ?? 0 }
    for (a, b) in pairs(levels.count) {
      isMissing[(starts[a] + complete[a]) * total + starts[b] + complete[b]] = false
    }
    rows.append(complete)
  }
  return rows
}

private func pairs(_ count: Int) -> [(Int, Int)] {
  (0..<count).flatMap { a in (a + 1..<max(count, a + 1)).map { (a, $0) } }
}

/// Reads a row of a covering, factor by factor.
struct CoveringRow {
  private var rest: ArraySlice<Int>

  init(_ row: [Int]) { rest = row[...] }

  mutating func next<Level>(_ levels: [Level]) -> Level { levels[rest.removeFirst()] }
  mutating func flag() -> Bool { rest.removeFirst() == 1 }
}
