import RecurrentCore

/// Integers on the device: tokens `[T, N]`, or classes of any shape. Negative ones are padding and ignored.
public struct Tokens {
  /// The integers, last axis fastest.
  package let indices: Indices
  /// The lengths of the axes: `[T, N]` for sequences.
  public let shape: [Int]
  /// The number of valid steps per row; nil if all are valid.
  public let lengths: Lengths?
  /// The tape that created them.
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

  /// Integers computed on the device.
  init(_ indices: Indices, shape: [Int], tape: Tape) {
    self.indices = indices
    self.shape = shape
    lengths = nil
    copy = HostCopy(nil)
    owner = PassOwner(tape)
  }

  /// The integers on the host; waits for the device if they were computed there.
  /// - Throws: `RecurrentError.invalidArgument` if they belong to an earlier pass.
  public func values() throws -> [Int32] {
    if let values = copy.values { return values }
    try owner.check("tokens", on: tape, at: "values")
    let values = try tape.backend.download(indices)
    copy.values = values
    return values
  }

  /// The number of integers that are not negative.
  package func counted() throws -> Int { try values().count { $0 >= 0 } }

  /// One-hot vectors: `shape + [classes]`. PyTorch: `torch.nn.functional.one_hot`.
  /// - Throws: `RecurrentError.invalidData` if one is not below `classes`.
  public func oneHot(_ classes: Int) throws -> Tensor { try encoded(.oneHot, columns: classes, below: classes) }

  /// The integers as float32, negative ones as 0: `shape + [1]`.
  /// - Throws: `RecurrentError.invalidArgument` if they belong to an earlier pass.
  public func asNumbers() throws -> Tensor { try encoded(.integer, columns: 1, below: .max) }

  /// Throws unless they belong to this pass of the tape and every integer is below `limit`.
  func check(below limit: Int, on tape: Tape, at location: String, remedy: String) throws {
    try owner.check("tokens", on: tape, at: location)
    if let largest = try values().max(), Int(largest) >= limit {
      throw RecurrentError(
        .invalidData, "index \(largest) is out of range (\(limit) values)", at: location, remedy: remedy)
    }
  }

  private func encoded(_ encoding: Encode.Encoding, columns: Int, below limit: Int) throws -> Tensor {
    try check(below: limit, on: tape, at: "encoding", remedy: "use tokens below the size of the encoding")
    let region = try tape.allocate(rows: indices.count, columns: columns)
    try tape.backend.encode(Encode(encoding, indices, into: region))
    return try Tensor(region, shape: shape + [columns], tape: tape, slot: nil)
  }
}

/// The host copy of integers on the device.
private final class HostCopy {
  var values: [Int32]?

  init(_ values: [Int32]?) { self.values = values }
}

/// The number of valid steps per row of a sequence, on the device. 0 is allowed; rows need not be sorted.
public struct Lengths {
  /// One length per row.
  package let indices: Indices
  /// The lengths on the host, one per row. Does not wait for the device.
  public let values: [Int32]
  /// The tape that created them.
  public var tape: Tape { owner.tape }
  private let owner: PassOwner

  package init(_ values: [Int32], on tape: Tape) throws {
    indices = try tape.upload(values)
    self.values = values
    owner = PassOwner(tape)
  }

  /// Throws unless they belong to this pass of the tape.
  func check(on tape: Tape, at location: String) throws { try owner.check("lengths", on: tape, at: location) }

  /// Throws unless they belong to this pass of the tape, one per row, each from 0 to the number of steps.
  func check(steps: Int, batchSize: Int, on tape: Tape, at location: String) throws {
    try check(on: tape, at: location)
    let remedy = "give one length per row, from 0 to \(steps)"
    guard values.count == batchSize else {
      throw RecurrentError(
        .shapeMismatch, "\(values.count) lengths for \(batchSize) rows", at: location, remedy: remedy)
    }
    if let length = values.first(where: { $0 < 0 || $0 > steps }) {
      throw RecurrentError(
        .shapeMismatch, "the length \(length) is out of range for \(steps) steps", at: location, remedy: remedy)
    }
  }
}

