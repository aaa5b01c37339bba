import RecurrentCore

/// The weights of the rows of a classification, and their sum.
package struct RowFactors {
  /// One weight per row; nil for 1.
  package let factors: [Float]?
  /// The total weight, for a mean over batches.
  package let weight: Double
  /// The number of rows that are not ignored.
  package let count: Int

  /// - Throws: `RecurrentError` if there is not one weight a class, or a label is not below `classes`.
  package init(_ labels: [Int32], _ weights: [Float]?, of classes: Int, at location: String) throws {
    if let weights, weights.count != classes {
      throw RecurrentError(
        .shapeMismatch, "\(weights.count) weights for \(classes) classes", at: location,
        remedy: "give one weight per class")
    }
    if let label = labels.first(where: { Int($0) >= classes }) {
      throw RecurrentError(
        .invalidData, "label \(label) is out of range (\(classes) classes)", at: location, remedy: "labels start at 0")
    }
    factors = weights.map { weights in labels.map { $0 < 0 ? 0 : weights[Int($0)] } }
    count = labels.count { $0 >= 0 }
    weight = factors.map { $0.reduce(0) { $0 + Double($1) } } ?? Double(count)
  }
}

/// Throws unless a label smoothing is in `0 ..< 1`.
package func requireSmoothing(_ smoothing: Float, at location: String) throws {
  guard smoothing >= 0, smoothing < 1 else {
    throw RecurrentError(
      .invalidArgument, "the label smoothing is \(smoothing)", at: location,
      remedy: "use a value from 0 to below 1")
  }
}
