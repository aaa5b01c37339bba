import RecurrentCore

/// The parameters that a computation has read, with their versions: its later results are valid only if they do not
/// change.
struct ParameterVersions {
  /// When a stream's parameters changed, for the error.
  static let inUse = "after the stream was made"
  /// The remedy for a stream.
  static let newStream = "create a new stream after training, setValues, load or move"

  private var reads: [(parameter: Parameter, version: Int)] = []

  /// The current versions of parameters.
  init(_ parameters: [Parameter] = []) { parameters.forEach { note($0) } }

  /// Notes that a parameter was read.
  mutating func note(_ parameter: Parameter) { reads.append((parameter, parameter.version)) }

  /// Removes all entries.
  mutating func removeAll() { reads.removeAll(keepingCapacity: true) }

  /// - Throws: `RecurrentError.invalidArgument` if a parameter was changed or moved since then.
  func check(since: String, at location: String, remedy: String) throws {
    guard let (parameter, _) = reads.first(where: { $0.parameter.version != $0.version }) else { return }
    throw RecurrentError(
      .invalidArgument, "a parameter of shape \(parameter.shape) was changed or moved \(since)", at: location,
      remedy: remedy)
  }
}
