import Foundation

@testable import recur

/// A text, and options of a model that is trained on it in a moment.
enum Training {
  static let text = DiaryGrammar().generate(seed: 5, lines: 150)
  static let options = [
    "--data", "text.txt", "--hidden", "12", "--layers", "2", "--dropout", "0.2", "--batch", "6",
    "--sequence", "20", "--seed", "3",
  ]

  /// `train text` with these options and more.
  static func arguments(_ model: String, _ more: String...) -> [String] {
    ["train", "text", "--model", model] + options + more
  }

  /// A command in whose folder the text lies.
  static func command() throws -> Command {
    let command = try Command()
    try command.write(text, to: "text.txt")
    return command
  }

  /// A command in whose folder a model lies, too.
  static func trained() throws -> Command {
    let command = try command()
    _ = try command.wait(for: command.start(arguments("model", "--epochs", "1")))
    return command
  }

  /// The lines of a history, without what depends on the clock.
  static func history(_ command: Command, _ model: String) throws -> [String] {
    try command.text(model + "/training/history.jsonl").split(separator: "\n").map { line in
      line.split(separator: ",").filter { !$0.contains("second") }.joined(separator: ",")
    }
  }

  /// A whole number of a line of a history.
  static func number(_ line: String, _ key: String) -> Int {
    let rest = line.split(separator: "\"\(key)\":", maxSplits: 1).last ?? ""
    return Int(rest.prefix { $0.isNumber }) ?? -1
  }
}
