#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Anomaly scores of a stream of magnitudes by the tail of the last ones: the largest are peaks over a high quantile,
/// whose excesses have an exponential distribution (Siffer et al. 2017, with a shape of 0).
///
/// The tail's scale is its own, so one threshold suits series with few large errors and with many. It is learnt from the
/// stream: its ``level(of:)`` is a threshold that moves with the series.
public struct PeaksOverThreshold: Sendable {
  /// The largest number of magnitudes of the distribution.
  public let window: Int
  /// The fraction that are peaks.
  public let fraction: Double

  /// The number of magnitudes before the first score.
  private static let learning = 100
  /// The fewest peaks.
  private static let fewest = 5
  /// The largest score, which is what exceeds a constant has.
  private static let largest: Double = 1000

  /// The magnitudes in the order in which they came.
  private var recent: [Float] = []
  /// The index of the oldest in `recent` once the window is full.
  private var oldest = 0
  /// The magnitudes in ascending order.
  private var sorted: [Float] = []

  /// A detector.
  /// - Parameters:
  ///   - window: The largest number of magnitudes of the distribution, at least 100.
  ///   - fraction: The fraction that are peaks, above 0 and below 1.
  public init(window: Int = 20_000, fraction: Double = 0.05) {
    self.window = max(Self.learning, window)
    self.fraction = min(max(fraction, 0), 1)
  }

  /// The score of the next magnitude, which then belongs to the distribution; NaN for NaN, which does not.
  public mutating func callAsFunction(_ magnitude: Float) -> Float {
    defer { if !magnitude.isNaN { add(magnitude) } }
    return score(of: magnitude)
  }

  /// The score of a magnitude: the negative decimal logarithm of the probability of one as large, 3 for one in a thousand.
  /// It is 0 while there are fewer than 100, and NaN for NaN.
  public func score(of magnitude: Float) -> Float {
    guard !magnitude.isNaN else { return .nan }
    guard let tail else { return 0 }
    guard magnitude > tail.start else {
      return Float(-log10(Double(sorted.count - position(of: magnitude)) / Double(sorted.count)))
    }
    let excess = Double(magnitude) - Double(tail.start)
    return Float(min(tail.score + excess / tail.scale / M_LN10, Self.largest))
  }

  /// The magnitude whose score is a threshold; nil while there are fewer than 100, and for a score within the
  /// distribution, not its tail.
  public func level(of score: Float) -> Float? {
    guard let tail, Double(score) >= tail.score else { return nil }
    return Float(Double(tail.start) + (Double(score) - tail.score) * M_LN10 * tail.scale)
  }

  /// The quantile where the tail starts, its score, and the mean excess over it.
  private var tail: (start: Float, score: Double, scale: Double)? {
    guard sorted.count >= Self.learning else { return nil }
    let peaks = min(max(Int((fraction * Double(sorted.count)).rounded()), Self.fewest), sorted.count - 1)
    let start = sorted[sorted.count - peaks - 1]
    let sum = sorted.withUnsafeBufferPointer { sorted in
      var sum = 0.0
      for index in sorted.count - peaks..<sorted.count { sum += Double(sorted[index]) - Double(start) }
      return sum
    }
    // A constant has no tail: what exceeds it by the rounding of floats is not unusual.
    let smallest = Double(sorted[sorted.count - 1].magnitude) * 1e-6 + Double(Float.leastNormalMagnitude)
    return (start, -log10(Double(peaks) / Double(sorted.count)), max(sum / Double(peaks), smallest))
  }

  private mutating func add(_ magnitude: Float) {
    if recent.count == window {
      sorted.remove(at: position(of: recent[oldest]))
      recent[oldest] = magnitude
      oldest = (oldest + 1) % window
    } else {
      recent.append(magnitude)
    }
    sorted.insert(magnitude, at: position(of: magnitude))
  }

  /// The number of magnitudes below one.
  private func position(of magnitude: Float) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < magnitude { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// The magnitudes from the oldest.
extension PeaksOverThreshold: Codable {
  private enum CodingKeys: String, CodingKey { case window, fraction, magnitudes }

  /// Decodes a detector.
  /// - Throws: `DecodingError`, also if a magnitude is NaN or there are more than its window has.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      window: try values.decode(Int.self, forKey: .window), fraction: try values.decode(Double.self, forKey: .fraction))
    recent = try values.decode([Float].self, forKey: .magnitudes)
    guard recent.count <= window, !recent.contains(where: \.isNaN) else {
      throw DecodingError.dataCorruptedError(forKey: .magnitudes, in: values, debugDescription: "wrong magnitudes")
    }
    sorted = recent.sorted()
  }

  /// Encodes a detector.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(window, forKey: .window)
    try values.encode(fraction, forKey: .fraction)
    try values.encode(Array(recent[oldest...] + recent[..<oldest]), forKey: .magnitudes)
  }
}
