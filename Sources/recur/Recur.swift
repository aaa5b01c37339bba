import ArgumentParser
import RecurrentCore

@main
struct Recur: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recur", abstract: "Train and run recurrent neural networks.", version: recurVersion)
}
