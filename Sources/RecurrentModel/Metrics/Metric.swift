/// A metric of a model on data: `accuracy`, 0.87; `rmse`, 1.3 °C.
public struct Metric: Hashable, Sendable {
  /// Its name in reports: words joined by underscores.
  public let name: String
  /// Its value; NaN if undefined.
  public let value: Double
  /// The unit of the value; nil if dimensionless.
  public let unit: String?
  /// Whether higher values are better, as for an accuracy, or lower ones, as for an error.
  public let higherIsBetter: Bool

  /// A metric.
  public init(_ name: String, _ value: Double, unit: String? = nil, higherIsBetter: Bool = true) {
    self.name = name
    self.value = value
    self.unit = unit
    self.higherIsBetter = higherIsBetter
  }

  /// The name of a metric in text: `macro-F1` for `macro_f1`, `bits per character` for `bits_per_character`.
  package static func shown(_ name: String) -> String {
    name.replacing("_f1", with: "-F1").replacing("_", with: " ")
  }
}
