/// Parameters with settings of their own.
public struct ParameterGroup: Sendable {
  /// Whether a parameter of this name belongs to the group.
  public let matches: @Sendable (String) -> Bool
  /// Its learning rate, or nil for the optimizer's.
  public var learningRate: Double?
  /// Its weight decay, or nil for the optimizer's.
  public var weightDecay: Double?
  private let prefix: String?

  /// The parameters whose names start with `prefix`: `embedding`, `rnn.weight_hh`.
  public init(prefix: String, learningRate: Double? = nil, weightDecay: Double? = nil) {
    self.init(learningRate, weightDecay, prefix) { $0.hasPrefix(prefix) }
  }

  /// The parameters whose names a condition picks.
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

  /// What an error calls it: its prefix, or its place in the list.
  func title(_ index: Int) -> String { prefix.map { "\"\($0)\"" } ?? "\(index + 1)" }
}
