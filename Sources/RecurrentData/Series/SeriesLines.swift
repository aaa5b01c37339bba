import RecurrentCore

/// Reads the rows of a series as they arrive: the values of all targets, separated by commas, after a time or without.
package struct SeriesLines {
  /// The names of the targets.
  package let targets: [String]
  private let name: String
  private var number = 0

  /// Rows of these targets.
  /// - Parameter name: What is read, for errors: `standard input`.
  package init(targets: [String], from name: String) { (self.targets, self.name) = (targets, name) }

  /// The values of a line, NaN where one is missing; nil for a heading or an empty line.
  /// - Throws: `RecurrentError.invalidData` if it has another number of fields, or one that is not a finite number.
  package mutating func values(of line: String) throws -> [Float]? {
    number += 1
    let bytes = Array(line.utf8)
    guard bytes.contains(where: { !$0.isBlankOrTab && !$0.endsLine }) else { return nil }
    let fields = bytes.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    guard fields.count == targets.count || fields.count == targets.count + 1 else {
      throw RecurrentError(
        .invalidData, "has \(fields.count) fields", at: "\(name), line \(number)",
        remedy:
          "give \(targets.count.counted("value", "values separated by commas")), after a time or without"
      )
    }
    let contents = fields.suffix(targets.count).map { NumberScanner.float(in: bytes, $0.startIndex..<$0.endIndex) }
    let isText = contents.map { if case .text = $0 { true } else { false } }
    if number == 1, isText.allSatisfy(\.self) { return nil }
    return try contents.enumerated().map { index, content in
      switch content {
      case .value(let value): return value
      case .missing: return .nan
      case .infinite, .text:
        let field = String(decoding: fields[fields.count - targets.count + index], as: UTF8.self)
        throw RecurrentError(
          .invalidData, "\(field.shown) is no finite number", at: "\(name), line \(number), \(targets[index])",
          remedy: "leave a missing value empty")
      }
    }
  }
}
