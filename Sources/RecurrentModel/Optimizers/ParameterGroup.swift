/// A group of parameters with its own learning rate or weight decay.
public struct ParameterGroup: Sendable {
  /// Whether the group contains a parameter of this name.
  package let matches: @Sendable (String) -> Bool
  /// The learning rate; nil for the optimizer's.
  public var learningRate: Double?
  /// The weight decay; nil for the optimizer's.
  public var weightDecay: Double?
  private let prefix: String?

  /// The parameters whose names start with `prefix`: `embedding`, `rnn.weight_hh`.
  public init(prefix: String, learningRate: Double? = nil, weightDecay: Double? = nil) {
    self.init(learningRate, weightDecay, prefix) { $0.hasPrefix(prefix) }
  }

  /// The parameters whose names satisfy a condition.
  public init(
    learningRate: Double? = nil, weightDecay: Double? = nil, where matches: @escaping @Sendable (String) -> Bool
  ) {
    self.init(learningRate, weightDecay, nil, matches)
  }

  private init(
    _ learningRate: Double?, _ weightDecay: Double?, _ prefix: String?, _ matches: @escaping @Sendable (String) -> Bool
  ) {
    self.matches = matches
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.prefix = prefix
  }

  /// The name of the group in errors: its prefix, or its position in the list.
  func title(_ index: Int) -> String { prefix.map { "\"\($0)\"" } ?? "\(index + 1)" }
}
