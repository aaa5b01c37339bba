import ArgumentParser

/// `recur demo`
struct Demo: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train on made-up data, and measure what was learnt.",
    discussion: "recur demo alone is recur demo diary, whose options it takes.",
    subcommands: [DiaryDemo.self, AddingDemo.self], defaultSubcommand: DiaryDemo.self)
}
