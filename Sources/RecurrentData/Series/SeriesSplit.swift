import RecurrentCore

/// The parts of series for training, validation and test, in the order of time.
///
/// As text: fractions `0.7,0.1,0.2`; numbers of steps, one of which may be what the others leave, `8640,2880,2880` or
/// `rest,48,48`; or the times at which validation and test begin, `2017-09-01,2018-01-01`.
public enum SeriesSplit: Hashable, Sendable {
  /// Fractions of the steps, which sum to at most 1.
  case fractions(Double, Double, Double)
  /// Numbers of steps; nil for what the others leave.
  case counts(Int?, Int?, Int?)
  /// The first steps of validation and test.
  case times(validation: Timestamp, test: Timestamp)

  /// The ranges of a series' steps.
  public struct Parts: Hashable, Sendable {
    /// The steps for training.
    public let training: Range<Int>
    /// The steps for validation.
    public let validation: Range<Int>
    /// The steps for the test.
    public let test: Range<Int>
  }

  /// The parts of a series.
  /// - Throws: `RecurrentError.invalidData` if it has fewer steps than the parts need, or no times.
  public func parts(of series: TimeSeries) throws -> Parts {
    let (steps, location) = (series.steps, series.id.isEmpty ? "split" : "split of series \(series.id.shown)")
    let ends: (Int, Int, Int)
    switch self {
    case .fractions(let training, let validation, let test):
      let end = { (fraction: Double) in min(steps, Int((Double(steps) * fraction).rounded())) }
      ends = (end(training), end(training + validation), end(training + validation + test))
    case .counts(let training, let validation, let test):
      let given = [training, validation, test].compactMap(\.self).saturatingSum
      guard given <= steps else {
        throw RecurrentError(
          .invalidData, "the parts have \(given.counted("step")), the series \(steps.grouped)", at: location,
          remedy: "use smaller parts, fractions, or rest for one of them")
      }
      let first = training ?? steps - given
      let second = first + (validation ?? steps - given)
      ends = (first, second, second + (test ?? steps - given))
    case .times(let validation, let test):
      guard series.start != nil else {
        throw RecurrentError(
          .invalidData, "the data has no times", at: location, remedy: "use fractions or numbers of steps")
      }
      ends = (Self.index(of: validation, in: series), Self.index(of: test, in: series), steps)
    }
    guard ends.0 > 0 else {
      throw RecurrentError(
        .invalidData, "no steps for training, of \(steps.grouped)\(series.start.map { " from \($0)" } ?? "")",
        at: location,
        remedy: "use a larger first part, or a longer series")
    }
    return Parts(training: 0..<ends.0, validation: ends.0..<ends.1, test: ends.1..<ends.2)
  }

  /// The first step at a time or later.
  private static func index(of time: Timestamp, in series: TimeSeries) -> Int {
    var (low, high) = (0, series.steps)
    while low < high {
      let middle = (low + high) / 2
      if let other = series.time(at: middle), other < time { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension SeriesSplit: LosslessStringConvertible, Codable {
  /// The split of a text; nil if it is none.
  public init?(_ description: String) {
    let fields = description.split(separator: ",", omittingEmptySubsequences: false).map {
      $0.trimming(while: \.isWhitespace)
    }
    if fields.count == 2, let validation = Timestamp(String(fields[0])), let test = Timestamp(String(fields[1])) {
      guard validation <= test else { return nil }
      self = .times(validation: validation, test: test)
      return
    }
    guard fields.count == 3 else { return nil }
    let counts = fields.map { $0 == "rest" ? nil : Int($0) }
    let isCount = zip(fields, counts).allSatisfy { $0 == "rest" || $1.map { $0 >= 0 } == true }
    if isCount, fields.count(where: { $0 == "rest" }) <= 1,
      fields.contains("rest") || counts.contains(where: { $0 ?? 0 > 1 })
    {
      self = .counts(counts[0], counts[1], counts[2])
      return
    }
    let fractions = fields.compactMap { Double($0) }
    guard fractions.count == 3, fractions.allSatisfy({ (0...1).contains($0) }), fractions[0] > 0,
      fractions.reduce(0, +) <= 1 + 1e-9
    else { return nil }
    self = .fractions(fractions[0], fractions[1], fractions[2])
  }

  /// The text.
  public var description: String {
    switch self {
    case .fractions(let training, let validation, let test): "\(training),\(validation),\(test)"
    case .counts(let training, let validation, let test):
      [training, validation, test].map { $0.map(String.init) ?? "rest" }.joined(separator: ",")
    case .times(let validation, let test): "\(validation),\(test)"
    }
  }

  /// Reads the text.
  /// - Throws: `DecodingError` if it is no split.
  public init(from decoder: any Decoder) throws {
    self = try decoder.text(of: "a split")
  }

  /// Writes the text.
  /// - Throws: Errors of the encoder.
  public func encode(to encoder: any Encoder) throws {
    try encoder.put(textOf: self)
  }
}

extension Substring {
  fileprivate func trimming(while predicate: (Character) -> Bool) -> Substring {
    var text = drop(while: predicate)
    while let last = text.last, predicate(last) { text.removeLast() }
    return text
  }
}
