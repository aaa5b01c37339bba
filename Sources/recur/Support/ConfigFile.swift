import Recurrent

/// A flat YAML file, one `name: value` a line: a command's options.
///
/// It reads what such a file needs of YAML: plain and quoted scalars, comments, `true` and `false`. A YAML library would
/// bring all of Foundation along, 45 MB of a binary that has 17.
struct ConfigFile {
  private let path: String
  /// The names and values, in the order of the file.
  private(set) var entries: [(name: String, value: String)] = []

  /// Reads a file.
  /// - Throws: `RecurrentError.invalidData`, with the line, if it holds anything but names with one value.
  init(contentsOf path: String) throws {
    self.path = path
    let lines = try Files.readText(path).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() where !Self.isEmpty(line) {
      guard let entry = Self.entry(in: line), entry.name != "config" else {
        throw RecurrentError(
          .invalidData, "\"\(line.prefix(40))\" is no option with one value", at: "\(path), line \(index + 1)",
          remedy: "write one \"name: value\" a line, names as --help lists them")
      }
      guard !entries.contains(where: { $0.name == entry.name }) else {
        throw RecurrentError(
          .invalidData, "\(entry.name) is there twice", at: "\(path), line \(index + 1)", remedy: "keep one of them")
      }
      entries.append(entry)
    }
  }

  /// The options as arguments, without those that `isLeftOut` names: `true` sets a flag, `false` leaves it.
  func arguments(without isLeftOut: (String) -> Bool) -> [String] {
    entries.filter { !isLeftOut($0.name) }.flatMap { name, value -> [String] in
      switch value {
      case "true": ["--\(name)"]
      case "false": []
      default: ["--\(name)=\(value)"]
      }
    }
  }

  private static func isEmpty(_ line: Substring) -> Bool {
    let first = line.first { !$0.isWhitespace }
    return first == nil || first == "#" || line == "---" || line == "..."
  }

  private static func entry(in line: Substring) -> (name: String, value: String)? {
    guard let colon = line.firstIndex(of: ":") else { return nil }
    let name = line[..<colon]
    let isName = name.allSatisfy { $0.isLetter || $0 == "-" } && name.first?.isLetter == true
    let rest = line[line.index(after: colon)...].drop(while: \.isWhitespace)
    guard isName, let first = rest.first, let value = scalar(rest, first) else { return nil }
    return (String(name), value)
  }

  /// A scalar without its quotes or the comment behind it; nil for lists, blocks, anchors and what else YAML has.
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
