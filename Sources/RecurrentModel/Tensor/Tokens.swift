/// Integers on the device: tokens `[T, N]`, or classes of any shape. A negative one counts nothing.
public struct Tokens {
  /// The integers, the last axis fastest.
  public let indices: Indices
  /// The lengths of the axes: `[T, N]` for sequences.
  public let shape: [Int]
  /// How many steps of each row count, or nil for all.
  public let lengths: Lengths?
  /// What made them.
  public let tape: Tape
  /// The integers on the host.
  let host: [Int32]
  private let pass: Int

  init(_ values: [Int32], shape: [Int], lengths: Lengths?, tape: Tape) throws {
    guard values.count == shape.reduce(1, *) else {
      throw RecurrentError(.shapeMismatch, "\(values.count) tokens for the shape \(shape)", at: "tokens")
    }
    indices = try tape.upload(values)
    self.shape = shape
    self.lengths = lengths
    self.tape = tape
    host = values
    pass = tape.pass
  }

  /// The integers as rows of 0 with a 1: `shape + [classes]`.
  /// - Throws: `RecurrentError.invalidData` if one is not below `classes`.
  public func oneHot(_ classes: Int) throws -> Tensor { try encoded(.oneHot, columns: classes, below: classes) }

  /// The integers as numbers: `shape + [1]`.
  public func asNumbers() throws -> Tensor { try encoded(.integer, columns: 1, below: .max) }

  /// Throws if an integer is not below `limit`, or belongs to an earlier pass.
  func check(below limit: Int, at place: String) throws {
    guard pass == tape.pass else {
      throw RecurrentError(
        .invalidArgument, "tokens of an earlier pass, whose memory is reused", at: place,
        remedy: "make them anew after reset()")
    }
    if let largest = host.max(), Int(largest) >= limit {
      throw RecurrentError(
        .invalidData, "token \(largest) where there are \(limit)", at: place,
        remedy: "use the vocabulary that the model was made for")
    }
  }

  /// Which positions hold which token, on the device. The room taken does not depend on the tokens.
  func occurrences() throws -> Occurrences {
    let lists = Occurrences.of(host)
    return try Occurrences(
      rows: tape.upload(lists.rows, reserving: host.count),
      starts: tape.upload(lists.starts, reserving: host.count + 1),
      positions: tape.upload(lists.positions, reserving: host.count), count: lists.rows.count)
  }

  private func encoded(_ encoding: Encode.Encoding, columns: Int, below limit: Int) throws -> Tensor {
    try check(below: limit, at: "encoding")
    let region = try tape.allocate(rows: host.count, columns: columns)
    try tape.backend.encode(Encode(encoding, indices, into: region))
    return try Tensor(region, shape: shape + [columns], tape: tape, slot: nil)
  }
}

/// How many steps of each row of a sequence count, on the device. 0 is legal; no sorting is needed.
public struct Lengths {
  /// One length a row.
  public let indices: Indices
  let host: [Int32]
}

/// Where a sequence starts anew, on the device: a state is taken as 0 before such a step.
public struct Resets {
  /// T·N values, time first; not 0 where the state is cut.
  public let indices: Indices
}

extension Tape {
  /// Copies tokens `[T, N]`, time first, to the device for this pass.
  /// - Parameter lengths: One a row, or nil for T everywhere.
  /// - Throws: `RecurrentError.shapeMismatch` if the number of values is not T·N, or a length is not in `0 ... T`.
  public func tokens(_ values: [Int32], steps: Int, rows: Int, lengths: [Int32]? = nil) throws -> Tokens {
    let lengths = try lengths.map { lengths in
      guard lengths.count == rows, lengths.allSatisfy({ $0 >= 0 && $0 <= steps }) else {
        throw RecurrentError(
          .shapeMismatch, "\(lengths.count) lengths up to \(lengths.max() ?? 0) for \(rows) rows of \(steps) steps",
          at: "tokens", remedy: "give one length from 0 to \(steps) for each row")
      }
      return try self.lengths(lengths)
    }
    return try Tokens(values, shape: [steps, rows], lengths: lengths, tape: self)
  }

  /// Copies classes, one an example, to the device for this pass.
  public func labels(_ values: [Int32]) throws -> Tokens {
    try Tokens(values, shape: [values.count], lengths: nil, tape: self)
  }

  /// Copies lengths, one a row, to the device for this pass.
  public func lengths(_ values: [Int32]) throws -> Lengths { Lengths(indices: try upload(values), host: values) }

  /// Copies marks `[T, N]`, time first, to the device for this pass: true where a row starts anew.
  public func resets(_ marks: [Bool]) throws -> Resets { Resets(indices: try upload(marks.map { $0 ? 1 : 0 })) }
}
