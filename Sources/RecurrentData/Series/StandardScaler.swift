import RecurrentCore

/// Standardizes features to mean 0 and variance 1, and back: fitted on the training data, applied to all data, as
/// scikit-learn's `StandardScaler`.
/// ```swift
/// let scaler = try StandardScaler(fitting: training, features: 3)
/// let inputs = try scaler.applied(to: validation)
/// let forecast = try scaler.inverted(predictions)
/// ```
public struct StandardScaler: Codable, Sendable, Hashable {
  /// The mean of each feature.
  public let means: [Float]
  /// The standard deviation of each feature (population, divided by n); 1 for a constant feature, which becomes 0.
  public let deviations: [Float]

  /// A transform with these means and deviations.
  /// - Throws: `RecurrentError.invalidArgument` if the counts differ, a value is not finite, or a deviation is not
  ///   above 0.
  public init(means: [Float], deviations: [Float]) throws {
    guard means.count == deviations.count, means.allSatisfy(\.isFinite),
      deviations.allSatisfy({ $0 > 0 && $0.isFinite })
    else {
      throw RecurrentError(
        .invalidArgument, "\(means.count) means and \(deviations.count) deviations", at: "StandardScaler",
        remedy: "give the same number of each; all finite, deviations above 0")
    }
    self.means = means
    self.deviations = deviations
  }

  /// The transform fitted to data.
  /// - Parameters:
  ///   - values: `[…, features]`, last axis fastest.
  ///   - features: The number of features per row.
  /// - Throws: `RecurrentError.shapeMismatch` if the values are not whole rows; `.invalidData` if there are none or one
  ///   is not finite.
  public init(fitting values: [Float], features: Int = 1) throws {
    try requirePositive([("features", features)], at: "StandardScaler")
    guard values.count.isMultiple(of: features) else { throw Self.misfit(values.count, features) }
    if let wrong = values.firstIndex(where: { !$0.isFinite }) {
      throw RecurrentError(
        .invalidData, "feature \(wrong % features) of row \(wrong / features) is \(values[wrong])",
        at: "StandardScaler", remedy: "remove the row, or fill the gap")
    }
    let rows = values.count / features
    guard rows > 0 else {
      throw RecurrentError(.invalidData, "no rows to fit", at: "StandardScaler", remedy: "give at least one row")
    }
    let mean = { (feature: Int, term: (Double) -> Double) in
      stride(from: feature, to: values.count, by: features).reduce(0.0) { $0 + term(Double(values[$1])) } / Double(rows)
    }
    let means = (0..<features).map { mean($0) { $0 } }
    let variances = means.enumerated().map { feature, center in mean(feature) { ($0 - center) * ($0 - center) } }
    try self.init(
      means: means.map { Float($0) },
      deviations: zip(means, variances).map { mean, variance in
        // A deviation at the level of rounding errors means a constant feature.
        let root = Float(variance.squareRoot())
        return root > Float(mean.magnitude) * 1e-6 && root > 0 ? root : 1
      })
  }

  /// Decodes a transform.
  /// - Throws: `DecodingError`; `RecurrentError.invalidArgument` for values that `init(means:deviations:)` rejects.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      means: values.decode([Float].self, forKey: .means), deviations: values.decode([Float].self, forKey: .deviations))
  }

  private enum CodingKeys: String, CodingKey { case means, deviations }

  /// The standardized values, with mean 0 and variance 1 on the training data.
  /// - Parameter values: `[…, features]`, last axis fastest.
  /// - Throws: `RecurrentError.shapeMismatch` if they are not whole rows.
  public func applied(to values: [Float]) throws -> [Float] {
    try mapped(values) { ($0 - means[$1]) / deviations[$1] }
  }

  /// The values in their original units: of predictions, for example.
  /// - Parameter values: `[…, features]`, last axis fastest.
  /// - Throws: `RecurrentError.shapeMismatch` if they are not whole rows.
  public func inverted(_ values: [Float]) throws -> [Float] {
    try mapped(values) { $0 * deviations[$1] + means[$1] }
  }

  /// The transform of some features: of the predicted one, for example.
  /// - Parameter features: Their indices, from 0.
  /// - Throws: `RecurrentError.invalidArgument` if an index is out of range.
  public func features(_ features: [Int]) throws -> StandardScaler {
    if let wrong = features.first(where: { !means.indices.contains($0) }) {
      throw RecurrentError(
        .invalidArgument, "feature \(wrong) is out of range (\(means.count.counted("feature")))", at: "StandardScaler",
        remedy: "features start at 0")
    }
    return try StandardScaler(means: features.map { means[$0] }, deviations: features.map { deviations[$0] })
  }

  private func mapped(_ values: [Float], _ body: (Float, Int) -> Float) throws -> [Float] {
    guard values.isEmpty || !means.isEmpty && values.count.isMultiple(of: means.count) else {
      throw Self.misfit(values.count, means.count)
    }
    return values.enumerated().map { body($1, $0 % means.count) }
  }

  private static func misfit(_ values: Int, _ features: Int) -> RecurrentError {
    RecurrentError(
      .shapeMismatch, "\(values.counted("value is", "values are")) not whole rows of \(features.counted("feature"))",
      at: "StandardScaler",
      remedy: "give all features of each row in turn")
  }
}
