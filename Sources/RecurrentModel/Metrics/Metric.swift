/// A measure of how well a model does on data: `accuracy`, 0.87; `rmse`, 1.3 °C.
public struct Metric: Hashable, Sendable {
  /// Its name, as reports have it.
  public let name: String
  /// Its value; NaN where it is undefined.
  public let value: Double
  /// The unit of the value; nil for a pure number.
  public let unit: String?
  /// Its direction: whether a higher value is a better one, as of an accuracy, or a lower one, as of an error.
  public let higherIsBetter: Bool

  /// A measure.
  public init(_ name: String, _ value: Double, unit: String? = nil, higherIsBetter: Bool = true) {
    self.name = name
    self.value = value
    self.unit = unit
    self.higherIsBetter = higherIsBetter
  }
}
