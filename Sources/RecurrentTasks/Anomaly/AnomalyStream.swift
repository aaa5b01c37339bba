import RecurrentCore
import RecurrentData
import RecurrentModel

/// Anomaly scores of a series whose values arrive one step after another.
/// ```swift
/// let stream = try AnomalyStream(detector, after: history)
/// for try await reading in sensor {
///   if try stream.append([reading]).isAlarm { … }
/// }
/// ```
/// The scores equal those of the whole series, bit for bit. C targets.
public final class AnomalyStream {
  /// The number of steps so far.
  public var steps: Int { stream.steps }
  private let model: AnomalyDetector
  private let stream: ForecastStream
  private var state: AnomalyState
  /// The forecasts of the next steps, `[H][C]`, in units of the scaled series; empty for an autoencoder.
  private var forecasts: [[Float]]
  private let id: String

  /// A stream of a model on a device.
  /// - Parameters:
  ///   - model: A model without covariates but those of the calendar.
  ///   - history: A series before the first value, whose steps are scored, too; nil to begin without.
  ///   - id: The identifier of the series, whose scaling is that of the training; by default that of the history, or of the
  ///     only series of the training.
  ///   - device: The device of the model.
  /// - Throws: `RecurrentError.invalidModel` if the model reads covariates that a stream does not have, `.invalidArgument` if no
  ///   series of the training has the identifier.
  public init(_ model: AnomalyDetector, after history: SeriesData? = nil, id: String? = nil, device: Device) throws {
    let known = try model.forecaster.description().scaling.series
    if let id, known[id] == nil {
      throw RecurrentError(
        .invalidArgument, "\(id.shown) is no series of the training", at: "AnomalyStream",
        remedy: "use one of \(known.keys.sorted().prefix(10).map(\.shown).listed)")
    }
    self.model = model
    stream = try ForecastStream(model.forecaster, after: history, id: id, percentages: [], device: device)
    let id = stream.id
    self.id = id
    guard var history, history.series.first?.steps ?? 0 > 0 else {
      state = try model.start()
      let none = [Float](repeating: .nan, count: model.forecaster.shape.channels)
      forecasts = [[Float]](repeating: none, count: model.forecaster.shape.lead)
      return
    }
    history.series[0].id = id
    let lead = model.forecaster.shape.lead
    let series = try PreparedSeries(history, stream.description, padding: [0], future: lead)
    let expected = try model.forecaster.expectedValues(
      series, isContinued: true, batch: Self.batch, on: stream.tape)
    state = try series.scored(0, expected.values[0], from: model.start()).state
    forecasts = (history.series[0].steps..<history.series[0].steps + lead).map { step in
      expected.values[0].map { $0[step] }
    }
  }

  /// The batch size of a history.
  private static let batch = 64

  /// Adds the values of a step, one for each target, NaN where one is missing.
  /// - Returns: The step with its score.
  /// - Throws: `RecurrentError.shapeMismatch` if there is not one value for each target, `.invalidData` if one is infinite.
  public func append(_ values: [Float]) throws -> AnomalyStep {
    let shape = model.forecaster.shape
    let next = try stream.advance(by: values)
    var made = [Float](repeating: .nan, count: shape.channels)
    if let (series, window) = next, window.origin >= shape.window {
      var expected = ExpectedValues(series, model.forecaster, future: shape.lead)
      stream.tape.reset()
      try expected.add([window], model.forecaster.predictions(of: [window], in: series, on: stream.tape))
      made = expected.values[0].map { $0[window.origin + shape.lead - 1] }
    }
    forecasts.append(made)
    let scaling = stream.description.scaling
    let expected = forecasts.removeFirst()
    let scaled = values.enumerated().map { channel, value in scaling.applied(to: [value], id, channel: channel)[0] }
    var step = state(values: scaled, expected: expected)
    step.expected = expected.enumerated().map { channel, value in
      scaling.inverted([value], id, channel: channel)[0]
    }
    return step
  }
}
