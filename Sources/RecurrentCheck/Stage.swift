import RecurrentCore

/// One backend's side of a case: it lays out operands in separate buffers, at odd offsets and with gaps between the
/// rows, and records the memory around them. Two stages with the same seed have the same layout.
final class Stage {
  /// The expectation for an operand.
  enum Role {
    /// It must not change.
    case input
    /// A result, compared in this many slices of rows; `terms` is the number of terms that each element sums, if large.
    case result(slices: Int, terms: Int = 0)
    /// Any content is allowed.
    case scratch
  }

  /// An operand in its own buffer.
  struct Operand {
    let region: Region
    let before: [Float]
    let role: Role

    /// The whole buffer.
    var whole: Region { get throws { try Region(region.buffer, columns: before.count) } }

    func isInside(_ place: Int) -> Bool {
      let distance = place - region.offset
      return distance >= 0 && distance / max(region.stride, 1) < region.rows
        && distance % max(region.stride, 1) < region.columns
    }
  }

  /// The value around a result, which must not change.
  static let sentinel: Float = 12_345_678

  let backend: any Backend
  /// Whether operands are laid out without gaps, each at the start of its buffer.
  var isPacked = false
  private(set) var operands: [Operand] = []
  private(set) var integers: [Indices] = []
  private var draws: Draws

  init(_ backend: any Backend, seed: String) {
    self.backend = backend
    draws = Draws(seed)
  }

  /// Input values, surrounded by NaN, so that a read out of bounds shows.
  func input(_ rows: Int, _ columns: Int, _ range: ClosedRange<Float> = -1...1, contiguous: Bool = false) throws
    -> Region
  {
    try place(rows, columns, .input, around: .nan, contiguous) { $0.uniform(range) }
  }

  /// Given input values.
  func input(_ rows: Int, _ columns: Int, values: [Float]) throws -> Region {
    var rest = values[...]
    return try place(rows, columns, .input, around: .nan, false) { _ in rest.removeFirst() }
  }

  /// The destination of a result: initially NaN, so that a read of old content shows, or values to add to.
  func output(_ rows: Int, _ columns: Int, adds: Bool = false, slices: Int = 1, terms: Int = 0) throws -> Output {
    let region = try place(rows, columns, .result(slices: slices, terms: terms), around: Self.sentinel, false) {
      adds ? $0.uniform(-1...1) : .nan
    }
    return adds ? .add(region) : .set(region)
  }

  /// A result that is always set.
  func result(_ rows: Int, _ columns: Int, slices: Int = 1) throws -> Region {
    try output(rows, columns, slices: slices).region
  }

  /// Values that the operation changes.
  func variable(_ rows: Int, _ columns: Int, _ range: ClosedRange<Float> = -1...1, contiguous: Bool = false) throws
    -> Region
  {
    try place(rows, columns, .result(slices: 1), around: Self.sentinel, contiguous) { $0.uniform(range) }
  }

  /// Memory whose content is up to the backend.
  func scratch(_ rows: Int, _ columns: Int) throws -> Region {
    try place(rows, columns, .scratch, around: Self.sentinel, true) { _ in .nan }
  }

  /// Integer inputs.
  func indices(_ values: [Int32]) throws -> Indices {
    let offset = isPacked ? 0 : 3
    let around = [Int32](repeating: .max, count: offset)
    let buffer = try backend.allocate(values.count + 2 * offset + 1)
    try backend.upload(around + values + around, to: Indices(buffer, count: values.count + 2 * offset))
    return try Indices(buffer, offset: offset, count: values.count)
  }

  /// The positions of each index.
  func occurrences(_ values: [Int32]) throws -> Occurrences {
    let lists = Occurrences.of(values)
    return try Occurrences(
      rows: indices(lists.rows), starts: indices(lists.starts), positions: indices(lists.positions),
      count: lists.rows.count)
  }

  /// Integers that the operation changes.
  func integerResult(_ values: [Int32]) throws -> Indices {
    let result = try indices(values)
    integers.append(result)
    return result
  }

  /// A random number in `0 ..< bound`.
  func random(_ bound: Int) -> Int { draws.index(bound) }

  /// A random number in the range.
  func uniform(_ range: ClosedRange<Float>) -> Float { draws.uniform(range) }

  private func place(
    _ rows: Int, _ columns: Int, _ role: Role, around: Float, _ contiguous: Bool, _ value: (inout Draws) -> Float
  ) throws -> Region {
    let order = operands.count
    let offset = isPacked ? 0 : 1 + 2 * (order % 4)
    let stride = columns + (isPacked || contiguous ? 0 : 1 + order % 5)
    let count = offset + rows * stride + (isPacked ? 1 : 7)
    var values = [Float](repeating: around, count: count)
    for row in 0..<rows {
      for column in 0..<columns { values[offset + row * stride + column] = value(&draws) }
    }
    let buffer = try backend.allocate(count)
    try backend.upload(values, to: Region(buffer, columns: count))
    let region = try Region(buffer, offset: offset, rows: rows, columns: columns, stride: stride)
    operands.append(Operand(region: region, before: values, role: role))
    return region
  }
}
