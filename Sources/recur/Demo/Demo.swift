import ArgumentParser

/// `recur demo`
struct Demo: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train on generated data, and measure the result.",
    discussion: "recur demo is short for recur demo diary.",
    subcommands: [DiaryDemo.self, AddingDemo.self, TranslateDemo.self], defaultSubcommand: DiaryDemo.self)
}
