import ArgumentParser
import RecurrentCore
import RecurrentModel

/// The weights of the classes (labels of texts or tags of words) in the loss.
package enum ClassWeights: Hashable, Sendable {
  /// Each class has the same total weight, for any number of examples.
  case balanced
  /// Weights by class name; 1 for other classes.
  case factors([String: Float])

  /// The weight of each class.
  /// - Parameters:
  ///   - names: The classes' names.
  ///   - classes: Those of the training data.
  ///   - kind: What a class is: `label`.
  ///   - option: The option of the weights.
  /// - Throws: `RecurrentError.invalidArgument` if there is no such class, or no mistake costs anything.
  func values(_ names: [String], of classes: some Sequence<Int32>, kind: String, option: String) throws -> [Float] {
    switch self {
    case .balanced: return balanced(classes.counts(below: names.count))
    case .factors(let factors):
      if let other = factors.keys.sorted().first(where: { !names.contains($0) }) {
        throw RecurrentError(
          .invalidArgument, "unknown \(kind) \(other.shown)", at: option,
          remedy: "use one or more of \(names.map(\.shown).listed)")
      }
      let values = names.map { factors[$0] ?? 1 }
      try requireUse(
        values.contains { $0 > 0 }, option, "all weights are 0",
        remedy: "give at least one weight above 0")
      return values
    }
  }

  /// The weights of scikit-learn's `balanced`.
  private func balanced(_ counts: [Int]) -> [Float] {
    let mean = Float(counts.reduce(0, +)) / Float(counts.count)
    return counts.map { $0 == 0 ? 0 : mean / Float($0) }
  }
}

extension ClassWeights: ExpressibleByArgument {
  package static let allValueStrings = ["balanced", "NAME=FACTOR,…"]
  package static let defaultCompletionKind = CompletionKind.list(["balanced"])

  package init?(argument: String) {
    if argument == "balanced" {
      self = .balanced
      return
    }
    var factors: [String: Float] = [:]
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let mark = part.lastIndex(of: "="), let factor = Float(part[part.index(after: mark)...]),
        factor >= 0, factor.isFinite, factors.updateValue(factor, forKey: String(part[..<mark])) == nil
      else { return nil }
    }
    self = .factors(factors)
  }

  package var defaultValueDescription: String {
    switch self {
    case .balanced: "balanced"
    case .factors(let factors): factors.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: ",")
    }
  }
}

extension Sequence<Int32> {
  /// Counts of each class from 0; negative values are ignored.
  func counts(below count: Int) -> [Int] {
    reduce(into: [Int](repeating: 0, count: count)) { counts, number in
      if number >= 0 { counts[Int(number)] += 1 }
    }
  }
}
