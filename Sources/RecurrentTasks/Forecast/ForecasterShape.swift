import RecurrentCore

/// How a forecaster decodes its horizon.
public enum ForecastDecoding: String, Codable, Hashable, Sendable, CaseIterable {
  /// One step of the recurrent layers for each segment of the horizon, all from the final state of the window, each
  /// with a vector of its position and of the channel as its input (Lin et al. 2023, "PMF").
  case parallel
  /// A dense layer on the final state.
  case direct
  /// One step after another; each reads the segment that the last one has predicted.
  case recursive
}

/// What the values of a window are relative to.
public enum WindowReference: String, Codable, Hashable, Sendable, CaseIterable {
  /// The last value.
  case last
  /// The mean of the last season.
  case season
  /// The mean of the window.
  case mean
  /// Nothing: the values of the scaled series are read as they are.
  case none
}

/// What the values of a window are divided by.
public enum WindowScale: String, Codable, Hashable, Sendable, CaseIterable {
  /// Nothing.
  case none
  /// The mean absolute deviation from the reference, whose logarithm is read, too.
  case deviation
  /// The mean absolute difference of neighboring values, which is not read: a trend continues whatever the size of its steps.
  case difference
}

/// The sizes of a forecaster, and what it reads.
public struct ForecasterShape: Codable, Hashable, Sendable {
  /// The number of input steps, L.
  public var window: Int
  /// The number of predicted steps, H.
  public var horizon: Int
  /// The number of steps that the network reads and predicts at a time; divides the window.
  public var segment: Int
  /// The number of channels, C: the targets of a series, which share all weights but have a vector each.
  public var channels = 1
  /// The number of covariates that are known up to the present, P.
  public var past = 0
  /// The number of covariates that are known in advance, K.
  public var known = 0
  /// The number of values of each category that is known in advance, including the unknown one.
  public var categories: [Int] = []
  /// The number of values of each category of a series, including the unknown one.
  public var staticCategories: [Int] = []
  /// Whether the network reads which values are missing.
  public var readsMissing = false
  /// What the values of a window are relative to.
  public var reference = WindowReference.last
  /// What a window is divided by.
  public var scale = WindowScale.none
  /// The steps of a season; 1 for none.
  public var season = 1
  /// The distances in steps of the earlier values between which, and the network's prediction, a gate chooses: 1 for the
  /// last value, 24 for the same hour of the last day; empty for no gate.
  public var gateLags: [Int] = []
  /// How the horizon is decoded.
  public var decoding = ForecastDecoding.parallel
  /// Whether the window itself is predicted, by an autoencoder, in place of what follows it: H is L.
  public var reconstructs = false

  private enum CodingKeys: String, CodingKey {
    case window, horizon, segment, channels, past, known, categories, reference, scale, season, decoding, reconstructs
    case staticCategories = "static_categories"
    case readsMissing = "reads_missing"
    case gateLags = "gate_lags"
  }

  /// A shape without covariates.
  public init(window: Int, horizon: Int, segment: Int) {
    (self.window, self.horizon, self.segment) = (window, horizon, segment)
  }

  /// The number of steps from the end of a window to the end of what is predicted: H, or 0 for an autoencoder.
  var lead: Int { reconstructs ? 0 : horizon }

  /// The predicted steps of a window before an origin.
  func targetSteps(_ origin: Int) -> Range<Int> { origin + lead - horizon..<origin + lead }

  /// The number of segments of the window.
  var inputSegments: Int { window / segment }
  /// The number of segments of the horizon; the last may be cut.
  var outputSegments: Int { (horizon + segment - 1) / segment }

  /// The size of the vector of a category: as in fast.ai's rule, at most 16.
  static func size(ofCategory values: Int) -> Int { min(16, (values + 1) / 2) }

  /// The features of a step of the window.
  var stepFeatures: Int { 1 + (readsMissing ? 1 : 0) + past + futureFeatures }
  /// The features of a step that are known in advance.
  var futureFeatures: Int { known + categories.map(Self.size(ofCategory:)).reduce(0, +) }
  /// The features of a series.
  var staticFeatures: Int { staticCategories.map(Self.size(ofCategory:)).reduce(0, +) }
  /// The features of a window as a whole.
  var windowFeatures: Int { staticFeatures + (scale == .deviation ? 1 : 0) }

  /// - Throws: `RecurrentError.invalidArgument` if the sizes do not fit each other.
  func check() throws {
    try requireSizes(
      [("window", window), ("horizon", horizon), ("segment", segment), ("channels", channels), ("season", season)],
      at: "Forecaster")
    guard window.isMultiple(of: segment) else {
      throw RecurrentError(
        .invalidArgument, "the window has \(window.counted("step")), not a multiple of the segment's \(segment)",
        at: "Forecaster",
        remedy: "use a divisor of the window")
    }
    guard !reconstructs || horizon == window && gateLags.isEmpty && futureFeatures == 0 else {
      throw RecurrentError(
        .invalidArgument, "an autoencoder with a horizon, a gate, or features that are known in advance",
        at: "Forecaster", remedy: "use a horizon of the window's length, and leave out the others")
    }
    if let lag = gateLags.first(where: { !(1...window).contains($0) }) {
      throw RecurrentError(
        .invalidArgument, "a gate reads values \(lag.counted("step")) ago, in a window of \(window)", at: "Forecaster",
        remedy: "use a longer window or a shorter season")
    }
    guard reference != .season || season <= window else {
      throw RecurrentError(
        .invalidArgument, "the season of \(season.counted("step")) is longer than the window of \(window)",
        at: "Forecaster",
        remedy: "use a longer window or a shorter season")
    }
  }
}
