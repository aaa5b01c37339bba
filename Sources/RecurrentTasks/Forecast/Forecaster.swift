import RecurrentCore
import RecurrentData
import RecurrentModel

/// Predicts the next steps of series from a window of the last ones.
///
/// L steps in a window, H steps of the horizon, w steps in a segment, d hidden units, N rows: each row is a channel (a target of
/// a series) and a window. The window is read in segments, `linear(w · features → d)` and ReLU, by recurrent layers; the
/// decoder gives the segments of the horizon, `linear(d → w)`, relative to the window's last value (SegRNN: Lin et al. 2023).
///
/// Parameters have the names of a PyTorch module with the members `embedding`, `rnn`, `positions`, `channels`, `head`.
public final class Forecaster: Module {
  /// The sizes, and what is read.
  public let shape: ForecasterShape
  /// What is predicted.
  public let output: ForecastOutput
  /// The layer that reads a segment: `[…, w · features + features of the window] → […, d]`.
  public let embedding: Dense
  /// The recurrent layers, time first, which also decode.
  public let rnn: RecurrentStack
  /// The vectors of the categories that are known in advance.
  public let categories: [Embedding]
  /// The vectors of the categories of series.
  public let staticCategories: [Embedding]
  /// The vectors of the horizon's segments, `[⌈H/w⌉, d/2]`; nil unless decoding is parallel.
  public let positions: Embedding?
  /// The vectors of the channels, `[C, d − d/2]`; nil unless decoding is parallel.
  public let channels: Embedding?
  /// The layer that reads what is known of a segment of the horizon; nil if nothing is.
  public let future: Dense?
  /// The output layer: `[…, d] → […, w · output.size]`, or all H steps if decoding is direct.
  public let head: Dense
  /// The layer of the gate between earlier values: `[…, d] → […, w · lags]`; nil without one.
  public let gate: Dense?
  /// The quantiles of the errors on the validation data, `[C, H, Calibration.levels.count]`, in units of the scaled series:
  /// the prediction intervals. Not trained.
  public let intervals: Parameter
  /// What it needs to read data: columns, scaling, season; nil if it has read none.
  package var series: SeriesDescription?

  /// A model with new weights.
  /// - Parameters:
  ///   - shape: The sizes, and what is read.
  ///   - output: What is predicted.
  ///   - rnn: The recurrent layers, in one direction, time first; they read d features, as many as they have units. Their
  ///     dropout probability is also that of the input of the output layer.
  /// - Throws: `RecurrentError.invalidArgument` if the parts do not fit each other.
  public init(_ shape: ForecasterShape, output: ForecastOutput, rnn: RecurrentStack) throws {
    try shape.check()
    let hidden = rnn.hiddenSize
    guard !rnn.isBidirectional, !rnn.isBatchFirst, rnn.inputSize == hidden, hidden > 1 || shape.decoding != .parallel
    else {
      throw RecurrentError(
        .invalidArgument, "the recurrent layers \(rnn.summary) do not read what a segment gives", at: "Forecaster",
        remedy: "use forward layers, time first, with as many input features as units, at least 2")
    }
    (self.shape, self.output, self.rnn) = (shape, output, rnn)
    let vectors = { (counts: [Int]) in
      try counts.map {
        try Embedding(
          tokens: $0, size: ForecasterShape.size(ofCategory: $0), initializer: CategoryCovariate.initializer)
      }
    }
    categories = try vectors(shape.categories)
    staticCategories = try vectors(shape.staticCategories)
    embedding = try Dense(input: shape.segment * shape.stepFeatures + shape.windowFeatures, output: hidden)
    let isParallel = shape.decoding == .parallel
    positions = isParallel ? try Embedding(tokens: shape.outputSegments, size: hidden / 2) : nil
    channels = isParallel ? try Embedding(tokens: shape.channels, size: hidden - hidden / 2) : nil
    let known = shape.segment * shape.futureFeatures + shape.staticFeatures
    future = isParallel && known > 0 ? try Dense(input: known, output: hidden, bias: false) : nil
    let steps = shape.decoding == .direct ? shape.horizon : shape.segment
    head = try Dense(input: hidden, output: steps * output.size)
    gate = shape.gateLags.count < 2 ? nil : try Dense(input: hidden, output: steps * shape.gateLags.count)
    intervals = Parameter([shape.channels, shape.horizon, ForecastIntervals.levels.count], .zeros)
    intervals.isFrozen = true
  }

