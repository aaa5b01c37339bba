import RecurrentCore
import RecurrentModel

/// What a forecaster predicts for each step, and the loss that it is trained with.
///
/// In `config.json` and as the value of an option it is a text: `mae`, `quantiles:0.1,0.5,0.9`, `negative-binomial`.
public enum ForecastOutput: Hashable, Sendable {
  /// A value, trained with one of three losses of its error.
  case point(PointLoss)
  /// Quantiles, in ascending order, trained with the pinball loss (Wen et al. 2017).
  case quantiles([Float])
  /// Mean and variance of a normal distribution (Salinas et al. 2020).
  case gaussian
  /// Mean and dispersion of a negative binomial distribution, for counts (Salinas et al. 2020).
  case negativeBinomial

  /// The loss of the error of a value.
  public enum PointLoss: String, Hashable, Sendable, CaseIterable {
    /// The mean absolute error: the median is predicted.
    case mae
    /// The mean squared error: the mean is predicted.
    case mse
    /// Huber's loss with δ = 1, in units of the scaled series.
    case huber
  }

  /// The number of values that the network gives for each step.
  public var size: Int {
    switch self {
    case .point: 1
    case .quantiles(let levels): levels.count
    case .gaussian, .negativeBinomial: 2
    }
  }

  /// Whether the values that the network gives have the units of the targets, as quantiles have, and variances have not.
  var isInUnitsOfTargets: Bool {
    switch self {
    case .point, .quantiles: true
    case .gaussian, .negativeBinomial: false
    }
  }

  /// The loss of predictions `[N, H, size]` and targets `[N, H]`: the mean over the observed targets.
  /// - Parameters:
  ///   - observed: `[N, H]`, 1 where a target is observed, else 0; nil if all are.
  ///   - count: How many are.
  func loss(_ predictions: Tensor, _ targets: Tensor, observed: Tensor?, count: Int) throws -> Tensor {
    let losses = try elementLoss(predictions, targets, observed)
    guard observed != nil else { return losses }
    // What is missing adds 0 to a mean over all.
    return try losses.scaled(by: Float(targets.count) / Float(max(count, 1)))
  }

  private func elementLoss(_ predictions: Tensor, _ targets: Tensor, _ observed: Tensor?) throws -> Tensor {
    // A value of 0 that is predicted as 0 has no loss and no gradient.
    let targets = try observed.map { try targets * $0 } ?? targets
    switch self {
    case .point(let loss):
      let values = try predictions.reshaped(targets.shape)
      let masked = try observed.map { try values * $0 } ?? values
      switch loss {
      case .mae: return try meanAbsoluteError(masked, targets)
      case .mse: return try meanSquaredError(masked, targets)
      case .huber: return try huberLoss(masked, targets)
      }
    case .quantiles(let levels):
      let masked = try observed.map { try predictions * $0.reshaped(targets.shape + [1]) } ?? predictions
      return try quantileLoss(masked, targets, quantiles: levels)
    case .gaussian:
      let losses = try gaussianLoss(
        predictions.part(0), targets, variances: predictions.part(1), reduction: .none)
      return try (observed.map { try losses * $0 } ?? losses).mean()
    case .negativeBinomial:
      let losses = try negativeBinomialLoss(
        predictions.part(0), targets, dispersions: predictions.part(1), reduction: .none)
      return try (observed.map { try losses * $0 } ?? losses).mean()
    }
  }
}

extension Tensor {
  /// One value of each step: `[N, H, size] → [N, H]`.
  func part(_ index: Int) throws -> Tensor {
    try slice(index..<index + 1, axis: 2).reshaped(Array(shape.dropLast()))
  }
}

extension ForecastOutput: LosslessStringConvertible, Codable {
  /// The quantiles of `quantiles` without levels: the median, and intervals of 80 and 95 %.
  static let usualQuantiles: [Float] = [0.025, 0.1, 0.5, 0.9, 0.975]

  /// The output of a text; nil if it is none.
  public init?(_ description: String) {
    let parts = description.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    switch (parts[0], parts.count) {
    case ("gaussian", 1): self = .gaussian
    case ("negative-binomial", 1): self = .negativeBinomial
    case ("quantiles", 1): self = .quantiles(Self.usualQuantiles)
    case ("quantiles", 2):
      let levels = parts[1].split(separator: ",", omittingEmptySubsequences: false).map { Float($0) ?? -1 }
      guard levels.allSatisfy({ $0 > 0 && $0 < 1 }), zip(levels, levels.dropFirst()).allSatisfy({ $0 < $1 }),
        levels.contains(0.5)
      else {
        return nil
      }
      self = .quantiles(levels)
    default:
      guard parts.count == 1, let loss = PointLoss(rawValue: description) else { return nil }
      self = .point(loss)
    }
  }

  /// The text.
  public var description: String {
    switch self {
    case .point(let loss): loss.rawValue
    case .quantiles(Self.usualQuantiles): "quantiles"
    case .quantiles(let levels): "quantiles:" + levels.map { "\($0)" }.joined(separator: ",")
    case .gaussian: "gaussian"
    case .negativeBinomial: "negative-binomial"
    }
  }

  /// Reads the text.
  /// - Throws: `DecodingError`; `RecurrentError.invalidModel` if it is not an output.
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let output = Self(text) else {
      throw RecurrentError(
        .invalidModel, "unknown output \(text.shown)", remedy: "use the version of recur that wrote it")
    }
    self = output
  }

  /// Writes the text.
  /// - Throws: Errors of the encoder.
  public func encode(to encoder: any Encoder) throws {
    try encoder.put(textOf: self)
  }
}
