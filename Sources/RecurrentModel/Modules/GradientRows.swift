import RecurrentCore

/// The rows of a sparse parameter `[V, D]` that have a gradient since the last reset to 0, and where.
///
/// The gradient memory is filled from its start: its k-th row is the gradient of row `rows[k]`. So a step reads and
/// writes only the rows that occur.
final class GradientRows {
  /// The rows, in the order of their first occurrence.
  private(set) var rows: [Int32] = []
  private let memory: Region
  // For each of the V rows: the position of its gradient, or −1.
  private var places: [Int32]
  private let indices: Indices
  private let backend: any Backend

  /// - Parameter memory: `[V, D]`.
  init(_ memory: Region, on backend: any Backend) throws {
    self.memory = memory
    self.backend = backend
    places = Array(repeating: -1, count: memory.rows)
    indices = try Indices(backend.allocate(memory.rows), count: memory.rows)
  }

  /// The gradients of `rows`, in their order.
  var gradient: Region { memory.rows(0..<rows.count) }

  /// Sets the gradient of every row to 0.
  func clear() {
    for row in rows { places[Int(row)] = -1 }
    rows.removeAll(keepingCapacity: true)
  }

  /// The positions of the gradients of these rows. New rows get a gradient of 0.
  func places(of wanted: [Int32]) throws -> [Int32] {
    let before = rows.count
    let found = wanted.map { row in
      if places[Int(row)] < 0 {
        places[Int(row)] = Int32(rows.count)
        rows.append(row)
      }
      return places[Int(row)]
    }
    if rows.count > before { try backend.fill(memory.rows(before..<rows.count), with: 0) }
    return found
  }

  /// Replaces the gradient of all V rows; only rows that are not 0 are kept.
  func set(_ gradient: [Float]) throws {
    clear()
    let width = memory.columns
    let wanted = (0..<memory.rows).filter { row in gradient[row * width..<(row + 1) * width].contains { $0 != 0 } }
    guard !wanted.isEmpty else { return }
    _ = try places(of: wanted.map { Int32($0) })
    try backend.upload(wanted.flatMap { gradient[$0 * width..<($0 + 1) * width] }, to: self.gradient)
  }

  /// `rows` on the device.
  func uploadedRows() throws -> Indices {
    let uploaded = try Indices(indices.buffer, count: rows.count)
    try backend.upload(rows, to: uploaded)
    return uploaded
  }

  /// The gradient of all V rows, on the host.
  func values() throws -> [Float] {
    var values = [Float](repeating: 0, count: memory.count)
    let found = try backend.download(gradient)
    for (place, row) in rows.enumerated() {
      for column in 0..<memory.columns {
        values[Int(row) * memory.columns + column] = found[place * memory.columns + column]
      }
    }
    return values
  }
}
