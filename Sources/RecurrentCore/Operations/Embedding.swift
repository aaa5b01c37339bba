/// `output[i] = table[indices[i]]`; a negative index gives a row of 0.
public struct Gather {
  /// `[V, D]`.
  package let table: Region
  /// R row indices below V (the caller checked them at upload).
  package let indices: Indices
  /// `[R, D]`.
  package let output: Output

  /// Gathers rows of a table.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public init(_ table: Region, _ indices: Indices, into output: Output) throws {
    try require(
      output.region.rows == indices.count && output.region.columns == table.columns, "gather",
      "\(indices.count) rows of \(table.shape) into \(output.region.shape)")
    self.table = table
    self.indices = indices
    self.output = output
  }
}

/// The positions of each index, from which `ScatterAdd` sums in a fixed order without atomics.
///
/// The k-th distinct index, in ascending order, is `rows[k]`; its positions are `positions[starts[k] ..< starts[k +
/// 1]]`, in ascending order. Negative indices are left out. `Occurrences.of(_:)` makes the three lists on the host.
public struct Occurrences {
  /// The distinct indices; the first `count` are used.
  package let rows: Indices
  /// The start of each index's positions; the first `count + 1` are used.
  package let starts: Indices
  /// The positions.
  package let positions: Indices
  /// The number of distinct indices.
  package let count: Int

  /// Uploaded lists of `Occurrences.of(_:)`.
  public init(rows: Indices, starts: Indices, positions: Indices, count: Int) {
    self.rows = rows
    self.starts = starts
    self.positions = positions
    self.count = count
  }

  /// The three lists for `indices`, to be uploaded. A counting sort, as it runs in every training step.
  public static func of(_ indices: [Int32]) -> (rows: [Int32], starts: [Int32], positions: [Int32]) {
    let limit = Int(max(indices.max() ?? -1, -1)) + 1
    return withUnsafeTemporaryAllocation(of: Int32.self, capacity: limit) { places in
      // The next free position of each index, after a first pass that counts.
      places.initialize(repeating: 0)
      for index in indices where index >= 0 { places[Int(index)] += 1 }
      var (rows, starts): ([Int32], [Int32]) = ([], [])
      rows.reserveCapacity(min(limit, indices.count))
      starts.reserveCapacity(min(limit, indices.count) + 1)
      var total: Int32 = 0
      for index in 0..<limit where places[index] > 0 {
        rows.append(Int32(index))
        starts.append(total)
        (places[index], total) = (total, total + places[index])
      }
      starts.append(total)
      let positions = [Int32](unsafeUninitializedCapacity: Int(total)) { positions, count in
        for (position, index) in indices.enumerated() where index >= 0 {
          positions[Int(places[Int(index)])] = Int32(position)
          places[Int(index)] += 1
        }
        count = Int(total)
      }
      return (rows, starts, positions)
    }
  }
}

/// `table[occurrences.rows[k]] += Σ dy[position]`: the gradient of `Gather`. Other rows do not change.
public struct ScatterAdd {
  /// `[R, D]`.
  package let dy: Region
  /// The positions of each index.
  package let occurrences: Occurrences
  /// `[V, D]`, added to.
  package let table: Region

  /// Adds gradients to the rows of a table.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public init(_ dy: Region, _ occurrences: Occurrences, into table: Region) throws {
    try require(dy.columns == table.columns, "scatter-add", "\(dy.shape) into \(table.shape)")
    self.dy = dy
    self.occurrences = occurrences
    self.table = table
  }
}

/// Converts indices to float32 without a table.
public struct Encode {
  /// The encoding of an index.
  public enum Encoding: Int32, Sendable, CaseIterable {
    /// One-hot: a row of C zeros with a 1 at the index; all zeros if the index is out of range.
    case oneHot
    /// The index as a number, in one column; 0 for a negative index, which stands for padding.
    case integer
  }

  /// The encoding.
  package let encoding: Encoding
  /// R indices.
  package let indices: Indices
  /// `[R, C]`; one column for `integer`.
  package let output: Region

  /// Encodes indices.
  /// - Throws: `RecurrentError.shapeMismatch`.
  public init(_ encoding: Encoding, _ indices: Indices, into output: Region) throws {
    try require(
      output.rows == indices.count && (encoding == .oneHot || output.columns == 1), "encode",
      "\(indices.count) indices into \(output.shape)")
    self.encoding = encoding
    self.indices = indices
    self.output = output
  }
}
