import RecurrentCore

// Losses of predicted distributions, composed of tensor operations and their gradients. A weight of 0 multiplies a loss
// by 0, which must be finite.

/// The negative log-likelihood of targets under normal distributions, in nats, without its constant `½ log 2π`:
/// `½ (log v + (target − mean)² / v)` with the variance v at least `epsilon` (Nix and Weigend 1994). PyTorch:
/// `gaussian_nll_loss`.
///
/// The gradient of a variance below `epsilon` is that at `epsilon`, as in PyTorch. For a network that outputs the
/// log-variance: `logVariance.exp()`.
/// - Parameters:
///   - means: `[…, C]`.
///   - targets: `[…, C]`; a gradient only if they need one.
///   - variances: The shape of the means, or one that broadcasts to it.
///   - epsilon: The minimum variance, above 0.
///   - weights: One factor per row (all elements along the last axis), or per element; the mean divides by their sum.
///   - reduction: `.none` gives the loss of each element, `[…, C]`.
/// - Throws: `RecurrentError.shapeMismatch`; `.invalidArgument` if `epsilon` is not above 0.
public func gaussianLoss(
  _ means: Tensor, _ targets: Tensor, variances: Tensor, epsilon: Float = 1e-6, weights: [Float]? = nil,
  reduction: Reduction = .mean
) throws -> Tensor {
  let place = "Gaussian loss"
  guard epsilon > 0, epsilon.isFinite else {
    throw RecurrentError(.invalidArgument, "epsilon is \(epsilon)", at: place, remedy: "use a value above 0")
  }
  guard means.shape == targets.shape, (try? [means.shape, variances.shape].broadcast(at: place)) == means.shape else {
    throw RecurrentError(
      .shapeMismatch,
      "means of shape \(means.shape), targets of shape \(targets.shape) and variances of shape \(variances.shape)",
      at: place, remedy: "means and targets must have the same shape, and variances one that broadcasts to it")
  }
  let difference = try targets - means
  let bounded = try variances.raised(to: epsilon)
  return try reduced((difference * difference / bounded + bounded.log()) * 0.5, weights, reduction, at: place)
}

/// The quantile or pinball loss (Koenker and Bassett 1978): `max(q · d, (q − 1) · d)` with `d = target − prediction`.
/// It is minimal where a fraction q of the targets is below the prediction.
/// - Parameters:
///   - predictions: `[…, Q]`, one per quantile.
///   - targets: `[…]`: the predictions' shape without its last axis.
///   - quantiles: The Q quantiles, each between 0 and 1.
///   - weights: One factor per target, or per loss; the mean divides by their sum.
///   - reduction: `.mean` divides by the number of predictions; `.none` gives each loss, `[…, Q]`.
/// - Throws: `RecurrentError.shapeMismatch`; `.invalidArgument` if a quantile is not between 0 and 1.
public func quantileLoss(
  _ predictions: Tensor, _ targets: Tensor, quantiles: [Float], weights: [Float]? = nil, reduction: Reduction = .mean
) throws -> Tensor {
  let place = "quantile loss"
  if let wrong = quantiles.first(where: { !($0 > 0 && $0 < 1) }) {
    throw RecurrentError(
      .invalidArgument, "a quantile is \(wrong)", at: place, remedy: "use values between 0 and 1, exclusive")
  }
  guard predictions.shape == targets.shape + [quantiles.count] else {
    throw RecurrentError(
      .shapeMismatch,
      "predictions of shape \(predictions.shape) for targets of shape \(targets.shape) and \(quantiles.count) quantiles",
      at: place, remedy: "give predictions of shape \(targets.shape + [quantiles.count])")
  }
  let shares = try predictions.tape.tensor(quantiles, shape: [quantiles.count])
  let difference = try targets.reshaped(targets.shape + [1]) - predictions
  return try reduced((difference * shares).maximum(difference * (shares - 1)), weights, reduction, at: place)
}

/// The Poisson negative log-likelihood of counts, in nats, without the constant `log target!`: `rate − target · log
/// rate`. PyTorch: `poisson_nll_loss`.
/// - Parameters:
///   - predictions: `[…, C]`, the logarithms of the rates, or the rates.
///   - targets: `[…, C]`, counts from 0; a gradient only if they need one.
///   - isLogarithm: Whether the predictions are logarithms. To rates, `1e-8` is added before the logarithm.
///   - weights: One factor per row (all elements along the last axis), or per element; the mean divides by their sum.
///   - reduction: `.none` gives the loss of each element, `[…, C]`.
/// - Throws: `RecurrentError.shapeMismatch`.
public func poissonLoss(
  _ predictions: Tensor, _ targets: Tensor, isLogarithm: Bool = true, weights: [Float]? = nil,
  reduction: Reduction = .mean
) throws -> Tensor {
  let place = "Poisson loss"
  try requireSameShape(predictions, targets, at: place)
  let losses =
    isLogarithm
    ? try predictions.exp() - targets * predictions : try predictions - targets * (predictions + 1e-8).log()
  return try reduced(losses, weights, reduction, at: place)
}

/// Losses of elements `[…, C]`, weighted and reduced.
func reduced(_ losses: Tensor, _ weights: [Float]?, _ reduction: Reduction, at location: String) throws
  -> Tensor
{
  let (tape, shape) = (losses.tape, losses.shape)
  let isByElement = LossWeights.areByElement(weights, shape)
  let weighting = try LossWeights(
    weights, rows: isByElement ? losses.count : shape.rows, columns: isByElement ? 1 : shape.columns, reduction,
    on: tape, at: location)
  let weighted =
    try weighting.region.map { factors in
      let factors = try Tensor(factors, shape: [factors.rows, 1], tape: tape, slot: nil)
      return try losses * factors.reshaped(isByElement ? shape : shape.dropLast() + [1])
    } ?? losses
  switch reduction {
  case .none: return weighted
  case .sum: return try weighted.sum()
  case .mean: return try weighted.sum().scaled(by: weighting.scale)
  }
}

extension Tensor {
  /// Each element, at least `least`; unlike `clamped`, the gradient passes for every element.
  fileprivate func raised(to least: Float) throws -> Tensor {
    try Elementwise(
      "maximum", .maximum, [.tensor(self), .number(least)], slopes: [Elementwise.Slope(.copy, .gradient), nil])()
  }
}
