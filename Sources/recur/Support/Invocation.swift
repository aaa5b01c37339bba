import ArgumentParser
import Recurrent
import RecurrentTasks

/// A call of the program: the command, and its arguments.
struct Invocation {
  /// The call of this process.
  static let current = Invocation(Array(CommandLine.arguments.dropFirst()))

  /// The arguments after the name of the command.
  let words: [String]
  private var command: any ParsableCommand.Type = Recur.self
  private var path = ["recur"]

  /// - Parameter arguments: All but the program's name.
  init(_ arguments: [String]) {
    var rest = arguments[...]
    while let next = command.configuration.subcommands.first(where: { $0._commandName == rest.first }) {
      command = next
      path.append(rest.removeFirst())
    }
    words = Array(rest)
  }

  /// The first argument, if it is neither a command nor an option.
  private var stray: String? { words.first.flatMap { $0.hasPrefix("-") ? nil : $0 } }

  /// - Throws: `RecurrentError.invalidArgument` if this is `recur help` of a command that does not exist, of which the parser
  ///   would show the help of the commands beside it.
  func requireHelpExists() throws {
    guard stray == "help" else { return }
    let topic = Invocation(Array(words.dropFirst()))
    guard let stray = topic.stray, stray != "help" else { return }
    throw RecurrentError(
      .invalidArgument, "unknown command \((topic.path + [stray]).joined(separator: " "))", remedy: "see \(topic.help)")
  }

  /// The command that shows the help.
  private var help: String { (["recur", "help"] + path.dropFirst()).joined(separator: " ") }

  /// An error with a reference to the help, in one line.
  /// - Parameter message: The message of the parser.
  func line(_ message: String) -> String {
    let isGroup = !command.configuration.subcommands.isEmpty
    let what =
      switch stray {
      case let stray? where isGroup: "unknown command \((path + [stray]).joined(separator: " "))"
      case let stray?: "\(stray) is not an option; use \(option) \(stray.shellQuoted)"
      case nil: OtherNames.message(message, names: OptionValues.names(of: command)).withoutParserPrefix
      }
    return "\(what)\(what.hasSuffix("?") ? " See" : "; see") \(help)"
  }

  /// The option that a stray argument most likely belongs to.
  private var option: String {
    switch command {
    case is Check.Type, is Bench.Type, is Devices.Type, is DiaryDemo.Type, is AddingDemo.Type: "--device"
    default: path.contains("train") || path.contains("cross-validate") ? "--data" : "--model"
    }
  }
}

/// Runs a body whose errors name an argument of the library, which is an option here.
/// - Throws: Errors of the body, with `option` for the location `name`.
func renaming<Result>(_ name: String, _ option: String, _ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as RecurrentError where error.location == name {
    throw RecurrentError(error.kind, error.what, at: option, remedy: error.remedy)
  }
}

extension [String] {
  /// The names of the options in the arguments, in order.
  var optionNames: [String] {
    compactMap { word in
      guard word.hasPrefix("--") else { return nil }
      return String(word.dropFirst(2).prefix { $0 != "=" })
    }
  }
}
