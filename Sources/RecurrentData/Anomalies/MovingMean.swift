/// The mean of the last values of a stream.
struct MovingMean: Sendable, Codable {
  private let count: Int
  private var values: [Float] = []

  /// A mean of a number of values, or of fewer at the start.
  init(count: Int) { self.count = max(1, count) }

  /// Adds a value and returns the mean.
  mutating func callAsFunction(_ value: Float) -> Float {
    if values.count == count { values.removeFirst() }
    values.append(value)
    return values.reduce(0, +) / Float(values.count)
  }
}
