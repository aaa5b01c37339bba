import RecurrentCore

extension BytePairEncoding {
  static let version = "#version: 0.2"

  /// The text of a file of merges: the version, and the two symbols of a merge per line.
  public var text: String {
    merges.reduce(into: Self.version + "\n") { $0 += "\($1.first) \($1.second)\n" }
  }

  /// Reads a file of merges.
  /// - Throws: `RecurrentError.invalidData` as `init(_:from:)`, or if the file cannot be read.
  public init(contentsOf path: String) throws {
    try self.init(Files.readText(path, limit: .list), from: path)
  }

  /// Writes a file of merges.
  /// - Throws: `RecurrentError.invalidData` if it cannot be written.
  public func write(to path: String) throws { try Files.replace(path, with: Array(text.utf8)) }

  /// Parses the text of a file of merges.
  /// - Parameters:
  ///   - text: The text.
  ///   - location: The source of the text, for errors.
  /// - Throws: `RecurrentError.invalidData` with file and line: if the first line is not `#version: 0.2`, or another line is
  ///   not two symbols and a space.
  public init(_ text: String, from location: String = "merges") throws {
    var merges: [Merge] = []
    var blank: Int?
    for line in TextLines(text) {
      let words = line.bytes.split(separator: .blank)
      if line.number == 1 {
        try Self.requireVersion(String(decoding: line.bytes, as: UTF8.self), at: "\(location), line 1")
      } else if words.isEmpty {
        // Empty lines are only at the end.
        blank = blank ?? line.number
      } else {
        guard words.count == 2, blank == nil else {
          let what = blank == nil ? "has \(words.count) symbol\(words.count == 1 ? "" : "s")" : "is empty"
          throw RecurrentError(
            .invalidData, "\(what), not two with a space between them", at: "\(location), line \(blank ?? line.number)",
            remedy: "use a file that subword-nmt or Recur wrote")
        }
        merges.append(
          Merge(first: String(decoding: words[0], as: UTF8.self), second: String(decoding: words[1], as: UTF8.self)))
      }
    }
    guard !merges.isEmpty else {
      throw RecurrentError(.invalidData, "contains no merges", at: location, remedy: "learn them from a longer text")
    }
    self.init(merges: merges)
  }

  private static func requireVersion(_ line: String, at location: String) throws {
    let fields = line.split(separator: " ")
    guard fields.joined(separator: " ") != version else { return }
    let what =
      fields.first == "#version:"
      ? "has version \(fields.dropFirst().joined(separator: " ").shown), not 0.2" : "is not \(version)"
    throw RecurrentError(
      .invalidData, what, at: location,
      remedy: "use merges of subword-nmt 0.2 or later, which begin with that line")
  }
}
