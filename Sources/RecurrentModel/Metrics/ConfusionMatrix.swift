import RecurrentCore

/// The confusion matrix of K classes and the scores derived from it, as scikit-learn computes them with
/// `zero_division=0`.
public struct ConfusionMatrix: Hashable, Sendable {
  private struct Pair: Hashable {
    var actual: Int, predicted: Int
  }

  /// The label names.
  public let labels: [String]
  /// The counts of (actual, predicted) pairs; sparse, since K² can be far too many.
  private var pairs: [Pair: Int] = [:]
  /// The number of examples of each class, and the number predicted as it.
  private var actual: [Int]
  private var predicted: [Int]

  /// An empty matrix.
  public init(labels: [String]) {
    self.labels = labels
    actual = Array(repeating: 0, count: labels.count)
    predicted = actual
  }

  /// The counts `[K][K]`: actual class by predicted class.
  /// - Throws: `RecurrentError.outOfMemory` if there are too many classes.
  public var counts: [[Int]] {
    get throws {
      // The caller prints the table, too.
      try HostMemory.require(
        32 * labels.count * labels.count,
        for: "a confusion matrix of \(labels.count.grouped) × \(labels.count.grouped) classes",
        remedy: "use fewer classes")
      return labels.indices.map { actual in labels.indices.map { count(of: actual, as: $0) } }
    }
  }

  private func count(of actual: Int, as predicted: Int) -> Int {
    pairs[Pair(actual: actual, predicted: predicted)] ?? 0
  }

  /// Adds examples.
  /// - Parameters:
  ///   - actual: Their classes, from 0; negative ones are ignored.
  ///   - predicted: The predicted classes.
  /// - Throws: `RecurrentError.shapeMismatch` if the counts differ; `.invalidData` if a class is out of range.
  public mutating func add(actual: [Int32], predicted: [Int32]) throws {
    guard actual.count == predicted.count else {
      throw RecurrentError(
        .shapeMismatch, "\(predicted.count) predictions for \(actual.count) examples", at: "confusion matrix",
        remedy: "give one prediction per example")
    }
    for (actual, predicted) in zip(actual, predicted) where actual >= 0 {
      let pair = Pair(actual: Int(actual), predicted: Int(predicted))
      guard labels.indices.contains(pair.actual), labels.indices.contains(pair.predicted) else {
        throw RecurrentError(
          .invalidData, "class \(max(actual, predicted)) is out of range (\(labels.count) classes)",
          at: "confusion matrix",
          remedy: "classes start at 0")
      }
      add(1, pair)
    }
  }

  /// Adds the counts of another matrix.
  /// - Throws: `RecurrentError.shapeMismatch` if its classes differ.
  public mutating func add(_ other: ConfusionMatrix) throws {
    guard other.labels == labels else {
      throw RecurrentError(
        .shapeMismatch, "matrices of different classes (\(labels.count) and \(other.labels.count))",
        at: "confusion matrix",
        remedy: "add matrices of the same classes")
    }
    for (pair, count) in other.pairs { add(count, pair) }
  }

  private mutating func add(_ count: Int, _ pair: Pair) {
    pairs[pair, default: 0] += count
    actual[pair.actual] += count
    predicted[pair.predicted] += count
  }

  /// The number of examples.
  public var count: Int { actual.reduce(0, +) }

  /// The fraction of examples that were predicted correctly; 0 without examples.
  public var accuracy: Double { Self.share(labels.indices.reduce(0) { $0 + correct($1) }, of: count) }

  /// The number of examples of a class.
  public func support(of label: Int) -> Int { actual[label] }

  /// The number of examples that were predicted as a class.
  public func predictions(of label: Int) -> Int { predicted[label] }

  private func correct(_ label: Int) -> Int { count(of: label, as: label) }

  /// The fraction of the predictions of a class that are correct; 0 without predictions.
  public func precision(of label: Int) -> Double { Self.share(correct(label), of: predictions(of: label)) }

  /// The fraction of the examples of a class that were predicted as it; 0 without examples.
  public func recall(of label: Int) -> Double { Self.share(correct(label), of: support(of: label)) }

  /// The harmonic mean of precision and recall of a class; 0 if it neither occurs nor was predicted.
  public func f1(of label: Int) -> Double {
    Self.share(2 * correct(label), of: support(of: label) + predictions(of: label))
  }

  /// The mean F1 of the classes that occur or were predicted.
  public var macroF1: Double {
    let occurring = labels.indices.filter { support(of: $0) + predictions(of: $0) > 0 }
    return occurring.isEmpty ? 0 : occurring.reduce(0) { $0 + f1(of: $1) } / Double(occurring.count)
  }

  private static func share(_ part: Int, of whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }
}

extension ConfusionMatrix {
  /// The scores of each class, one line each, then accuracy and macro-F1.
  public var report: String {
    let width = max(labels.reduce(0) { max($0, $1.shown.count) }, 8)
    let columns = { (name: String, numbers: [String]) in
      name.padded(to: width) + numbers.map { $0.leading(to: 11) }.joined()
    }
    let lines = labels.indices.map { label in
      columns(
        labels[label].shown,
        [precision(of: label), recall(of: label), f1(of: label)].map { $0.text(4) } + [support(of: label).grouped])
    }
    return
      ([columns("", ["precision", "recall", "F1", "examples"])] + lines + [
        columns("accuracy", ["", "", accuracy.text(4), count.grouped]), columns("macro-F1", ["", "", macroF1.text(4)]),
      ]).joined(separator: "\n")
  }

  /// The counts: one line per class, one column per prediction. If class names as column headers would make lines
  /// longer than 100 characters, classes are numbered: each line starts with its number.
  public var table: String {
    let names = labels.map(\.shown)
    let numbers = labels.indices.map { "\($0 + 1)" }
    let numbered = zip(numbers, names).map { "\($0.leading(to: numbers.last?.count ?? 0)) \($1)" }
    let named = table(lines: names, columns: names, gap: 2)
    if named.firstLine.count <= 100 { return named }
    let wide = table(lines: numbered, columns: numbers, gap: 2)
    return wide.firstLine.count <= 100 ? wide : table(lines: numbered, columns: numbers, gap: 1)
  }

  private func table(lines: [String], columns: [String], gap: Int) -> String {
    let width = lines.reduce(0) { max($0, $1.count) }
    let widths = labels.indices.map { column in
      gap + labels.indices.reduce(columns[column].count) { max($0, count(of: $1, as: column).grouped.count) }
    }
    let line = { (name: String, cells: [String]) in
      name.padded(to: width) + zip(cells, widths).map { $0.leading(to: $1) }.joined()
    }
    let rows = labels.indices.map { label in
      line(lines[label], labels.indices.map { count(of: label, as: $0).grouped })
    }
    return ([line("", columns)] + rows).joined(separator: "\n")
  }
}

extension String {
  fileprivate var firstLine: Substring { prefix { $0 != "\n" } }
}
