/// Integers on the device: tokens `[T, N]`, or classes of any shape. A negative one counts nothing.
public struct Tokens {
  /// The integers, the last axis fastest.
  public let indices: Indices
  /// The lengths of the axes: `[T, N]` for sequences.
  public let shape: [Int]
  /// How many steps of each row count, or nil for all.
  public let lengths: Lengths?
  /// What made them.
  public var tape: Tape { owner.tape }
  private let copy: HostCopy
  private let owner: PassOwner

  init(_ values: [Int32], shape: [Int], lengths: Lengths?, tape: Tape) throws {
    try shape.require(count: values.count, of: "integers", at: "tokens")
    indices = try tape.upload(values)
    self.shape = shape
    self.lengths = lengths
    copy = HostCopy(values)
    owner = PassOwner(tape)
  }

  /// Integers that the device computed.
  init(_ indices: Indices, shape: [Int], tape: Tape) {
    self.indices = indices
    self.shape = shape
    lengths = nil
    copy = HostCopy(nil)
    owner = PassOwner(tape)
  }

  /// The integers on the host; waits for the device if it computed them.
  /// - Throws: `RecurrentError.invalidArgument` if they are of an earlier pass.
  public func values() throws -> [Int32] {
    if let values = copy.values { return values }
    try owner.check("tokens", on: tape, at: "values")
    let values = try tape.backend.download(indices)
    copy.values = values
    return values
  }

  /// How many of them count: those that are not negative.
  func counted() throws -> Int { try values().count { $0 >= 0 } }

  /// The integers as rows of 0 with a 1: `shape + [classes]`.
  /// PyTorch: `torch.nn.functional.one_hot`.
  /// - Throws: `RecurrentError.invalidData` if one is not below `classes`.
  public func oneHot(_ classes: Int) throws -> Tensor { try encoded(.oneHot, columns: classes, below: classes) }

  /// The integers as numbers, negative ones as 0: `shape + [1]`.
  /// - Throws: `RecurrentError.invalidArgument` if they are of an earlier pass.
  public func asNumbers() throws -> Tensor { try encoded(.integer, columns: 1, below: .max) }

  /// Throws unless they are of this tape's pass and every integer is below `limit`.
  func check(below limit: Int, on tape: Tape, at place: String, remedy: String) throws {
    try owner.check("tokens", on: tape, at: place)
    if let largest = try values().max(), Int(largest) >= limit {
      throw RecurrentError(.invalidData, "index \(largest) where there are \(limit)", at: place, remedy: remedy)
    }
  }

  private func encoded(_ encoding: Encode.Encoding, columns: Int, below limit: Int) throws -> Tensor {
    try check(below: limit, on: tape, at: "encoding", remedy: "use the vocabulary that the size was taken from")
    let region = try tape.allocate(rows: indices.count, columns: columns)
    try tape.backend.encode(Encode(encoding, indices, into: region))
    return try Tensor(region, shape: shape + [columns], tape: tape, slot: nil)
  }
}

/// What the host knows of integers on the device.
private final class HostCopy {
  var values: [Int32]?

  init(_ values: [Int32]?) { self.values = values }
}

/// How many steps of each row of a sequence count, on the device. 0 is legal; no sorting is needed.
public struct Lengths {
  /// One length a row.
  public let indices: Indices
  /// The lengths on the host, one a row. Does not wait for the device.
  public let values: [Int32]
  /// What made them.
  public var tape: Tape { owner.tape }
  private let owner: PassOwner

  init(_ values: [Int32], on tape: Tape) throws {
    indices = try tape.upload(values)
    self.values = values
    owner = PassOwner(tape)
  }

  /// Throws unless they are of this tape's pass.
  func check(on tape: Tape, at place: String) throws { try owner.check("lengths", on: tape, at: place) }

  /// Throws unless they are of this tape's pass, one a row, each from 0 to the number of steps.
  func check(steps: Int, rows: Int, on tape: Tape, at place: String) throws {
    try check(on: tape, at: place)
    let remedy = "give one length from 0 to \(steps) for each row"
    guard values.count == rows else {
      throw RecurrentError(.shapeMismatch, "\(values.count) lengths for \(rows) rows", at: place, remedy: remedy)
    }
    if let length = values.first(where: { $0 < 0 || $0 > steps }) {
      throw RecurrentError(
        .shapeMismatch, "a length of \(length) in a sequence of \(steps) steps", at: place, remedy: remedy)
    }
  }
}

