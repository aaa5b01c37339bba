import RecurrentCore

/// Memory that outlives a pass: a carried state. Returns to its pool with its last reference.
final class Lease {
  let region: Region
  /// The whole piece of memory, which `region` may use only in part.
  private let piece: Region
  private let pool: LeasePool

  fileprivate init(_ region: Region, of piece: Region, _ pool: LeasePool) {
    self.region = region
    self.piece = piece
    self.pool = pool
  }

  deinit { pool.take(back: piece) }
}

/// The memory of ended leases, kept for reuse.
///
/// Sizes are rounded up, to four per power of two, so that similar lengths share pieces. At most as much is kept as is
/// leased, or a fixed reserve if that is more: a state of constant size alternates between two pieces, and unused sizes
/// are freed, least recently used first.
final class LeasePool {
  /// The reserve that is always kept, in elements: 16 MiB.
  static let reserve = 4 << 20

  /// The pieces of one size.
  private struct Shelf {
    var kept: [Region] = []
    var leased = 0
    /// The number of leases in the latest pass that leased.
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

  /// The elements leased, and the elements kept for reuse.
  var counts: (leased: Int, kept: Int) { (leased, kept) }

  /// Memory of `rows` × `columns`, uninitialized.
  /// - Parameter pass: The tape's pass. Incoming and outgoing states of a pass coexist, so two pieces are held per
  ///   lease, and the second step allocates nothing.
  func lease(rows: Int, columns: Int, pass: Int) throws -> Lease {
    let count = rows.saturatingTimes(columns)
    let size = Self.size(for: count)
    // Removed meanwhile, to avoid a copy of its pieces.
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

  /// The rounded size: four per power of two, at least the alignment.
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

  /// The least recently used size that is kept.
  private var longestUnused: Int? {
    shelves.lazy.filter { !$0.value.kept.isEmpty }.min { $0.value.lastUse < $1.value.lastUse }?.key
  }
}
