/// How the weights of a training are averaged. The averaged weights are evaluated, and are the model's after `fit`; training continues
/// with the others.
public enum WeightAveraging: Sendable, Hashable {
  /// The exponential moving average of the weights after each step, with a decay in `0 ..< 1`, 0.999 for example. PyTorch:
  /// `AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(decay))`; but the n-th average has at most the decay
  /// `(1 + n) / (10 + n)`, as in TensorFlow's `ExponentialMovingAverage`.
  case exponential(decay: Float)
  /// The mean of the weights after each of the last epochs, of which this is the number (as the averaging of checkpoints in Vaswani et
  /// al. 2017). PyTorch: `AveragedModel(model)`, updated after these epochs.
  case lastEpochs(Int)
}

extension WeightAveraging: ExpressibleByFloatLiteral {
  /// An exponential moving average with this decay.
  public init(floatLiteral decay: Float) { self = .exponential(decay: decay) }
}
