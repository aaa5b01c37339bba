import RecurrentCore

/// One step over a run of parameters with the same settings: the argument of an optimizer's `update(_:)`.
///
/// All regions have the same shape: `[1, n]` over adjacent parameters, including the padding between them (0 in values,
/// gradients and states, and must stay 0); or, for an optimizer that processes one parameter at a time, rows × columns of
/// that parameter.
public struct OptimizerStep {
  /// The backend that runs the operations. Waiting for it would make every step wait.
  public let backend: any Backend
  /// The parameters, to be updated in place.
  public let values: Region
  /// Their gradients.
  public let gradients: Region
  /// The states, in the order of their names, to be updated in place.
  public let states: [Region]
  let stateNames: [String]
  /// Scratch memory, uninitialized.
  public let scratch: [Region]
  /// The learning rate: the optimizer's or the group's, times the schedule's factor.
  public let learningRate: Float
  /// The weight decay: the optimizer's or the group's.
  public let weightDecay: Float
  /// The step count of these parameters, from 1.
  public let count: Int
  /// The parameter, if the optimizer processes one at a time.
  public let parameter: NamedParameter?

  /// The state of this name.
  /// - Throws: `RecurrentError.invalidArgument` if the optimizer has no such state.
  public func state(_ name: String) throws -> Region {
    guard let index = stateNames.firstIndex(of: name) else {
      throw RecurrentError(
        .invalidArgument, "the optimizer has no state \(name)", at: "optimizer",
        remedy: stateNames.isEmpty ? "name it in init(states:)" : "the states are " + stateNames.listed)
    }
    return states[index]
  }
}
