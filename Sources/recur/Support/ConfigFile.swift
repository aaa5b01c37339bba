import ArgumentParser
import Recurrent
import RecurrentCore
import RecurrentTasks

/// A command's options in a flat YAML file.
struct ConfigFile {
  /// The options, in the order of the file.
  private let entries: [FlatYAML.Entry]

  /// Reads a file.
  /// - Throws: `RecurrentError.invalidData`, with the line, if it holds anything but names with one value.
  init(contentsOf path: String) throws {
    entries = try FlatYAML(Files.readText(path, limit: .settings), from: path).entries
    if let nested = entries.first(where: { $0.name == "config" }) {
      throw RecurrentError(
        .invalidData, "a file of options cannot include another", at: nested.location,
        remedy: "write the options in this file")
    }
  }

  /// Runs a command with the file's options and those of the command line, which override them.
  /// - Parameters:
  ///   - words: The arguments on the command line.
  ///   - body: Gets the command, and the arguments that it was parsed from.
  /// - Throws: Errors of the body; for an invalid option of the file, with its line.
  func run<Command: ParsableCommand>(
    _: Command.Type, _ words: [String], body: (Command, [String]) throws -> Void
  ) throws {
    let typed = Set(words.optionNames)
    // The two ways to validate exclude each other: the command line's wins.
    let validates = !typed.isDisjoint(with: ["validation", "validation-fraction"])
    let entries = entries.filter { !(validates && $0.name.hasPrefix("validation")) }
    for entry in entries { try check(entry, Command.self) }
    let arguments = entries.flatMap { $0.arguments(of: Command.self) } + words
    do {
      try body(Command.parse(arguments), arguments)
    } catch let error as RecurrentError where error.kind == .invalidArgument {
      guard let entry = entries.first(where: { "--" + $0.name == error.location }), !typed.contains(entry.name) else {
        throw error
      }
      throw RecurrentError(error.kind, "\(entry.name): \(error.what)", at: entry.location, remedy: error.remedy)
    }
  }

  /// - Throws: `RecurrentError.invalidArgument` if a line of the file is no option, or not a value of its option.
  private func check(_ entry: FlatYAML.Entry, _ command: (some ParsableCommand).Type) throws {
    do {
      // An option that takes a value cannot be false.
      _ = try command.parse(entry.value == "false" ? ["--\(entry.name)"] : entry.arguments(of: command))
    } catch {
      throw RecurrentError(
        .invalidArgument, Invocation.current.line(command.message(for: error)), at: entry.location)
    }
  }
}

extension FlatYAML.Entry {
  /// The arguments of an entry: `true` sets a flag; `false` omits it, or negates it if it has a negation.
  fileprivate func arguments(of command: (some ParsableCommand).Type) -> [String] {
    switch value {
    case "true": ["--\(name)"]
    case "false": (try? command.parse(["--no-\(name)"])) == nil ? [] : ["--no-\(name)"]
    default: ["--\(name)=\(value)"]
    }
  }
}
