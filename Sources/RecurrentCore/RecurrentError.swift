/// An error that states what is wrong, where, and how to fix it.
///
/// Recur throws this type or, if an OpenCL call failed, an `OpenCLError`.
public struct RecurrentError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The category of an error, for programs to switch on; `description` is the text to show.
  public enum Kind: Hashable, Sendable {
    /// An argument or option value that is not valid.
    case invalidArgument
    /// Operands whose shapes do not match.
    case shapeMismatch
    /// Data that cannot be read in the expected format.
    case invalidData
    /// A model folder that is missing, damaged or of another kind.
    case invalidModel
    /// A device that is missing or does not support the request.
    case device
    /// Host or device memory ran out.
    case outOfMemory
    /// Training diverged: a parameter or the loss is not finite.
    case diverged
  }

  /// The category.
  public let kind: Kind
  /// What is wrong, as a phrase without a full stop.
  public let what: String
  /// Where: a file, an option, a module or a kernel.
  public let location: String?
  /// How to fix it.
  public let remedy: String?

  /// An error.
  public init(_ kind: Kind, _ what: String, at location: String? = nil, remedy: String? = nil) {
    self.kind = kind
    self.what = what
    self.location = location
    self.remedy = remedy
  }

  /// One line: `location: what; remedy`.
  public var description: String {
    (location.map { $0 + ": " } ?? "") + what + (remedy.map { "; " + $0 } ?? "")
  }
}
