import RecurrentCore

/// The negative log-likelihood of counts under negative binomial distributions, in nats (DeepAR: Salinas et al. 2020), with mean μ
/// and variance `μ + α · μ²`: for a dispersion α of 0 Poisson's, in full. PyTorch:
/// `-torch.distributions.NegativeBinomial(1 / α, logits=torch.log(α * μ)).log_prob(target)`.
///
/// No terms cancel where the dispersion is small. A weight of 0 multiplies a loss by 0, which must be finite.
/// - Parameters:
///   - means: `[…, C]`, above 0: `softplus()` of a network's output, for example.
///   - targets: `[…, C]`, counts from 0; without a gradient.
///   - dispersions: At least 0; the shape of the means, or one that broadcasts to it.
///   - weights: One factor per row (all elements along the last axis), or per element; the mean divides by their sum.
///   - reduction: `.none` gives the loss of each element, `[…, C]`.
/// - Throws: `RecurrentError.shapeMismatch`.
public func negativeBinomialLoss(
  _ means: Tensor, _ targets: Tensor, dispersions: Tensor, weights: [Float]? = nil, reduction: Reduction = .mean
) throws -> Tensor {
  let (place, tape, shape) = ("negative binomial loss", means.tape, means.shape)
  guard shape == targets.shape, (try? [shape, dispersions.shape].broadcast(at: place)) == shape else {
    throw RecurrentError(
      .shapeMismatch,
      "means of shape \(shape), targets of shape \(targets.shape) and dispersions of shape \(dispersions.shape)",
      at: place, remedy: "means and targets must have the same shape, and dispersions one that broadcasts to it")
  }
  try tape.check([means, targets, dispersions])
  let operands = try [means, dispersions, targets].map { MapOperand.view(try $0.view().broadcast(to: shape)) }
  let losses = try tape.allocate(rows: shape.rows, columns: shape.columns)
  try tape.backend.map(Map(.negativeBinomial, operands, into: StridedView(losses, shape: shape)))
  let slopes: [(MapFunction, [Int])] = [
    (.negativeBinomialByMean, shape), (.negativeBinomialByDispersion, dispersions.shape),
  ]
  let result = try tape.recordWriting(losses, shape: shape, from: [means, dispersions]) { tape, upstream, outputs in
    let gradient = MapOperand.view(try StridedView(upstream, shape: shape))
    for (output, (function, own)) in zip(outputs, slopes) {
      guard let output else { continue }
      let slope = try StridedView(tape.allocate(rows: shape.rows, columns: shape.columns), shape: shape)
      try tape.backend.map(Map(function, operands, into: slope))
      try output.put(.multiply, [gradient, .view(slope)], shape: own, over: shape, on: tape)
    }
  }
  return try reduced(result, weights, reduction, at: place)
}
