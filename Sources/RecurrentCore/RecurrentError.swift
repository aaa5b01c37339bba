/// An error that a person can act on: what was wrong, where, and what to do about it.
///
/// Everything that Recur throws on purpose is this type or, where an OpenCL call failed, an `OpenCLError`.
public struct RecurrentError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What sort of thing went wrong; programs switch on this, people read `description`.
  public enum Kind: Hashable, Sendable {
    /// A value that an API or a flag does not take.
    case invalidArgument
    /// Operands whose shapes do not fit each other.
    case shapeMismatch
    /// Data that cannot be read as what it should be.
    case invalidData
    /// A model folder that is missing, damaged or of another kind.
    case invalidModel
    /// A device that is not there or cannot do what was asked.
    case device
    /// Memory that the host or the device could not give.
    case outOfMemory
    /// Training that left the finite numbers.
    case diverged
  }

  /// What sort of thing went wrong.
  public let kind: Kind
  /// What was wrong, in a sentence without a full stop.
  public let what: String
  /// Where: a file, a flag, a module, a kernel.
  public let place: String?
  /// What to do about it.
  public let remedy: String?

  /// Describes a fault.
  public init(_ kind: Kind, _ what: String, at place: String? = nil, remedy: String? = nil) {
    self.kind = kind
    self.what = what
    self.place = place
    self.remedy = remedy
  }

  /// One line: `place: what; remedy`.
  public var description: String {
    (place.map { $0 + ": " } ?? "") + what + (remedy.map { "; " + $0 } ?? "")
  }
}
