import RecurrentCore
import RecurrentModel

extension Forecaster {
  /// One step for each segment of the horizon, all from the same state: `[S, N, d]`.
  func decodedInParallel(_ state: RecurrentState, _ inputs: ForecastInputs, _ features: FutureFeatures) throws -> Tensor
  {
    let (segments, rows, hidden) = (shape.outputSegments, inputs.rows, rnn.hiddenSize)
    let output = try rnn(
      decoderInputs(inputs, features),
      state: RecurrentState(h: repeated(state.h, segments), c: state.c.map { try repeated($0, segments) }))
    return try output.outputs.reshaped([segments, rows, hidden]).dropout(rnn.dropout)
  }

  /// `[layers, N, d] → [layers, S · N, d]`. As rows of a table, the states of a layer are multiplied once, not S times.
  private func repeated(_ state: Tensor, _ count: Int) throws -> Tensor {
    guard count > 1 else { return state }
    let (layers, rows, hidden) = (state.shape[0], state.shape[1], state.shape[2])
    guard layers > 1 else {
      let places = (0..<count).flatMap { _ in 0..<Int32(rows) }
      return try state.step(0).rows(at: state.tape.labels(places, shape: [1, places.count]))
    }
    return try state.reshaped([layers, 1, rows, hidden]).expanded(to: [layers, count, rows, hidden])
      .reshaped([layers, count * rows, hidden])
  }

  /// The vectors of position and channel of each row, and what is known of its segment: `[1, S · N, d]`.
  private func decoderInputs(_ inputs: ForecastInputs, _ features: FutureFeatures) throws -> Tensor {
    guard let positions, let channels else { preconditionFailure("decoding is not parallel") }
    let (tape, segments, count) = (inputs.values.tape, shape.outputSegments, shape.channels)
    let parts = try [
      positions.weight.tensor(on: tape).reshaped([segments, 1, positions.weight.shape[1]])
        .expanded(to: [segments, count, positions.weight.shape[1]]),
      channels.weight.tensor(on: tape).reshaped([1, count, channels.weight.shape[1]])
        .expanded(to: [segments, count, channels.weight.shape[1]]),
    ]
    // A row for each segment and channel: few, whatever the batch, and multiplied once.
    let table = try Tensor.concatenate(parts, axis: 2).reshaped([segments * count, rnn.hiddenSize])
    let rows = (0..<Int32(segments)).flatMap { segment in inputs.channels.map { segment * Int32(count) + $0 } }
    let vectors = try table.rows(at: tape.labels(rows, shape: [1, rows.count]))
    guard let future, let known = try features.segments() else { return vectors }
    return try vectors + future(known).reshaped(vectors.shape)
  }

  /// Segment after segment, each read as the input of the next: `[N, H, size]`.
  func decodedRecursively(
    _ state: RecurrentState, _ inputs: ForecastInputs, _ features: FutureFeatures, _ window: NormalizedWindow
  ) throws -> Tensor {
    let (rows, hidden) = (inputs.rows, rnn.hiddenSize)
    var state = state
    var decoded = [try state.h.lastStep().reshaped([1, rows, hidden])]
    while decoded.count < shape.outputSegments {
      let values = try head(decoded[decoded.count - 1]).reshaped([rows, shape.segment, output.size])
      let input = try segmentInput(values, decoded.count - 1, inputs, features, window)
      let step = try rnn(embedding(input).relu(), state: state)
      state = step.state
      decoded.append(step.outputs)
    }
    return try predictions(of: Tensor.concatenate(decoded, axis: 0).dropout(rnn.dropout), window)
  }

  /// The predicted segment as the network reads a segment of the window: `[1, N, w · features + …]`.
  private func segmentInput(
    _ values: Tensor, _ segment: Int, _ inputs: ForecastInputs, _ features: FutureFeatures, _ window: NormalizedWindow
  ) throws -> Tensor {
    let (rows, w, tape) = (inputs.rows, shape.segment, inputs.values.tape)
    var steps = [try output.center(values).reshaped([rows, w, 1])]
    if shape.readsMissing { steps.append(try tape.full([rows, w, 1], 0)) }
    // The past covariates of a step to come are not known: their mean.
    if shape.past > 0 { steps.append(try tape.full([rows, w, shape.past], 0)) }
    if let known = features.steps {
      let first = shape.window + segment * w
      let range = first..<min(first + w, known.shape[1])
      var part = try known.slice(range, axis: 1)
      if range.count < w {
        part = try Tensor.concatenate([part, tape.full([rows, w - range.count, known.shape[2]], 0)], axis: 1)
      }
      steps.append(part)
    }
    let all = steps.count == 1 ? steps[0] : try Tensor.concatenate(steps, axis: 2)
    let whole = try [features.series, window.logScale].compactMap(\.self)
    return try Tensor.concatenate([all.reshaped([rows, w * shape.stepFeatures])] + whole, axis: 1)
      .reshaped([1, rows, w * shape.stepFeatures + shape.windowFeatures])
  }
}
