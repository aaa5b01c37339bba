import RecurrentCore
import RecurrentModel

/// A flat YAML text, one `name: value` per line.
///
/// It reads what options need of YAML: plain and quoted scalars, and comments. A YAML library would bring all of Foundation
/// along, 45 MB of a binary that has 17.
package struct FlatYAML {
  /// A line of the text.
  package struct Entry: Hashable, Sendable {
    /// The name, with hyphens in place of underscores.
    package let name: String
    /// The value, without quotes.
    package let value: String
    /// The file and the line, for errors.
    package let location: String
  }

  /// The entries, in the order of the text.
  package private(set) var entries: [Entry] = []

  /// Reads a text.
  /// - Parameter path: The source, for errors.
  /// - Throws: `RecurrentError.invalidData`, with the line, if it holds anything but names with one value, each once.
  package init(_ text: String, from path: String) throws {
    var names: Set<String> = []
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() where !Self.isEmpty(line) {
      let location = "\(path), line \(index + 1)"
      guard let (name, value) = Self.entry(in: line) else {
        throw RecurrentError(
          .invalidData, "\"\(line.shown)\" is not a \"name: value\" pair", at: location,
          remedy: "write one \"name: value\" per line, with the names of the command's options")
      }
      guard names.insert(name).inserted else {
        throw RecurrentError(.invalidData, "\(name.shown) is repeated", at: location, remedy: "keep one of them")
      }
      entries.append(Entry(name: name, value: value, location: location))
    }
  }

  private static func isEmpty(_ line: Substring) -> Bool {
    let first = line.first { !$0.isWhitespace }
    return first == nil || first == "#" || line == "---" || line == "..."
  }

  private static func entry(in line: Substring) -> (name: String, value: String)? {
    guard let colon = line.firstIndex(of: ":") else { return nil }
    let name = line[..<colon]
    let isName = name.allSatisfy { $0.isLetter || "-_".contains($0) } && name.first?.isLetter == true
    let rest = line[line.index(after: colon)...].drop(while: \.isWhitespace)
    guard isName, let first = rest.first, let value = scalar(rest, first) else { return nil }
    return (String(name.map { $0 == "_" ? "-" : $0 }), value)
  }

  /// A scalar without its quotes and the comment after it; nil for lists, blocks, anchors and other parts of YAML.
  private static func scalar(_ text: Substring, _ first: Character) -> String? {
    if first == "\"" || first == "'" {
      let body = text.dropFirst()
      guard let end = body.firstIndex(of: first), isEmpty(body[body.index(after: end)...]) else { return nil }
      return String(body[..<end])
    }
    guard !"[]{}|>&*!%@`#,?".contains(first) else { return nil }
    var value = ""
    for character in text {
      if character == "#", value.last?.isWhitespace == true { break }
      value.append(character)
    }
    while value.last?.isWhitespace == true { value.removeLast() }
    return value.contains(": ") ? nil : value
  }
}
