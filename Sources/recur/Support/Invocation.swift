import ArgumentParser
import RecurrentTasks

/// A call of the program: the command that it names, and the rest.
struct Invocation {
  /// This process's.
  static let current = Invocation(Array(CommandLine.arguments.dropFirst()))

  /// The arguments behind the command's name.
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

  /// What is wrong and where to read on, in one line.
  /// - Parameter message: What the parser says.
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

  /// What a word without an option's name most likely is.
  private var option: String {
    switch command {
    case is Check.Type, is Bench.Type, is Devices.Type, is DiaryDemo.Type, is AddingDemo.Type: "--device"
    default: path.contains("train") || path.contains("cross-validate") ? "--data" : "--model"
    }
  }
}

extension [String] {
  /// The names of the options that arguments give, in their order.
  var optionNames: [String] {
    compactMap { word in
      guard word.hasPrefix("--") else { return nil }
      return String(word.dropFirst(2).prefix { $0 != "=" })
    }
  }
}
