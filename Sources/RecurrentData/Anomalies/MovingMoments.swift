/// The mean and the standard deviation of the last values of a stream.
struct MovingMoments: Sendable, Codable {
  /// The largest number of values.
  let window: Int
  /// The number of values after which the moments are computed anew, once the window is full.
  let refresh: Int
  /// The mean; 0 without values.
  private(set) var mean = 0.0
  /// The standard deviation, of the population.
  private(set) var deviation = 0.0

  private var values: [Float] = []
  private var squares = 0.0

  init(window: Int, refresh: Int) { (self.window, self.refresh) = (window, refresh) }

  /// Whether there are values.
  var isEmpty: Bool { values.isEmpty }

  /// Adds a value.
  mutating func add(_ value: Float) {
    values.append(value)
    guard values.count > window else {
      // Welford 1962.
      let difference = Double(value) - mean
      mean += difference / Double(values.count)
      squares += difference * (Double(value) - mean)
      deviation = (squares / Double(values.count)).squareRoot()
      return
    }
    guard values.count == window + refresh else { return }
    values.removeFirst(refresh)
    mean = values.reduce(0) { $0 + Double($1) } / Double(window)
    squares = values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    deviation = (squares / Double(window)).squareRoot()
  }
}
