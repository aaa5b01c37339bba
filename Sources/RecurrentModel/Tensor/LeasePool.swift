/// Memory that outlives a pass: a carried state. Goes back to its pool when its last holder lets go.
final class Lease {
  let region: Region
  /// The whole of the memory, of which `region` may be a part.
  private let piece: Region
  private let pool: LeasePool

  fileprivate init(_ region: Region, of piece: Region, _ pool: LeasePool) {
    self.region = region
    self.piece = piece
    self.pool = pool
  }

  deinit { pool.take(back: piece) }
}

/// The memory of leases that ended, kept for the next ones.
///
/// Sizes are rounded up, to four in each power of two, so that lengths which differ a little share pieces. What is kept is at
/// most as much as is leased, or a fixed reserve where that is more: a state of constant size is copied back and forth
/// between two pieces, and the sizes of long ago are given back to the device, the longest unused first.
final class LeasePool {
  /// What is kept whatever is leased, in elements: 16 MiB.
  static let reserve = 4 << 20

  /// The pieces of one size.
  private struct Shelf {
    var kept: [Region] = []
    var leased = 0
    /// The leases of the pass that leased last.
    var ofPass = (pass: 0, leases: 0)
    var lastUse = 0
  }

  private let backend: any Backend
  private var shelves: [Int: Shelf] = [:]
  private var leased = 0
  private var kept = 0
  private var clock = 0

  init(_ backend: any Backend) {
    self.backend = backend
  }

  /// The elements that are leased, and those that are kept for later.
  var counts: (leased: Int, kept: Int) { (leased, kept) }

  /// Memory of `rows` × `columns`, with whatever its last holder left in it.
  /// - Parameter pass: The tape's. The states that come into a pass and those that go out live side by side: so there are two
  ///   pieces for each lease of a pass that is held, and the second step allocates nothing.
  func lease(rows: Int, columns: Int, pass: Int) throws -> Lease {
    let count = rows.saturatingTimes(columns)
    let size = Self.size(for: count)
    // Taken out meanwhile, or its pieces would be copied.
    var shelf = shelves.removeValue(forKey: size) ?? Shelf()
    defer { shelves[size] = shelf }
    let piece: Region
    if let last = shelf.kept.popLast() {
      (piece, kept) = (last, kept - size)
    } else {
      piece = try newPiece(size)
    }
    leased += size
    shelf.leased += 1
    shelf.ofPass = (pass, shelf.ofPass.pass == pass ? shelf.ofPass.leases + 1 : 1)
    let held = min(shelf.ofPass.leases, shelf.leased)
    while shelf.leased + shelf.kept.count < 2 * held, kept + size <= limit, let spare = try? newPiece(size) {
      shelf.kept.append(spare)
      kept += size
    }
    return try Lease(piece.columns(0..<count).reshaped(rows: rows, columns: columns), of: piece, self)
  }

  /// The next of four sizes in each power of two, at least what a piece is aligned to.
  static func size(for count: Int) -> Int {
    let step = max(Arena.alignment, (1 << (Int.bitWidth - 1 - max(count, 1).leadingZeroBitCount)) / 4)
    return (max(count, 1) + step - 1) / step * step
  }

  private var limit: Int { max(leased, Self.reserve) }

  private func newPiece(_ size: Int) throws -> Region {
    try memory(for: "carried states") { try backend.allocate(columns: size) }
  }

  fileprivate func take(back piece: Region) {
    let size = piece.count
    leased -= size
    clock += 1
    shelves[size]?.leased -= 1
    shelves[size]?.lastUse = clock
    shelves[size]?.kept.append(piece)
    kept += size
    while kept > limit, let oldest = longestUnused {
      kept -= oldest * (shelves[oldest]?.kept.count ?? 0)
      shelves[oldest]?.kept = []
    }
  }

  /// The size whose last lease ended first, of those that are kept.
  private var longestUnused: Int? {
    shelves.lazy.filter { !$0.value.kept.isEmpty }.min { $0.value.lastUse < $1.value.lastUse }?.key
  }
}