/// Where a sequence starts anew, on the device: a state is taken as 0 before such a step. Marks past a row's length count
/// nothing.
public struct Resets {
  /// T·N values, time first; not 0 where the state is cut.
  public let indices: Indices
  private let owner: PassOwner

  init(_ marks: [Bool], on tape: Tape) throws {
    indices = try tape.upload(marks.map { $0 ? 1 : 0 })
    owner = PassOwner(tape)
  }

  /// Throws unless they are of this tape's pass, one a step and row.
  func check(steps: Int, rows: Int, on tape: Tape, at place: String) throws {
    try owner.check("resets", on: tape, at: place)
    guard indices.count == steps * rows else {
      throw RecurrentError(
        .shapeMismatch, "\(indices.count) marks for \(steps) steps of \(rows) rows", at: place,
        remedy: "give one mark for each step of each row, time first")
    }
  }
}

/// The pass in whose memory integers lie.
private struct PassOwner {
  let tape: Tape
  private let pass: Int

  init(_ tape: Tape) {
    self.tape = tape
    pass = tape.pass
  }

  func check(_ name: String, on tape: Tape, at place: String) throws {
    guard self.tape === tape else {
      throw RecurrentError(
        .invalidArgument, "\(name) of another tape", at: place, remedy: "make them with the tape that computes")
    }
    guard pass == tape.pass else {
      throw RecurrentError(
        .invalidArgument, "\(name) of an earlier pass, whose memory is reused", at: place,
        remedy: "make them anew after reset()")
    }
  }
}

extension Tape {
  /// Copies the occurrences of `count` tokens to the device for this pass. The room taken does not depend on the tokens.
  func upload(_ lists: (rows: [Int32], starts: [Int32], positions: [Int32]), of count: Int) throws -> Occurrences {
    try Occurrences(
      rows: upload(lists.rows, reserving: count), starts: upload(lists.starts, reserving: count + 1),
      positions: upload(lists.positions, reserving: count), count: lists.rows.count)
  }

  /// Copies tokens `[T, N]`, time first, to the device for this pass.
  /// - Parameters:
  ///   - values: T·N tokens: step t of row n is element `t·N + n`. A negative one counts nothing.
  ///   - steps: T.
  ///   - rows: N.
  ///   - lengths: One a row, or nil for T everywhere.
  /// - Throws: `RecurrentError.shapeMismatch` if the number of values is not T·N, or a length is not in `0 ... T`.
  public func tokens(_ values: [Int32], steps: Int, rows: Int, lengths: [Int32]? = nil) throws -> Tokens {
    let lengths = try lengths.map { try self.lengths($0) }
    try lengths?.check(steps: steps, rows: rows, on: self, at: "tokens")
    return try Tokens(values, shape: [steps, rows], lengths: lengths, tape: self)
  }

  /// Copies classes to the device for this pass; a negative one counts nothing.
  /// - Parameters:
  ///   - values: The classes, from 0, the last axis fastest.
  ///   - shape: That of the logits without their last axis: `[T, N]` for a class a step; nil for `[count]`, one an example.
  /// - Throws: `RecurrentError.shapeMismatch` if the number of values is not the shape's.
  public func labels(_ values: [Int32], shape: [Int]? = nil) throws -> Tokens {
    try Tokens(values, shape: shape ?? [values.count], lengths: nil, tape: self)
  }

  /// Copies lengths, one a row, to the device for this pass. What uses them checks that they are in `0 ... T`.
  /// - Throws: `RecurrentError.outOfMemory`; what the device throws.
  public func lengths(_ values: [Int32]) throws -> Lengths { try Lengths(values, on: self) }

  /// Copies marks `[T, N]`, time first, to the device for this pass: true where a row starts anew.
  /// - Throws: `RecurrentError.outOfMemory`; what the device throws.
  public func resets(_ marks: [Bool]) throws -> Resets { try Resets(marks, on: self) }
}