/// Resets within sequences, on the device: the state is set to 0 before a marked step. Marks past a row's length are
/// ignored.
public struct Resets {
  /// T·N values, time first; not 0 where the state is reset.
  package let indices: Indices
  private let owner: PassOwner

  init(_ marks: [Bool], on tape: Tape) throws {
    indices = try tape.upload(marks.map { $0 ? 1 : 0 })
    owner = PassOwner(tape)
  }

  /// Throws unless they belong to this pass of the tape, one per step and row.
  func check(steps: Int, batchSize: Int, on tape: Tape, at location: String) throws {
    try owner.check("resets", on: tape, at: location)
    guard indices.count == steps * batchSize else {
      throw RecurrentError(
        .shapeMismatch, "\(indices.count) reset marks for \(steps) steps of \(batchSize) rows", at: location,
        remedy: "give one mark per step and row, time first")
    }
  }
}

/// The pass that owns the memory of integers.
private struct PassOwner {
  let tape: Tape
  private let pass: Int

  init(_ tape: Tape) {
    self.tape = tape
    pass = tape.pass
  }

  func check(_ name: String, on tape: Tape, at location: String) throws {
    guard self.tape === tape else {
      throw RecurrentError(
        .invalidArgument, "\(name) belong to another tape", at: location,
        remedy: "create them on the tape of the computation")
    }
    guard pass == tape.pass else {
      throw RecurrentError(
        .invalidArgument, "\(name) belong to an earlier pass, whose memory is reused", at: location,
        remedy: "create them again after reset()")
    }
  }
}

extension Tokens {
  /// The occurrences of each integer, on the device.
  func occurrences() throws -> Occurrences { try tape.upload(Occurrences.of(values()), of: indices.count) }
}

extension Tape {
  /// Copies the occurrences of `count` tokens to the device for this pass. The allocated size does not depend on the
  /// tokens.
  func upload(_ lists: (rows: [Int32], starts: [Int32], positions: [Int32]), of count: Int) throws -> Occurrences {
    try Occurrences(
      rows: upload(lists.rows, reserving: count), starts: upload(lists.starts, reserving: count + 1),
      positions: upload(lists.positions, reserving: count), count: lists.rows.count)
  }

  /// Copies tokens `[T, N]`, time first, to the device for this pass.
  /// - Parameters:
  ///   - values: T·N tokens: step t of row n is element `t·N + n`. Negative tokens are padding.
  ///   - steps: T.
  ///   - batchSize: N.
  ///   - lengths: One per row; nil if all are T.
  /// - Throws: `RecurrentError.shapeMismatch` if the number of values is not T·N, or a length is not in `0 ... T`.
  public func tokens(_ values: [Int32], steps: Int, batchSize: Int, lengths: [Int32]? = nil) throws -> Tokens {
    let lengths = try lengths.map { try self.lengths($0) }
    try lengths?.check(steps: steps, batchSize: batchSize, on: self, at: "tokens")
    return try Tokens(values, shape: [steps, batchSize], lengths: lengths, tape: self)
  }

  /// Copies classes to the device for this pass; negative ones are ignored by losses.
  /// - Parameters:
  ///   - values: The classes, from 0, last axis fastest.
  ///   - shape: That of the logits without their last axis: `[T, N]` for one class per step; nil for `[count]`, one
  ///     class per example.
  /// - Throws: `RecurrentError.shapeMismatch` if the number of values does not match the shape.
  public func labels(_ values: [Int32], shape: [Int]? = nil) throws -> Tokens {
    try Tokens(values, shape: shape ?? [values.count], lengths: nil, tape: self)
  }

  /// Copies lengths, one per row, to the device for this pass. Operations that use them check that they are in `0 ...
  /// T`.
  /// - Throws: `RecurrentError.outOfMemory`; what the device throws.
  public func lengths(_ values: [Int32]) throws -> Lengths { try Lengths(values, on: self) }

  /// Copies reset marks `[T, N]`, time first, to the device for this pass: true where the state of a row is reset.
  /// - Throws: `RecurrentError.outOfMemory`; what the device throws.
  public func resets(_ marks: [Bool]) throws -> Resets { try Resets(marks, on: self) }
}