  /// The prediction for each row: `[N, H, output.size]`, in units of the scaled series: values or quantiles; mean and variance;
  /// mean and dispersion of counts.
  /// - Throws: `RecurrentError.shapeMismatch` if the inputs do not match the model.
  public func callAsFunction(_ inputs: ForecastInputs) throws -> Tensor { try predicted(inputs).predictions }

  /// The predictions, and the windows that they are relative to.
  func predicted(_ inputs: ForecastInputs) throws -> (predictions: Tensor, window: NormalizedWindow) {
    try inputs.check(shape)
    let window = try NormalizedWindow(inputs, shape)
    let features = try FutureFeatures(inputs, self)
    let state = try rnn(encoded(window, inputs, features)).state
    let decoded: Tensor
    switch shape.decoding {
    case .parallel: decoded = try decodedInParallel(state, inputs, features)
    case .direct: decoded = try state.h.lastStep().dropout(rnn.dropout)
    case .recursive: return (try decodedRecursively(state, inputs, features, window), window)
    }
    return (try predictions(of: decoded, window), window)
  }

  /// The segments of the window, `[L/w, N, d]`.
  private func encoded(_ window: NormalizedWindow, _ inputs: ForecastInputs, _ features: FutureFeatures) throws
    -> Tensor
  {
    let (rows, w) = (inputs.rows, shape.segment)
    var steps = [try window.values.reshaped([rows, shape.window, 1])]
    if shape.readsMissing {
      let observed = try inputs.observed ?? inputs.values.tape.full([rows, shape.window], 1)
      steps.append(try (1 - observed).reshaped([rows, shape.window, 1]))
    }
    steps += [inputs.past, try features.steps?.slice(0..<shape.window, axis: 1)].compactMap(\.self)
    let all = steps.count == 1 ? steps[0] : try Tensor.concatenate(steps, axis: 2)
    var segments = try all.reshaped([rows, shape.inputSegments, w * shape.stepFeatures]).swappingLeadingAxes()
    let whole = [features.series, window.logScale].compactMap(\.self)
    if !whole.isEmpty {
      let joined = whole.count == 1 ? whole[0] : try Tensor.concatenate(whole, axis: 1)
      let each = try joined.reshaped([1, rows, shape.windowFeatures])
        .expanded(to: [shape.inputSegments, rows, shape.windowFeatures])
      segments = try Tensor.concatenate([segments, each], axis: 2)
    }
    return try embedding(segments).relu()
  }

  /// What `decoded` gives, `[S, N, d]` or `[N, d]`, in units of the scaled series: `[N, H, size]`.
  func predictions(of decoded: Tensor, _ window: NormalizedWindow) throws -> Tensor {
    let residuals = try steps(head(decoded), output.size)
    guard let gate else { return try window.restored(residuals, output) }
    return try window.restored(residuals, output, gate: steps(gate(decoded), shape.gateLags.count))
  }

  /// `[S, N, w · size]`, or `[N, H · size]` of a direct head, as `[N, H, size]`.
  private func steps(_ values: Tensor, _ size: Int) throws -> Tensor {
    guard values.shape.count == 3 else { return try values.reshaped([values.shape[0], shape.horizon, size]) }
    let (segments, rows) = (values.shape[0], values.shape[1])
    let all = segments == 1 ? values : try values.swappingLeadingAxes()
    let joined = try all.reshaped([rows, segments * shape.segment, size])
    return segments * shape.segment == shape.horizon ? joined : try joined.slice(0..<shape.horizon, axis: 1)
  }

  /// The sizes that are not those of its layers.
  public var summary: String {
    "Forecaster(window: \(shape.window), horizon: \(shape.horizon), segment: \(shape.segment))"
  }
}
