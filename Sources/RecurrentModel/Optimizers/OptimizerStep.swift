/// One step over a run of parameters with the same settings: what an optimizer's `update(_:)` changes.
///
/// All regions have the same shape: `[1, n]` over neighbouring parameters, the padding between them included (0 in values,
/// gradients and states, and to be left so); or, where an optimizer takes one parameter at a time, that parameter's rows ×
/// columns.
public struct OptimizerStep {
  /// What carries operations out. Waiting for it makes every step wait.
  public let backend: any Backend
  /// The parameters, to be changed in place.
  public let values: Region
  /// Their gradients.
  public let gradients: Region
  /// What the optimizer remembers, in the order of its names, to be changed in place.
  public let states: [Region]
  let stateNames: [String]
  /// Memory for what comes between, with arbitrary values.
  public let scratch: [Region]
  /// The learning rate: the optimizer's or the group's, times the schedule's factor.
  public let learningRate: Float
  /// The weight decay: the optimizer's or the group's.
  public let weightDecay: Float
  /// The number of this step for these parameters, from 1.
  public let count: Int
  /// The parameter, where the optimizer takes one at a time.
  public let parameter: NamedParameter?

  /// The state of a name.
  /// - Throws: `RecurrentError.invalidArgument` if the optimizer has none of that name.
  public func state(_ name: String) throws -> Region {
    guard let index = stateNames.firstIndex(of: name) else {
      throw RecurrentError(
        .invalidArgument, "the optimizer has no state \(name)", at: "optimizer",
        remedy: stateNames.isEmpty ? "name it in init(states:)" : "the states are " + stateNames.listed)
    }
    return states[index]
  }
}
