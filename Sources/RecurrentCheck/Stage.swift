import RecurrentCore

/// One backend's side of a case: it lays operands out in memory of their own, at odd offsets and with gaps between the
/// rows, and remembers what lies around them. Two stages with the same seed lay out the same.
final class Stage {
  /// What a case expects of an operand.
  enum Role {
    /// It stays as it is.
    case input
    /// It becomes a result, compared in so many slices of rows; `terms` is how many terms each element sums, if many.
    case result(slices: Int, terms: Int = 0)
    /// It may become anything.
    case scratch
  }

  /// An operand, in a buffer of its own.
  struct Operand {
    let region: Region
    let before: [Float]
    let role: Role

    /// The buffer from end to end.
    var whole: Region { get throws { try Region(region.buffer, columns: before.count) } }

    func isInside(_ place: Int) -> Bool {
      let distance = place - region.offset
      return distance >= 0 && distance / max(region.stride, 1) < region.rows
        && distance % max(region.stride, 1) < region.columns
    }
  }

  /// What lies around a result, and must survive.
  static let sentinel: Float = 12_345_678

  let backend: any Backend
  /// Whether operands lie without gaps, each at its buffer's start.
  var isPacked = false
  private(set) var operands: [Operand] = []
  private(set) var integers: [Indices] = []
  private var draws: Draws

  init(_ backend: any Backend, seed: String) {
    self.backend = backend
    draws = Draws(seed)
  }

  /// Values that the operation reads. Around them lies NaN: who reads it shows.
  func input(_ rows: Int, _ columns: Int, _ range: ClosedRange<Float> = -1...1, contiguous: Bool = false) throws
    -> Region
  {
    try place(rows, columns, .input, around: .nan, contiguous) { $0.uniform(range) }
  }

  /// Given values that the operation reads.
  func input(_ rows: Int, _ columns: Int, values: [Float]) throws -> Region {
    var rest = values[...]
    return try place(rows, columns, .input, around: .nan, false) { _ in rest.removeFirst() }
  }

  /// Where a result goes: NaN before, so that a result that is set shows what it was made of, or values to add to.
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

  /// Memory whose content is the backend's own affair.
  func scratch(_ rows: Int, _ columns: Int) throws -> Region {
    try place(rows, columns, .scratch, around: Self.sentinel, true) { _ in .nan }
  }

  /// Integers that the operation reads.
  func indices(_ values: [Int32]) throws -> Indices {
    let offset = isPacked ? 0 : 3
    let around = [Int32](repeating: .max, count: offset)
    let buffer = try backend.allocate(values.count + 2 * offset + 1)
    try backend.upload(around + values + around, to: Indices(buffer, count: values.count + 2 * offset))
    return try Indices(buffer, offset: offset, count: values.count)
  }

  /// Which positions hold which index.
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

  /// A number below `bound`.
  func random(_ bound: Int) -> Int { draws.index(bound) }

  /// The seed's next number in the range.
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
