/// Throws unless every value is at least 1.
package func requirePositive(_ numbers: [(String, Int)], at location: String) throws {
  for (name, number) in numbers where number < 1 {
    throw RecurrentError(.invalidArgument, "\(name) is \(number)", at: location, remedy: "it must be at least 1")
  }
}

/// Throws unless every size is at least 1 and within the range of the kernels.
package func requireSizes(_ sizes: [(String, Int)], at location: String) throws {
  try requirePositive(sizes, at: location)
  for (name, size) in sizes where size > CellDescriptor.largestSize {
    throw RecurrentError(
      .invalidArgument, "\(name) is \(size.grouped)", at: location,
      remedy: "it must be at most \(CellDescriptor.largestSize.grouped)")
  }
}

/// Throws unless a dropout probability is in `0 ..< 1`.
package func requireProbability(_ probability: Float, at location: String) throws {
  guard probability >= 0, probability < 1 else {
    throw RecurrentError(
      .invalidArgument, "the dropout probability is \(probability)", at: location,
      remedy: "use a value from 0 to below 1")
  }
}
