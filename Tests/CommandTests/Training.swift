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
}
