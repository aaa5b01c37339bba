/// The parameters that a computation has read, each at its version: what it goes on to compute holds only while they stay.
struct ParameterVersions {
  /// Since when, of a stream.
  static let inUse = "after the stream was made"
  /// What to do about it.
  static let newStream = "make a new stream after training, setValues, load or move"

  private var reads: [(parameter: Parameter, version: Int)] = []

  /// Of these parameters, as they are now.
  init(_ parameters: [Parameter] = []) { parameters.forEach { note($0) } }

  /// Notes that a parameter was read.
  mutating func note(_ parameter: Parameter) { reads.append((parameter, parameter.version)) }

  /// Forgets all.
  mutating func removeAll() { reads.removeAll(keepingCapacity: true) }

  /// - Throws: `RecurrentError.invalidArgument` if a parameter was changed or moved since.
  func check(since: String, at place: String, remedy: String) throws {
    guard let (parameter, _) = reads.first(where: { $0.parameter.version != $0.version }) else { return }
    throw RecurrentError(
      .invalidArgument, "a parameter of shape \(parameter.shape) was changed or moved \(since)", at: place,
      remedy: remedy)
  }
}
