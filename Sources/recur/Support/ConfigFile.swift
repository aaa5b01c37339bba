import Recurrent
import RecurrentCore

/// A command's options in a flat YAML file.
struct ConfigFile {
  /// The options, in the order of the file.
  let entries: [FlatYAML.Entry]

  /// Reads a file.
  /// - Throws: `RecurrentError.invalidData`, with the line, if it holds anything but names with one value.
  init(contentsOf path: String) throws {
    entries = try FlatYAML(Files.readText(path, limit: .settings), from: path).entries
    if let nested = entries.first(where: { $0.name == "config" }) {
      throw RecurrentError(
        .invalidData, "a file of options names no other", at: nested.place, remedy: "write its options here")
    }
  }
}

extension FlatYAML.Entry {
  /// As the command line has it: `true` sets a flag, `false` leaves it.
  var arguments: [String] {
    switch value {
    case "true": ["--\(name)"]
    case "false": []
    default: ["--\(name)=\(value)"]
    }
  }
}
