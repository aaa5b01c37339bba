import RecurrentCore

/// Features brought to mean 0 and variance 1, and back: fitted on the training data, applied to all data, as scikit-learn's
/// `StandardScaler`.
/// ```swift
/// let scaling = try Standardisation(fitting: training, features: 3)
/// let inputs = try scaling.applied(to: validation)
/// let forecast = try scaling.inverted(predictions)
/// ```
public struct Standardisation: Codable, Sendable, Hashable {
  /// Of each feature.
  public let means: [Float]
  /// Of each feature: the root of the mean squared deviation; 1 for a feature that is constant, which becomes 0.
  public let deviations: [Float]

  /// One with these means and deviations, of each feature.
  /// - Throws: `RecurrentError.invalidArgument` if their numbers differ, or one is not finite or a deviation not above 0.
  public init(means: [Float], deviations: [Float]) throws {
    guard means.count == deviations.count, means.allSatisfy(\.isFinite),
      deviations.allSatisfy({ $0 > 0 && $0.isFinite })
    else {
      throw RecurrentError(
        .invalidArgument, "\(means.count) means and \(deviations.count) deviations", at: "standardisation",
        remedy: "give as many of both, finite, and deviations above 0")
    }
    self.means = means
    self.deviations = deviations
  }

  /// That of some data.
  /// - Parameters:
  ///   - values: `[…, features]`, the last axis fastest.
  ///   - features: How many features a row has.
  /// - Throws: `RecurrentError.shapeMismatch` if the values are not whole rows; `.invalidData` if there is none or one is not
  ///   finite.
  public init(fitting values: [Float], features: Int = 1) throws {
    try requirePositive([("features", features)], at: "standardisation")
    guard values.count.isMultiple(of: features) else { throw Self.misfit(values.count, features) }
    if let wrong = values.firstIndex(where: { !$0.isFinite }) {
      throw RecurrentError(
        .invalidData, "feature \(wrong % features) of row \(wrong / features) is \(values[wrong])",
        at: "standardisation", remedy: "leave the row out, or fill the gap")
    }
    let rows = values.count / features
    guard rows > 0 else {
      throw RecurrentError(.invalidData, "no row to fit", at: "standardisation", remedy: "give at least one row")
    }
    let mean = { (feature: Int, term: (Double) -> Double) in
      stride(from: feature, to: values.count, by: features).reduce(0.0) { $0 + term(Double(values[$1])) } / Double(rows)
    }
    let means = (0..<features).map { mean($0) { $0 } }
    let variances = means.enumerated().map { feature, center in mean(feature) { ($0 - center) * ($0 - center) } }
    try self.init(
      means: means.map { Float($0) },
      deviations: zip(means, variances).map { mean, variance in
        // What rounding leaves of a constant is no deviation.
        let root = Float(variance.squareRoot())
        return root > Float(mean.magnitude) * 1e-6 && root > 0 ? root : 1
      })
  }

  /// Reads one that was encoded.
  /// - Throws: `DecodingError`; `RecurrentError.invalidArgument` for other values than `init(means:deviations:)` takes.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      means: values.decode([Float].self, forKey: .means), deviations: values.decode([Float].self, forKey: .deviations))
  }

  private enum CodingKeys: String, CodingKey { case means, deviations }

  /// The values brought to mean 0 and variance 1.
  /// - Parameter values: `[…, features]`, the last axis fastest.
  /// - Throws: `RecurrentError.shapeMismatch` if they are not whole rows.
  public func applied(to values: [Float]) throws -> [Float] {
    try mapped(values) { ($0 - means[$1]) / deviations[$1] }
  }

  /// The values as they were before: what predictions are in the units of the data.
  /// - Parameter values: `[…, features]`, the last axis fastest.
  /// - Throws: `RecurrentError.shapeMismatch` if they are not whole rows.
  public func inverted(_ values: [Float]) throws -> [Float] {
    try mapped(values) { $0 * deviations[$1] + means[$1] }
  }

  /// That of some of the features: of the one that is predicted, for example.
  /// - Parameter features: Their numbers, from 0.
  /// - Throws: `RecurrentError.invalidArgument` if there is no such feature.
  public func features(_ features: [Int]) throws -> Standardisation {
    if let wrong = features.first(where: { !means.indices.contains($0) }) {
      throw RecurrentError(
        .invalidArgument, "feature \(wrong) of \(means.count)", at: "standardisation", remedy: "count from 0")
    }
    return try Standardisation(means: features.map { means[$0] }, deviations: features.map { deviations[$0] })
  }

  private func mapped(_ values: [Float], _ body: (Float, Int) -> Float) throws -> [Float] {
    guard values.isEmpty || !means.isEmpty && values.count.isMultiple(of: means.count) else {
      throw Self.misfit(values.count, means.count)
    }
    return values.enumerated().map { body($1, $0 % means.count) }
  }

  private static func misfit(_ values: Int, _ features: Int) -> RecurrentError {
    RecurrentError(
      .shapeMismatch, "\(values) values are not whole rows of \(features) features", at: "standardisation",
      remedy: "give the features of one row after another")
  }
}
