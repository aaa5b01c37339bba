import ArgumentParser
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

  /// An error with a reference to the help, in one line.
  /// - Parameter message: The message of the parser.
  func line(_ message: String) -> String {
    let isGroup = !command.configuration.subcommands.isEmpty
    // The first word that is neither a command nor an option.
    let stray = words.first.flatMap { $0.hasPrefix("-") ? nil : $0 }
    let what =
      switch stray {
      case let stray? where isGroup: "unknown command \((path + [stray]).joined(separator: " "))"
      case let stray?: "\(stray) is not an option; use \(option) \(stray.shellQuoted)"
      case nil: message.withoutParserPrefix
      }
    return
      "\(what)\(what.hasSuffix("?") ? " See" : "; see") \((["recur", "help"] + path.dropFirst()).joined(separator: " "))"
  }

  /// The option that a stray argument most likely belongs to.
  private var option: String {
    switch command {
    case is Check.Type, is Bench.Type, is Devices.Type, is DiaryDemo.Type, is AddingDemo.Type: "--device"
    default: path.contains("train") || path.contains("cross-validate") ? "--data" : "--model"
    }
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
